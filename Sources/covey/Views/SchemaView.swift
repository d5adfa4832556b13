import Bytes

/// The fields of a set as a tree with types, fill rates and samples.
package enum SchemaView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let profile = document.list("profile")
    let event = document.list("event")
    var lines = ["set \(document.shown("set")): \(document.counted("profiles", "profile"))"]
    lines += profile.isEmpty ? ["  no attributes"] : tree(profile, context)
    lines += ["", "events (xEvent): \(document.count("events"))"]
    lines += event.isEmpty ? ["  no events"] : tree(event, context)
    return lines
  }

  private static func tree(_ fields: [Document], _ context: ViewContext) -> [String] {
    var table = Table([.text("FIELD"), .text("TYPE"), .number("FILLED"), .elastic("SAMPLES")])
    let depths = fields.map { $0.number("depth") ?? 0 }
    for (index, field) in fields.enumerated() {
      let path = field.shown("path")
      let parent = fields[..<index].last { ($0.number("depth") ?? 0) == depths[index] - 1 }
      let name = label(path, below: depths[index] > 0 ? parent?.text("path") : nil)
      table.add([
        Table.Cell(branches(depths, at: index, context.style) + name),
        Table.Cell(
          field.shown("type"),
          field.text("type") == "variant" ? .warning : nil
        ),
        Table.Cell(field.share("fillRate").map { Human.percentage($0) } ?? Human.unknown),
        Table.Cell(samples(field), .quiet),
      ])
    }
    return table.lines(context.style)
  }

  /// What a field is called inside its parent: `a.b[]` inside `a.b` is `[]`.
  private static func label(_ path: String, below parent: String?) -> String {
    guard let parent, path.utf8.starts(with: parent.utf8) else { return path }
    let rest = path.dropFirst(parent.count)
    return rest.first == "." ? String(rest.dropFirst()) : String(rest)
  }

  /// What stands in front of a field: the lines of the tree on a terminal, else blanks.
  private static func branches(_ depths: [Int], at index: Int, _ style: Style) -> String {
    let depth = depths[index]
    guard depth > 0 else { return "" }
    guard style.isTerminal else { return String(repeating: "  ", count: depth) }
    var text = ""
    for level in 1...depth {
      let continues = continues(depths, after: index, level: level)
      text += level == depth ? (continues ? "├─ " : "└─ ") : (continues ? "│  " : "   ")
    }
    return text
  }

  /// Whether a later field stands at a level before the tree leaves it.
  private static func continues(_ depths: [Int], after index: Int, level: Int) -> Bool {
    for depth in depths[(index + 1)...] {
      if depth == level { return true }
      if depth < level { return false }
    }
    return false
  }

  private static func samples(_ field: Document) -> String {
    field.texts("samples").joined(separator: ", ")
  }
}
