package import Bytes

/// Why a definition was refused, and where.
package struct LanguageError: Error, Equatable, Sendable {
  package enum Kind: String, Sendable {
    /// The text is not of the language.
    case parse
    /// The text is of the language but cannot mean anything.
    case type
  }

  package var problem: Problem
  package var range: SourceRange
  package var position: SourcePosition

  package init(_ problem: Problem, at range: SourceRange, in source: Text) {
    self.problem = problem
    self.range = range
    position = SourcePosition(offset: range.start, in: source)
  }

  init(_ fault: Fault, in source: Text) {
    self.init(fault.problem, at: fault.range, in: source)
  }

  package var kind: Kind { problem.kind }
}

extension LanguageError: CustomStringConvertible {
  /// `line:column: message`.
  package var description: String { "\(position): \(problem)" }
}

/// A problem on its way out of the parser or the checker, which leave the line and column to
/// whoever reports it.
struct Fault: Error {
  var problem: Problem
  var range: SourceRange

  init(_ problem: Problem, at range: SourceRange) {
    self.problem = problem
    self.range = range
  }
}
