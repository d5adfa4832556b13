package import Bytes

/// Why bytes are not a model.
package enum ModelError: Error, Equatable, Sendable {
  case notAModel
  case unknownVersion(UInt32)
  case truncated(expected: UInt64, actual: Int)
  case checksumMismatch(expected: UInt32, actual: UInt32)
  case undecodable(DecodingError)
  /// A value that no model has; `what` says which.
  case invalid(what: String)
}

extension ModelError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAModel: "the file is not a propensity model"
    case .unknownVersion(let version):
      "the model has format version \(version); this program reads version "
        + "\(ModelFormat.version)"
    case .truncated(let expected, let actual):
      "the model's contents are \(actual) bytes long, \(expected) expected"
    case .checksumMismatch(let expected, let actual):
      "the model is damaged: its checksum is \(actual), \(expected) expected"
    case .undecodable(let error): "the model is damaged: \(error)"
    case .invalid(let what): "the model is damaged: \(what)"
    }
  }
}
