import Bytes
import PQL

extension Command {
  static let pqlFormat = Command(
    "pql format",
    "Print a definition in its canonical form",
    discussion: ["Formatting never changes what a definition means."],
    operands: [QuerySource.operand],
    options: [
      QuerySource.option,
      .value("width", "N", "Columns to fill before a line is broken; 80 unless given."),
    ],
    examples: [
      Example("covey pql format 'age>=18   and country in [\"CA\",\"US\"]'", "On the line."),
      Example("covey pql format --file definition.pql --width 60", "A file, in narrow lines."),
    ]
  ) { arguments, terminal in
    let width = try arguments.integer("width", in: 1...10_000) ?? Query.lineWidth
    let source = try QuerySource(arguments)
    let query = try source.locating { text throws(LanguageError) in try Query.parse(text) }
    try terminal.results.line(query.text(width: width).string)
    return .success
  }
}
