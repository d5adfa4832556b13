import Bytes
package import Domain

/// What a definition does, in words: each of its pieces, from the outside in.
///
/// No profile is read, unlike in an `Explanation`.
package struct QueryDescription: Sendable {
  /// What the piece does or is, in plain English.
  package var words: String
  package var kind: ValueKind
  /// The piece as it is written in the definition.
  package var text: String
  package var parts: [QueryDescription] = []

  init(words: String, kind: ValueKind, text: String) {
    self.words = words
    self.kind = kind
    self.text = text
  }
}

extension CheckedQuery {
  /// The definition in words.
  package var inWords: QueryDescription { QueryDescriber(source: source).describe(body, level: 0) }
}

extension QueryDescription {
  /// The description as data: `does`, `kind`, `text`, and `parts` where there are any.
  package var document: Value {
    var fields: [(Text, Value)] = [
      ("does", .string(words)), ("kind", .string(kind.rawValue)), ("text", .string(text)),
    ]
    if !parts.isEmpty { fields.append(("parts", .array(parts.map(\.document)))) }
    return .object(fields)
  }

  /// The description as lines, two blanks deeper for each piece inside another.
  ///
  /// Each says what the piece does, then its kind in brackets, then how it is written.
  package var lines: [String] { lines(indentation: 0) }

  private func lines(indentation: Int) -> [String] {
    let margin = String(repeating: "  ", count: indentation)
    let line = "\(margin)\(words) [\(kind.rawValue)] \(Explanation.cut(text))"
    return [line] + parts.flatMap { $0.lines(indentation: indentation + 1) }
  }
}

/// Builds the description of each piece.
private struct QueryDescriber {
  /// Longest description of one piece, in scalars.
  private static let wordsLengthMax = 240

  let source: Text

  /// Describes an expression that sees the implicit items up to a level.
  func describe(_ expression: TypedExpression, level: Int) -> QueryDescription {
    let phrases = Phrases(source: source, level: level)
    var result = description(
      phrases.headline(of: expression),
      kind: expression.kind,
      at: expression.range
    )
    switch expression.form {
    case .path(let object, _) where object.isWord: break
    case .perItem(_, let call):
      result.parts = parts([call.receiver], level)
      if let body = call.body {
        result.parts += parts([body.expression], body.level ?? level)
      }
      result.parts += parts(call.amount.map { [$0] } ?? [], level)
    case .chain(let chain):
      result.parts = parts([chain.array], level)
      result.parts += chain.steps.map { describe($0, level: chain.itemLevel) }
    default: result.parts = parts(expression.children, level)
    }
    return result
  }

  /// Describes the pieces that are more than a word.
  private func parts(_ pieces: [TypedExpression], _ level: Int) -> [QueryDescription] {
    pieces.filter { !$0.isWord }.map { describe($0, level: level) }
  }

  private func describe(_ step: TypedChain.Step, level: Int) -> QueryDescription {
    let phrases = Phrases(source: source, level: level)
    var result = description(phrases.step(step), kind: .boolean, at: step.what.range)
    let word = step.isExcluded ? "exclude " : ""
    result.text = "\(word)\(step.label.name): what(\(result.text))"
    let conditions = [step.what] + (step.condition.map { [$0] } ?? [])
    result.parts = parts(conditions, level) + parts(step.when.flatMap(\.operands), level)
    return result
  }

  private func description(
    _ words: String,
    kind: ValueKind,
    at range: SourceRange
  ) -> QueryDescription {
    QueryDescription(
      words: Explanation.cut(words, lengthMax: Self.wordsLengthMax),
      kind: kind,
      text: range.slice(of: source)
    )
  }
}

extension ItemBody {
  /// The level of the implicit item that the body sees; `nil` where it names its element.
  fileprivate var level: Int? { if case .item(let level) = binding { level } else { nil } }
}

extension TypedExpression {
  /// Whether the expression is a word or a few, which a phrase shows in full.
  var isWord: Bool {
    switch form {
    case .literal, .item, .events, .variable, .timeWord: true
    case .negative(let operand): operand.isWord
    case .path(let object, _): object.isWord
    case .list(let items): items.allSatisfy(\.isWord)
    default: false
    }
  }
}
