package import Bytes
package import PQL
import Domain
import Platform
import Segmentation

/// A definition's text, and what to call the place it came from.
package struct QuerySource: Sendable {
  package var text: Text
  /// The file, or `expression` where it stands on the command line.
  package var name: String
  /// The line of the file on which the text begins, from 1.
  package var firstLine: Int

  package init(text: Text, name: String, firstLine: Int = 1) {
    self.text = text
    self.name = name
    self.firstLine = firstLine
  }

  static let operand = Operand.optional("EXPR", "The definition; '-' reads standard input.")
  static let option = Option.value(
    "file",
    "FILE",
    "Read the definition from a file.",
    suggestion: .files
  )

  /// Reads what the command line names: one expression, or one file.
  package init(_ arguments: Arguments) throws {
    switch (arguments.operand(0), arguments.value("file")) {
    case (.some, .some):
      throw UsageError("'\(arguments.command.name)' takes EXPR or '--file FILE', not both")
    case (nil, nil):
      throw UsageError("'\(arguments.command.name)' needs EXPR or '--file FILE'")
    case (.some("-"), nil), (nil, .some("-")):
      self = try QuerySource(path: "-", name: "standard input")
    case (.some(let expression), nil):
      self = QuerySource(text: Text(expression), name: "expression")
    case (nil, .some(let path)): self = try QuerySource(path: path, name: path)
    }
  }

  private init(path: String, name: String) throws {
    // A definition over the language's limit is refused by the parser, which says so better.
    let limit = 16 * QueryLimits.textByteCountMax
    let bytes = try StreamInput(path).readAll(byteCountMax: limit)
    if name.hasSuffix(".pql"),
      let source = try DefinitionFile.sources(bytes: bytes, name: name).first,
      let rule = source.document["expression"]?["value"]?.text
    {
      // A file of a segment: the rule stands under its header.
      self.init(text: rule, name: name, firstLine: source.place.firstLine ?? 1)
      return
    }
    guard let text = Text(utf8: bytes) else {
      throw CommandFailure(.data, "\(name) is not valid UTF-8; save it as UTF-8")
    }
    self.init(text: text, name: name)
  }

  /// An error of the language as it is told: the place, the reason, and the line with the piece
  /// marked below it.
  package func failure(_ error: LanguageError) -> CommandFailure {
    CommandFailure(
      .data,
      "\(place(error.position)): \(error.problem)",
      details: SourceExcerpt.lines(error.range, in: text)
    )
  }

  /// A place of the text as `name:line:column`.
  func place(_ position: SourcePosition) -> String {
    "\(name):\(position.line + firstLine - 1):\(position.column)"
  }

  /// Runs `body`, telling errors of the language with their place in this text.
  package func locating<Result>(
    _ body: (Text) throws(LanguageError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(LanguageError) {
      return try body(text)
    } catch {
      throw failure(error)
    }
  }
}
