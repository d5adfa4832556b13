import Bytes
import Domain

/// Segment definitions: listed, shown, and what applying them changes.
package enum SegmentsView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let segments = document.list("segments")
    guard !segments.isEmpty else {
      return ["no segment is defined yet"]
        + NextSteps.lines(["covey segments apply FILES"], context.style)
    }
    var table = Table([
      .text("SEGMENT"), .text("NAME"), .text("SET"), .number("VERSION"), .text("USES"),
      .elastic("EXPRESSION"),
    ])
    for segment in segments {
      table.add([
        Table.Cell(segment.shown("id")), Table.Cell(segment.shown("name")),
        Table.Cell(segment.text("set") ?? "any"), Table.Cell(segment.shown("version")),
        Table.Cell(segment.texts("references").joined(separator: ", ")),
        Table.Cell(oneLine(segment)),
      ])
    }
    return table.lines(context.style)
  }

  /// A page of facts, then the rule as it was written.
  package static func page(_ segment: Document, _ context: ViewContext) -> [String] {
    var lines = ["\(segment.shown("name"))  (\(segment.shown("id")))"]
    if let description = segment.text("description") { lines.append(description) }
    lines.append(
      "version \(segment.shown("version")), for "
        + (segment.text("set").map { "set \($0)" } ?? "every set")
    )
    let references = segment.texts("references")
    if !references.isEmpty { lines.append("uses \(references.joined(separator: ", "))") }
    lines.append("")
    let rule = segment.value["expression"]?.text?.string ?? Human.unknown
    lines += rule.split(separator: "\n", omittingEmptySubsequences: false).map {
      "  " + PlainText.line(String($0))
    }
    return lines
  }

  package static func changes(_ document: Document, _ context: ViewContext) -> [String] {
    let isDryRun = document.flag("isDryRun") == true
    var lines: [String] = []
    for change in document.list("changes") where change.text("change") != "unchanged" {
      let (mark, tone): (String, Style.Tone) =
        switch change.text("change") {
        case "added": ("+", .good)
        case "removed": ("-", .bad)
        default: ("~", .warning)
        }
      lines.append(context.style.painted("\(mark) \(change.shown("id"))", tone))
    }
    let counts = ["added", "changed", "removed", "unchanged"]
      .map { "\(document.count(Text($0))) \($0)" }.joined(separator: ", ")
    return lines + [counts + (isDryRun ? "; nothing was changed, this was a dry run" : "")]
  }

  private static func oneLine(_ segment: Document) -> String {
    let rule = segment.value["expression"]?.text?.string ?? Human.unknown
    let words = rule.split { $0 == " " || $0 == "\n" || $0 == "\r\n" || $0 == "\t" }
    return PlainText.line(words.joined(separator: " "))
  }
}
