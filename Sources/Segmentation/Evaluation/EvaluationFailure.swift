package import Bytes
package import Domain

/// A definition that has no answer for a profile; of several profiles, that of the smallest key.
package struct EvaluationFailure: Error, Hashable, Sendable {
  package var key: ProfileKey
  package var message: Text

  package init(key: ProfileKey, message: Text) {
    self.key = key
    self.message = message
  }
}

extension EvaluationFailure: CustomStringConvertible {
  package var description: String {
    "profile '\(Printable.text(key.text.utf8, byteCountMax: 80))': \(message)"
  }
}
