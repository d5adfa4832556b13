import Bytes

/// Numbers as people read them.
package enum Human {
  /// Stands for what is not known; never 0.
  package static let unknown = "?"

  /// Stands for what the data does not have.
  package static let missing = "–"

  /// A count with its thousands apart: `1,234,567`.
  package static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A count that a document has as a number.
  package static func count(_ number: Double) -> String {
    Int(exactly: number.rounded()).map { count($0) } ?? unknown
  }

  /// A count of bytes in the largest unit that leaves at least 1: `512 B`, `4.1 MB`, `412 MB`.
  package static func size(bytes: Int) -> String {
    var size = Double(max(0, bytes))
    guard size >= 1_000 else { return "\(max(0, bytes)) B" }
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    var unit = -1
    while size >= 999.5, unit + 1 < units.count {
      size /= 1_000
      unit += 1
    }
    return (size < 9.95 ? tenths(size) : "\(Int(size.rounded()))") + " " + units[unit]
  }

  /// A share of a whole as `12.3%`; a whole of nothing has no share.
  package static func percentage(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return missing }
    return percentage(Double(part) / Double(whole))
  }

  /// A share in 0…1; what is not quite nothing or everything does not look like it.
  package static func percentage(_ share: Double) -> String {
    if share > 0, share < 0.000_5 { return "<0.1%" }
    if share < 1, share > 0.999_5 { return ">99.9%" }
    return tenths(share * 100) + "%"
  }

  /// A number with one digit behind the point.
  package static func tenths(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return unknown }
    let scaled = Int((abs(number) * 10).rounded())
    return "\(number < 0 && scaled > 0 ? "-" : "")\(scaled / 10).\(scaled % 10)"
  }

  /// A number with so many digits behind the point.
  package static func decimal(_ number: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    guard number.isFinite, abs(number) * scale < 1e15 else { return unknown }
    let scaled = Int((abs(number) * scale).rounded())
    let whole = Int(scale)
    let fraction = String(scaled % whole + whole).dropFirst()
    return "\(number < 0 && scaled > 0 ? "-" : "")\(scaled / whole)"
      + (digits > 0 ? ".\(fraction)" : "")
  }

  /// `1 profile`, `2 profiles`.
  package static func counted(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }
}
