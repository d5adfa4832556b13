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
  ///
  /// A profile that is no longer eligible loses its score; what became of earlier scores is counted,
  /// whether it is or not.
  ///
  /// - Parameters:
  ///   - scored: the eligible profiles.
  ///   - snapshot: the shard.
  ///   - earlier: takes the scores of before.
  /// - Returns: rows of attributes.
  /// - Throws: when what the shard holds cannot be read.
  func batches(
    _ scored: ScoredProfiles,
    of snapshot: ShardSnapshot,
    _ earlier: inout EarlierScores
  ) throws(StoreError) -> [[UInt8]] {
    var batches: [[UInt8]] = []
    var writer = RowBatchWriter()
    func append(_ key: ProfileKey, _ object: ObjectValue) {
      writer.append(kind: .attributes, key: key, object: object)
      if writer.byteCount > ScoreRows.batchByteCount { batches.append(writer.take()) }
    }
    if plan.keepsOthers {
      var blocks: [Int: ProfileBlock] = [:]
      let order = try snapshot.ordinalsInKeyOrder()
      var next = 0
      for position in order.indices {
        let key = order.key(at: position)
        let kept = try present(order[position], in: snapshot, &blocks)
        let before = kept["propensity"]?[plan.instance.text]
        let history = before.map { earlier.take($0, of: order[position]) } ?? []
        let later: [(Text, Value)] = history.isEmpty ? [] : [("history", .array(history))]
        if next < scored.keys.count, scored.keys[next] == key {
          let scores = scores(of: scored.rows[next], scored)
          append(key, fields(.object(scores + later), beside: kept))
          next += 1
        } else if let before {
          let now: Value? = later.isEmpty ? nil : .object(later)
          if now != before { append(key, fields(now, beside: kept)) }
        }
      }
    } else {
      for (position, key) in scored.keys.enumerated() {
        let scores = scores(of: scored.rows[position], scored)
        append(key, fields(.object(scores), beside: ObjectValue()))
      }
    }
    if !writer.isEmpty { batches.append(writer.take()) }
    return batches
  }

  /// What the cluster keeps of a profile now: an attribute row replaces it as a whole.
  private func present(
    _ ordinal: Int,
    in snapshot: ShardSnapshot,
    _ blocks: inout [Int: ProfileBlock]
  ) throws(StoreError) -> ObjectValue {
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

  /// `covey.propensity.<instance>`, or nothing there, among what else is kept.
  private func fields(_ scores: Value?, beside kept: ObjectValue) -> ObjectValue {
    var kept = kept
    var instances = ObjectValue()
    if case .object(let others)? = kept["propensity"] { instances = others }
    instances[plan.instance.text] = scores
    kept["propensity"] = .object(instances)
    return ObjectValue([ObjectValue.Field(name: "covey", value: .object(kept))])
  }

  private func scores(of row: Int, _ scored: ScoredProfiles) -> [(Text, Value)] {
    let document = ScoreDocument(scorer: scorer, percentiles: percentiles)
    return document.members(row, scored, hasFactors: true) + [
      ("scoreDate", .string(ScoreDocument.date(of: plan.asOf))),
      ("modelVersion", .integer(Int64(clamping: plan.modelVersion))),
    ]
  }
}
