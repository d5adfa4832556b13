import Bytes
import PQL

/// What a term of a program says, in the words of the definition it came from first.
struct TermText {
  let source: Text

  /// The piece of the definition; terms that were put together are put together from their pieces.
  func text(of expression: TypedExpression) -> String {
    if expression.range != .none {
      let words = expression.range.slice(of: source).split { $0 == " " || $0.isNewline }
      return words.joined(separator: " ")
    }
    switch expression.form {
    case .not(let operand): return "not (\(text(of: operand)))"
    case .and(let terms): return terms.map(text).joined(separator: " and ")
    case .or(let terms): return terms.map(text).joined(separator: " or ")
    case .comparison(let comparison, let left, let right):
      return "\(text(of: left)) \(comparison.rawValue) \(text(of: right))"
    case .literal(.number(let number)): return NumberWord.text(number)
    case .occurs: return "a time"
    default: return "…"
    }
  }
}
