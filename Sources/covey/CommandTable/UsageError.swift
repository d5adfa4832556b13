/// A command line that the table does not describe.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One lower-case sentence: what is wrong, the word, what would be right.
  package var message: String

  package init(_ message: String) { self.message = message }

  package var description: String { message }
}
