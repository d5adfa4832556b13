package import Platform

/// Why a command could not do what it was told, in its own words.
package struct CommandFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package var status: ExitStatus
  /// One lower-case sentence without a full stop.
  package var message: String
  /// Lines below it, such as the place in a text.
  package var details: [String]
  /// What to do next, where there is something.
  package var next: String?

  package init(
    _ status: ExitStatus,
    _ message: String,
    details: [String] = [],
    next: String? = nil
  ) {
    self.status = status
    self.message = message
    self.details = details
    self.next = next
  }

  package var description: String { message }

  /// Why an output cannot be written.
  package static func output(_ error: DiskError) -> CommandFailure {
    switch error.kind {
    case .full, .other: CommandFailure(.inputOutput, error.description)
    case .absent, .folder, .damaged, .notPermitted:
      CommandFailure(.cannotCreate, error.description)
    }
  }
}
