import Bytes
import PQL

extension Command {
  private enum Notation: String, CaseIterable { case text, json }

  static let pqlConvert = Command(
    "pql convert",
    "Turn a definition into pql/json or back into text",
    discussion: [
      "The input may be either: what begins with '{' is taken for pql/json when text is wanted."
    ],
    operands: [QuerySource.operand],
    options: [
      .required(
        "to",
        "NOTATION",
        "text or json.",
        suggestion: .words(Notation.allCases.map(\.rawValue))
      ),
      QuerySource.option,
    ],
    examples: [
      Example("covey pql convert 'age > 18' --to json", "The syntax tree."),
      Example("covey pql convert --file tree.json --to text", "Canonical text."),
    ]
  ) { arguments, terminal in
    let source = try QuerySource(arguments)
    switch try arguments.choice("to", of: Notation.self) ?? .text {
    case .json:
      let query = try source.locating { text throws(LanguageError) in try Query.parse(text) }
      try terminal.print(json: query.json)
    case .text:
      try terminal.results.line(try query(source).text().string)
    }
    return .success
  }

  /// Reads a definition in whichever notation it is written.
  private static func query(_ source: QuerySource) throws -> Query {
    let first = source.text.utf8.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard first == UInt8(ascii: "{") else {
      return try source.locating { text throws(LanguageError) in try Query.parse(text) }
    }
    do throws(PQLJSONError) {
      return try Query.parse(jsonText: source.text)
    } catch {
      throw CommandFailure(.data, "\(source.name): \(error)")
    }
  }
}
