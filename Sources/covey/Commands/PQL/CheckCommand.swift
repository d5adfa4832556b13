import Bytes
import Domain
import Intake
import PQL
import Platform
import Segmentation

extension Command {
  static let pqlCheck = Command(
    "pql check",
    "Check a definition without evaluating it",
    discussion: [
      "Prints the kind of value that the definition yields, 'unknown' where only the data can tell. "
        + "An error names line and column, what was expected, and the nearest name.",
      "With a schema it also warns of fields that are not in it and of comparisons that never hold.",
    ],
    operands: [QuerySource.operand],
    options: [
      QuerySource.option,
      .value(
        "schema",
        "FILE",
        "Types of fields as a JSON object of paths, as 'import' takes it.",
        suggestion: .files
      ),
      ClusterAccess.json,
    ],
    examples: [
      Example("covey pql check 'homeAddress.country = \"CA\"'", "A definition on the line."),
      Example("covey pql check --file definition.pql --schema schema.json", "One in a file."),
    ]
  ) { arguments, terminal in
    let source = try QuerySource(arguments)
    let query = try source.locating { text throws(LanguageError) in try CheckedQuery(text) }
    var advice = query.authoringAdvice
    if let path = arguments.value("schema") {
      advice = query.advice(for: try IntakeArguments.schema(path).schema) + advice
    }
    guard !arguments.has("json") else {
      try terminal.print(json: document(query, advice, of: source))
      return .success
    }
    for remark in advice {
      terminal.warn("\(source.place(remark.position)): \(remark.remark)")
      for line in SourceExcerpt.lines(remark.range, in: source.text) { terminal.message(line) }
    }
    try terminal.results.line("ok: \(query.body.kind.rawValue)")
    return .success
  }

  private static func document(
    _ query: CheckedQuery,
    _ advice: [Advice],
    of source: QuerySource
  ) -> Value {
    let warnings = advice.map { remark -> Value in
      .object([
        ("line", .integer(Int64(remark.position.line + source.firstLine - 1))),
        ("column", .integer(Int64(remark.position.column))),
        ("message", .string("\(remark.remark)")),
      ])
    }
    return .object([
      ("kind", .string(query.body.kind.rawValue)), ("warnings", .array(warnings)),
    ])
  }

  static let pqlExplain = Command(
    "pql explain",
    "Say in words what a definition does",
    discussion: [
      "One line a piece, from the outside in: what it does, the kind of its value, how it is written. "
        + "No profile is read; 'segments explain' does that.",
      "With --program, what an evaluation makes of it: tests of fields, matches of events, conditions "
        + "over columns, and what is asked profile by profile.",
    ],
    operands: [QuerySource.operand],
    options: [
      QuerySource.option,
      .flag("program", "Show how it is evaluated."),
      ClusterAccess.json,
    ],
    examples: [
      Example("covey pql explain 'xEvent.count() > 3 and age >= 18'", "A definition on the line."),
      Example("covey pql explain --file definition.pql --json", "The tree as JSON."),
      Example("covey pql explain --program 'xEvent[a = 1].count() > 3'", "How it is evaluated."),
    ]
  ) { arguments, terminal in
    let source = try QuerySource(arguments)
    let query = try source.locating { text throws(LanguageError) in try CheckedQuery(text) }
    if arguments.has("program") {
      guard !arguments.has("json") else {
        throw UsageError("'pql explain' takes '--program' or '--json', not both")
      }
      let lines = try programLines(source.text, asOf: terminal.clock.now)
      try terminal.results.lines(lines.map(PlainText.line))
      return .success
    }
    guard !arguments.has("json") else {
      try terminal.print(json: query.inWords.document)
      return .success
    }
    try terminal.results.lines(query.inWords.lines.map(PlainText.line))
    return .success
  }

  private static func programLines(_ text: Text, asOf: Instant) throws -> [String] {
    guard let id = Name("definition") else { return [] }
    let definition = ProgramDefinition(id: id, version: 1, expression: text, timeZone: nil)
    do {
      return try SegmentProgram([definition], zones: .utcOnly).listing(asOf: asOf)
    } catch {
      throw CommandFailure(.data, "\(error)")
    }
  }
}
