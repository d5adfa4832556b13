package import Bytes
package import PQL

/// A definition's rule, read and checked, with the segments it asks about.
package struct Rule: Sendable {
  package let query: CheckedQuery
  /// Ids named in `inSegment`, ascending, each once.
  package let references: [Text]

  package init(_ text: Text) throws(RuleError) {
    let query: Query
    do throws(LanguageError) {
      query = try Query.parse(text)
    } catch {
      throw RuleError(error)
    }
    try self.init(query)
  }

  init(_ query: Query) throws(RuleError) {
    do throws(LanguageError) {
      self.query = try query.checked()
    } catch {
      throw RuleError(error)
    }
    references = try Rule.references(of: self.query)
  }

  private static func references(of query: CheckedQuery) throws(RuleError) -> [Text] {
    var ids: Set<Text> = []
    // The one that stands first is reported.
    var unwritten: SourceRange?
    var pending = [query.body]
    while let expression = pending.popLast() {
      pending += expression.children
      guard case .call(.inSegment, let arguments) = expression.form else { continue }
      if case .literal(.string(let id))? = arguments.first?.form {
        ids.insert(id)
      } else {
        let range = arguments.first?.range ?? expression.range
        if range.start < unwritten?.start ?? .max { unwritten = range }
      }
    }
    if let unwritten {
      let position = SourcePosition(offset: unwritten.start, in: query.source)
      throw RuleError(.unwrittenReference, at: position)
    }
    return ids.sorted()
  }
}

/// Why a rule was refused, and where in its text.
package struct RuleError: Error, Equatable, Sendable {
  package enum Problem: Equatable, Sendable {
    case language(PQL.Problem)
    /// An `inSegment` of a segment that is not written out: nobody could know what the definition
    /// depends on.
    case unwrittenReference
  }

  package var problem: Problem
  package var position: SourcePosition

  package init(_ problem: Problem, at position: SourcePosition) {
    self.problem = problem
    self.position = position
  }

  init(_ error: LanguageError) { self.init(.language(error.problem), at: error.position) }
}

extension RuleError: CustomStringConvertible {
  package var description: String { "\(position): \(problem)" }
}

extension RuleError.Problem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .language(let problem): problem.description
    case .unwrittenReference:
      "the segment of 'inSegment' must be written out; put its id in double quotes"
    }
  }
}
