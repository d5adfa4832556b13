/// What the opener of a connection may do; proved by a key of its own.
///
/// The room that reads messages decides which of them a role may send.
package enum Role: UInt8, CaseIterable, Sendable {
  /// Registers, holds shards, computes, reports.
  case worker = 1
  /// Changes placement, cancels, configures.
  case `operator` = 2
  /// Looks at status, workers, shards and jobs; sees no member and no value of a profile.
  case viewer = 3
  /// Submits jobs and reads audiences and scores.
  case client = 4

  /// The word in key files and in the derivation of keys; never changed.
  package var name: String {
    switch self {
    case .worker: "worker"
    case .operator: "operator"
    case .viewer: "viewer"
    case .client: "client"
    }
  }
}
