package import Bytes
import Domain
package import ProfileStore

/// Who of a shard has a row at a cut-off, and what the rules say of each.
package struct FeaturePopulation: Sendable {
  package let snapshot: ShardSnapshot
  /// The ordinals of the profiles that have a row.
  package let eligible: Bitmap
  /// Those who reached the goal, whether they are eligible or not; `nil` where nobody asked.
  package let positive: Bitmap?
  /// Members at the cut-off, by audience.
  let members: [Name: Bitmap]
}
