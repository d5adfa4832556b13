import Bytes
import Cluster
import Domain
import Runtime

extension Command {
  private static let listedCountMax = 1_000_000

  static let audiencesMembers = Command(
    "audiences members",
    "List members of an audience, in the order of their keys",
    operands: audienceOperands,
    options: [
      .value("limit", "N", "Rows to list; 20 unless given."),
      .value("after", "KEY", "Begin behind a key."),
      .several("fields", "PATH", "Attributes to show, with dots and with commas between."),
      .value(
        "status",
        "STATUS",
        "realized, exited or all; realized unless given.",
        suggestion: .words(StatusChoice.allCases.map(\.rawValue))
      ),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey audiences members shop big-spenders --limit 5", "The first five."),
      Example("covey audiences members shop lapsed --fields email --after 00042", "Further on."),
    ]
  ) { arguments, terminal in
    let (set, segment) = (try arguments.set(), try arguments.segment())
    let limit = try arguments.integer("limit", in: 1...listedCountMax) ?? 20
    let statuses = try arguments.choice("status", of: StatusChoice.self) ?? .realized
    let fields = try arguments.fields()
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let query = PageQuery(
      audience: segment,
      statuses: statuses.statuses,
      after: arguments.value("after").map { ProfileKey(Text($0)) },
      rowCountMax: UInt32(min(limit + 1, Int(MemberStream.pageRowCount))),
      fields: fields.isEmpty ? nil : fields
    )
    var rows = try MemberRows.read(access.connect(), set: set, query, countMax: limit + 1)
    let isCut = rows.count > limit
    if isCut { rows.removeLast() }
    var document: [(Text, Value)] = [
      ("set", .string(set.text)), ("segment", .string(segment.text)),
      ("members", .array(rows.map(MemberRows.document))),
    ]
    if isCut, let last = rows.last { document.append(("next", .string(last.key.text))) }
    try terminal.show(.object(document), asJSON: arguments.has("json")) { _, context in
      MemberRows.lines(rows, fields: fields, context)
    }
    if isCut, !arguments.has("json"), let last = rows.last {
      terminal.message("NEXT --after \(PlainText.line(last.key.text.string))")
    }
    return .success
  }

  static let audiencesDiff = Command(
    "audiences diff",
    "List who came into an audience and who left it with its last run",
    operands: audienceOperands,
    options: [
      .value("limit", "N", "Rows of each kind to list; 20 unless given."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [Example("covey audiences diff shop big-spenders", "Since the run before.")]
  ) { arguments, terminal in
    let (set, segment) = (try arguments.set(), try arguments.segment())
    let limit = try arguments.integer("limit", in: 1...listedCountMax) ?? 20
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    let audience = Document(try client.document(.audience(set: set, segment)))
    func changed(_ status: MembershipStatus) throws -> [PageRow] {
      let query = PageQuery(
        audience: segment,
        statuses: [status],
        isChangedOnly: true,
        rowCountMax: UInt32(min(limit, Int(MemberStream.pageRowCount)))
      )
      return try MemberRows.read(client, set: set, query, countMax: limit)
    }
    let (realized, exited) = (try changed(.realized), try changed(.exited))
    let document: [(Text, Value?)] = [
      ("set", .string(set.text)), ("segment", .string(segment.text)),
      ("job", audience.value["job"]), ("asOf", audience.value["asOf"]),
      ("realizedCount", audience.value["realized"]), ("exitedCount", audience.value["exited"]),
      ("realized", .array(realized.map(MemberRows.document))),
      ("exited", .array(exited.map(MemberRows.document))),
    ]
    let known = document.compactMap { name, value in value.map { (name, $0) } }
    try terminal.show(.object(known), asJSON: arguments.has("json")) { _, context in
      MemberRows.changes(audience, realized, exited, context)
    }
    return .success
  }

  static let profileShow = Command.listing(
    "profile show",
    "Show a profile's attributes, events and memberships",
    operands: [.one("SET", "The set."), .one("PROFILE", "The profile's key.")],
    options: [.value("events", "N", "Newest events to show; 20 unless given.")],
    examples: [Example("covey profile show shop 00042", "One customer.")],
    request: { arguments in
      .profile(set: try arguments.set(), ProfileKey(Text(arguments.operand(1) ?? "")))
    },
    view: { document, arguments, context in
      let count = try arguments.integer("events", in: 0...listedCountMax) ?? 20
      return ProfileView.lines(document, eventCountMax: count, context)
    }
  )
}

/// Rows of an audience for listings.
enum MemberRows {
  /// The first rows that answer a query, at most `countMax`.
  static func read(
    _ client: ClusterClient,
    set: Name,
    _ query: PageQuery,
    countMax: Int
  ) throws -> [PageRow] {
    var stream = MemberStream(client, set: set, query: query)
    var rows: [PageRow] = []
    while rows.count < countMax, let page = try stream.next() { rows += page }
    return Array(rows.prefix(countMax))
  }

  static func document(_ row: PageRow) -> Value {
    var members: [(Text, Value)] = [("key", .string(row.key.text))]
    if let status = row.status { members.append(("status", .string(word(status)))) }
    if let time = row.lastQualification {
      members.append(("lastQualificationTime", .string(time.iso)))
    }
    if !row.fields.isEmpty { members.append(("fields", .object(row.fields))) }
    return .object(members)
  }

  static func lines(_ rows: [PageRow], fields: [Text], _ context: ViewContext) -> [String] {
    guard !rows.isEmpty else { return ["no members"] }
    var table = Table(
      [.text("PROFILE"), .text("STATUS"), .text("SINCE")]
        + fields.map { .elastic(PlainText.line($0.string)) }
    )
    for row in rows {
      table.add(
        [
          Table.Cell(PlainText.line(row.key.text.string)),
          row.status.map { .state(word($0)) } ?? "",
          Table.Cell(row.lastQualification?.iso ?? Human.unknown),
        ]
          + fields.map { field in
            Table.Cell(row.fields[field].map { shown($0) } ?? Human.missing)
          }
      )
    }
    return table.lines(context.style)
  }

  static func changes(
    _ audience: Document,
    _ realized: [PageRow],
    _ exited: [PageRow],
    _ context: ViewContext
  ) -> [String] {
    var lines = [
      "\(audience.shown("segment")) as of \(audience.shown("asOf")) (\(audience.shown("job"))): "
        + "\(audience.count("realized")) came in, \(audience.count("exited")) left"
    ]
    for (mark, tone, rows, total) in [
      ("+", Style.Tone.good, realized, audience.number("realized")),
      ("-", Style.Tone.bad, exited, audience.number("exited")),
    ] {
      lines += rows.map {
        context.style.painted("\(mark) \(PlainText.line($0.key.text.string))", tone)
      }
      let hidden = (total ?? rows.count) - rows.count
      if hidden > 0 {
        lines.append("\(mark) and \(Human.count(hidden)) more; '--limit N' shows more")
      }
    }
    return lines
  }

  private static func word(_ status: MembershipStatus) -> String {
    switch status {
    case .realized: "realized"
    case .exited: "exited"
    }
  }

  private static func shown(_ value: Value) -> String {
    Printable.text(value.text.map { Array($0.utf8) } ?? value.json(), byteCountMax: 200).string
  }
}
