package import Bytes
import Domain

/// Why a JSON value is no definition, and where in its tree.
package struct PQLJSONError: Error, Equatable, Sendable {
  package enum Problem: Equatable, Sendable {
    case notJSON(JSONError)
    /// A value of another kind, or `nothing` where a member is missing.
    case expected(String, found: String)
    case unknownNodeType(Text, nearest: Text?)
    case unknownLiteralType(Text, nearest: Text?)
    case unknownFunction(Text, nearest: Text?)
    case unknownVariable(Text, nearest: Text?)
    /// A word where only some will do.
    case unknownWord(Text, choices: [Text])
    case parameterCount(function: Text, Arity, actual: Int)
    case badName(Text)
    /// A node that only some places take.
    case misplaced(Text, belongs: String)
    case nestedTooDeeply(limit: Int)
    case tooManyNodes(limit: Int)
    /// The tree is well-formed, and its canonical text is refused.
    case refused(LanguageError)
  }

  package var problem: Problem
  /// The way from the root: `params[0].object`; empty for the root.
  package var path: String

  package init(_ problem: Problem, at path: String) {
    self.problem = problem
    self.path = path
  }
}

extension PQLJSONError: CustomStringConvertible {
  /// `path: message`.
  package var description: String {
    switch problem {
    case .notJSON, .refused: "\(problem)"
    default: path.isEmpty ? "the root: \(problem)" : "\(path): \(problem)"
    }
  }
}

extension PQLJSONError.Problem: CustomStringConvertible {
  /// One lower-case sentence: what is wrong, the value, and what would be right.
  package var description: String {
    switch self {
    case .notJSON(let error): "this is no JSON text: \(error)"
    case .expected(let what, let found): "expected \(what), found \(found)"
    case .unknownNodeType(let type, let nearest):
      "no node type is called \(quoted(type))" + suggestion(nearest)
    case .unknownLiteralType(let type, let nearest):
      "no literal type is called \(quoted(type))" + suggestion(nearest)
    case .unknownFunction(let name, let nearest):
      "no function or operator is called \(quoted(name))" + suggestion(nearest)
    case .unknownVariable(let name, let nearest):
      "no variable called \(quoted(name)) is declared around this" + suggestion(nearest)
    case .unknownWord(let word, let choices):
      "expected \(alternatives(choices.map(quoted))), found \(quoted(word))"
    case .parameterCount(let function, let arity, let actual):
      "\(quoted(function)) takes \(arity), not \(actual)"
    case .badName(let name):
      "\(quoted(name)) is no name; a name has at least one character and no backtick"
    case .misplaced(let type, let place): "a \(quoted(type)) node belongs \(place)"
    case .nestedTooDeeply(let limit):
      "the definition is nested more than \(limit) levels deep; bind inner parts with \"let\""
    case .tooManyNodes(let limit): "the definition has more than \(limit) parts; split it"
    case .refused(let error): "as text, \(error)"
    }
  }

  private func suggestion(_ nearest: Text?) -> String {
    nearest.map { "; did you mean \(quoted($0))?" } ?? ""
  }
}

extension Value {
  /// The kind as it stands in an error.
  var kindInWords: String {
    switch self {
    case .boolean: "a boolean"
    case .integer, .double: "a number"
    case .string(let text): "the text \(quoted(text))"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
