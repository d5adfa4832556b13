import Bytes
package import Intake

/// What an import came to, and which rows were left out.
package enum ImportView {
  package static func lines(
    _ document: Document,
    elapsedMilliseconds: Int,
    fileByteCount: Int
  ) -> [String] {
    let rows = (document.number("attributeRows") ?? 0) + (document.number("eventRows") ?? 0)
    if document.flag("isRepeated") == true {
      return [
        "imported before as \(document.shown("job")): nothing was stored twice",
        total(document),
      ]
    }
    let seconds = Double(max(1, elapsedMilliseconds)) / 1_000
    return [
      "imported \(document.counted("attributeRows", "profile row")) and "
        + "\(document.counted("eventRows", "event row")) into \(document.shown("set")), "
        + "\(document.count("rejected")) rejected",
      total(document),
      "took \(DurationText.elapsed(milliseconds: elapsedMilliseconds)): "
        + "\(Human.count(Int(Double(rows) / seconds))) rows/s, "
        + "\(Human.size(bytes: Int(Double(fileByteCount) / seconds)))/s",
      "import id \(document.shown("importId"))",
    ]
  }

  private static func total(_ document: Document) -> String {
    "\(document.shown("set")) holds \(document.counted("profiles", "profile")) and "
      + "\(document.counted("events", "event"))"
  }

  /// The rejects by reason, then the first of them with file and line.
  package static func rejects(_ report: RejectReport) -> [String] {
    guard report.count > 0 else { return [] }
    let reasons = report.counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
    var table = Table([.number("ROWS"), .text("REASON")])
    for (reason, count) in reasons {
      table.add([Table.Cell(Human.count(Int(clamping: count))), Table.Cell(reason.rawValue)])
    }
    var lines = ["rejected \(Human.counted(Int(clamping: report.count), "row")):"]
    lines += table.lines(.plain).dropFirst().map { "  " + $0 }
    lines += report.listed.map { PlainText.line($0.description) }
    let unlisted = report.count - UInt64(report.listed.count)
    if unlisted > 0, !report.listed.isEmpty {
      lines.append(
        "and \(Human.count(Int(clamping: unlisted))) more; '--list-rejects N' lists more of them"
      )
    }
    return lines
  }
}
