import Bytes
import Domain

/// Groups of a feature's values as insights name them.
enum ValueGroupText {
  /// `missing`, `others`, a category's name, or a range as `≤ 12`, `12 – 40`, `> 40`.
  static func text(_ group: Document) -> String {
    if group.flag("missing") == true { return "missing" }
    if group.flag("others") == true { return "others" }
    if let category = group.text("category") { return category.isEmpty ? "(empty)" : category }
    switch (group.share("above"), group.share("upTo")) {
    case (nil, nil): return "any"
    case (nil, let upTo?): return "≤ \(number(upTo))"
    case (let above?, nil): return "> \(number(above))"
    case (let above?, let upTo?): return "\(number(above)) – \(number(upTo))"
    }
  }

  /// A number with about four digits that matter.
  static func number(_ number: Double) -> String {
    let size = abs(number)
    if number == number.rounded(), size < 1e15 { return Human.count(Int(number)) }
    guard size >= 0.001, size < 1e9 else { return "\(number)" }
    if size >= 1_000 { return Human.count(Int(number.rounded())) }
    var text = Human.decimal(number, digits: size >= 100 ? 1 : size >= 1 ? 2 : 4)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
