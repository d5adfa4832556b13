package import Bytes

/// Why a file is not an instance; fields are named by their way from the top, as
/// `goal.conditions[2]`.
package enum InstanceError: Error, Equatable, Sendable {
  case json(JSONError)
  case missing(field: String)
  case unknown(field: String, known: [String])
  case repeated(field: String)
  /// A value of another type than `expected` says.
  case type(field: String, expected: String)
  /// A value out of what `expected` allows.
  case value(field: String, expected: String)
}

extension InstanceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .json(let error): error.description
    case .missing(let field): "the field '\(field)' is missing"
    case .unknown(let field, let known):
      "unknown field '\(field)'; known here are \(known.joined(separator: ", "))"
    case .repeated(let field): "the field '\(field)' stands twice"
    case .type("", let expected): "the file has to be \(expected)"
    case .type(let field, let expected), .value(let field, let expected):
      "the field '\(field)' has to be \(expected)"
    }
  }
}
