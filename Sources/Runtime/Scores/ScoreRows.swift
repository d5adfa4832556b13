import Bytes
import Cluster
import Domain
import ProfileStore
import Propensity

/// Makes a shard's scores rows of an import: system fields of the profiles.
struct ScoreRows {
  /// Bytes of a batch after which another is begun.
  private static let batchByteCount = 1 << 20

  let plan: ScoringPlan
  let scorer: ProfileScorer
  let percentiles: [UInt8]

  /// The batches of a shard, in the order of its keys.
  func batches(
    _ scored: ScoredProfiles,
    of snapshot: ShardSnapshot
  ) throws(StoreError) -> [[UInt8]] {
    var batches: [[UInt8]] = []
    var writer = RowBatchWriter()
    var blocks: [Int: ProfileBlock] = [:]
    for (position, key) in scored.keys.enumerated() {
      let row = scored.rows[position]
      let others = plan.keepsOthers ? try present(key, in: snapshot, &blocks) : ObjectValue()
      writer.append(
        kind: .attributes,
        key: key,
        object: fields(scores(of: row, scored), beside: others)
      )
      guard writer.byteCount > ScoreRows.batchByteCount else { continue }
      batches.append(writer.take())
    }
    if !writer.isEmpty { batches.append(writer.take()) }
    return batches
  }

  /// What the cluster keeps of a profile now: an attribute row replaces it as a whole.
  private func present(
    _ key: ProfileKey,
    in snapshot: ShardSnapshot,
    _ blocks: inout [Int: ProfileBlock]
  ) throws(StoreError) -> ObjectValue {
    guard let ordinal = try snapshot.ordinal(of: key) else { return ObjectValue() }
    let (index, row) = ordinal.quotientAndRemainder(dividingBy: snapshot.blockProfileCount)
    let block: ProfileBlock
    if let known = blocks[index] {
      block = known
    } else {
      block = try snapshot.block(index)
      blocks[index] = block
    }
    guard case .object(let kept)? = block.attributes(row)["covey"] else { return ObjectValue() }
    return kept
  }

  /// `covey.propensity.<instance>` among what else is kept there.
  private func fields(_ scores: Value, beside kept: ObjectValue) -> ObjectValue {
    var kept = kept
    var instances = ObjectValue()
    if case .object(let others)? = kept["propensity"] { instances = others }
    instances[plan.instance.text] = scores
    kept["propensity"] = .object(instances)
    return ObjectValue([ObjectValue.Field(name: "covey", value: .object(kept))])
  }

  private func scores(of row: Int, _ scored: ScoredProfiles) -> Value {
    let document = ScoreDocument(scorer: scorer, percentiles: percentiles)
    return .object(
      document.members(row, scored, hasFactors: true) + [
        ("scoreDate", .string(plan.asOf.clamped.iso)),
        ("modelVersion", .integer(Int64(clamping: plan.modelVersion))),
      ]
    )
  }
}
