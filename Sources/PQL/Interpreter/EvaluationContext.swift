package import Bytes

/// What an evaluation knows besides the definition and the profile.
package struct EvaluationContext: Sendable {
  /// Most steps one evaluation of one profile may take.
  ///
  /// A step is about one node evaluated once, or 64 bytes of text looked at. Ordinary definitions
  /// take a few thousand.
  package static let stepCountMax = 50_000_000

  /// What `now` means.
  package var now: Instant
  package var calendar: TimeCalendar
  /// The answer of this run for a segment and the profile; `nil` asks the profile's stored map.
  package var membership: (@Sendable (Text) -> Bool?)?
  package var stepCountMax: Int

  package init(
    now: Instant,
    zone: Zone = .utc,
    membership: (@Sendable (Text) -> Bool?)? = nil,
    stepCountMax: Int = EvaluationContext.stepCountMax
  ) {
    self.now = now.clamped
    calendar = TimeCalendar(zone: zone)
    self.membership = membership
    self.stepCountMax = stepCountMax
  }
}

/// Why a definition has no answer for a profile.
package enum EvaluationError: Error, Equatable, Sendable {
  case stepLimitExceeded(limit: Int)
}

extension EvaluationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .stepLimitExceeded(let limit):
      "evaluating the definition takes more than \(limit) steps for this profile; filter before combining"
    }
  }
}
