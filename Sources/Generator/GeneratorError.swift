package import Platform

/// Why no data was generated.
package enum GeneratorError: Error, Equatable, Sendable {
  case outOfRange(what: String, value: Int, low: Int, high: Int)
  case folderInUse(path: String)
  case disk(DiskError)
}

extension GeneratorError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .outOfRange(let what, let value, let low, let high):
      "the number of \(what) is \(value), it must be from \(low) to \(high)"
    case .folderInUse(let path):
      "the folder '\(path)' is not empty; name a new one, or remove what is in it"
    case .disk(let error): error.description
    }
  }
}
