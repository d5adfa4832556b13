package import Propensity

/// The rows of some profiles of one shard at one cut-off.
package struct FeatureRows: Sendable {
  /// By row, the profile's ordinal, ascending.
  package internal(set) var ordinals: [UInt32] = []
  /// By row, the hash of the profile's key that also names its shard.
  package internal(set) var keyHashes: [UInt64] = []
  /// One for each feature of the plan, in its order.
  package internal(set) var columns: [FeatureColumn] = []
  /// By row, whether the goal was reached; none where only features were asked for.
  package internal(set) var labels: [Bool] = []
  /// Kinds of events of the plan that some row has before the cut-off, a bit each.
  package internal(set) var metKinds: UInt64 = 0

  package init() {}

  package var count: Int { ordinals.count }
}
