import Bytes
import Domain

/// One profile: attributes, events, memberships; and why it is in a segment or not.
package enum ProfileView {
  package static func lines(
    _ document: Document,
    eventCountMax: Int,
    _ context: ViewContext
  ) -> [String] {
    var lines = ["profile \(document.shown("key")) of set \(document.shown("set"))"]
    lines += ["", "ATTRIBUTES"] + attributes(document, context)
    let events = document.value["events"]?.elements ?? []
    lines += ["", "EVENTS \(Human.count(events.count))"]
    lines += self.events(events, countMax: eventCountMax, context)
    return lines + ["", "MEMBERSHIPS"] + memberships(document, context)
  }

  private static func attributes(_ document: Document, _ context: ViewContext) -> [String] {
    var table = Table([.text("FIELD"), .elastic("VALUE")])
    guard let attributes = document.value["attributes"] else { return ["  none"] }
    for (path, value) in Leaves.of(attributes) {
      table.add([Table.Cell(path), Table.Cell(value)])
    }
    return table.isEmpty ? ["  none"] : Array(table.lines(context.style).dropFirst())
  }

  /// The newest events, those of a long history left out from its beginning.
  private static func events(
    _ events: [Value],
    countMax: Int,
    _ context: ViewContext
  ) -> [String] {
    guard !events.isEmpty else { return ["  none"] }
    let shown = events.suffix(countMax)
    var table = Table([.text("TIMESTAMP"), .text("TYPE"), .elastic("FIELDS")])
    for event in shown {
      let fields = Leaves.of(event).filter { $0.path != "timestamp" && $0.path != "eventType" }
      table.add([
        Table.Cell(Document(event).text("timestamp") ?? Human.unknown),
        Table.Cell(Document(event).text("eventType") ?? ""),
        Table.Cell(fields.map { "\($0.path)=\($0.value)" }.joined(separator: " ")),
      ])
    }
    let hidden = events.count - shown.count
    let note = hidden > 0 ? ["  \(Human.count(hidden)) earlier ones; '--events N' shows more"] : []
    return note + table.lines(context.style)
  }

  private static func memberships(_ document: Document, _ context: ViewContext) -> [String] {
    guard case .object(let segments)? = document.value["memberships"]?["ups"],
      !segments.isEmpty
    else { return ["  none"] }
    var table = Table([.text("SEGMENT"), .text("STATUS"), .text("SINCE"), .number("VERSION")])
    for field in segments.fields {
      let membership = Document(field.value)
      table.add([
        Table.Cell(PlainText.line(field.name.string)), .state(membership.shown("status")),
        Table.Cell(membership.shown("lastQualificationTime")),
        Table.Cell(membership.shown("version")),
      ])
    }
    return table.lines(context.style)
  }

  /// Until when an answer stays if nothing but time goes on.
  private static func nextChange(_ change: Document) -> String {
    if let instant = change.text("at") {
      let verb = change.flag("isMember") == true ? "enters" : "leaves"
      return "until \(instant) if nothing happens, then it \(verb)"
    }
    if let instant = change.text("notBefore") {
      return "until \(instant) at least if nothing happens"
    }
    return "for ever if nothing happens"
  }

  /// Why a profile is in or out: the verdict, until when, then the rule with the value of each part.
  package static func explanation(_ document: Document, _ context: ViewContext) -> [String] {
    let isMember = document.flag("isMember")
    let verdict: String =
      switch isMember {
      case true: "is " + context.style.painted("IN", .good)
      case false: "is " + context.style.painted("NOT IN", .bad)
      default: "may be in"
      }
    var lines = [
      "\(document.shown("profile")) \(verdict) \(document.shown("segment"))"
        + " as of \(document.shown("asOf"))"
    ]
    if let change = document.part("nextChange") { lines.append(nextChange(change)) }
    lines.append("")
    lines += (document.value["lines"]?.elements ?? []).compactMap { line in
      line.text.map { "  " + PlainText.line($0.string) }
    }
    if let membership = document.part("membership") {
      lines += [
        "",
        "stored: \(membership.shown("status")) since \(membership.shown("lastQualificationTime"))",
      ]
    } else {
      lines += ["", "stored: nothing, no run has had it in this audience"]
    }
    return lines
  }
}

/// The values at the ends of a tree with their paths.
enum Leaves {
  private static let valueByteCountMax = 200

  static func of(_ value: Value) -> [(path: String, value: String)] {
    var leaves: [(String, String)] = []
    append(value, "", &leaves)
    return leaves
  }

  private static func append(_ value: Value, _ path: String, _ leaves: inout [(String, String)]) {
    if case .object(let object) = value, !object.isEmpty {
      for field in object.fields {
        let name = PlainText.line(field.name.string)
        append(field.value, path.isEmpty ? name : "\(path).\(name)", &leaves)
      }
      return
    }
    guard !path.isEmpty else { return }
    let bytes = value.text.map { Array($0.utf8) } ?? value.json()
    leaves.append((path, Printable.text(bytes, byteCountMax: valueByteCountMax).string))
  }
}
