import Bytes
import Domain

/// A client's question over one shard or all, until every shard asked has answered.
struct ActiveQuery: Sendable {
  /// What is put together from the shards' answers.
  enum Collection: Sendable {
    /// One shard's document, shown with these members before it.
    case document(missing: ClusterError, members: [(Text, Value)])
    /// The sum of the shards' counts, a square of the audiences.
    case counts([UInt64], audiences: [Name])
    case page(PageCollection)
  }

  let waiter: Coordinator.Waiter
  let set: SetID
  /// What the set was when the question was asked; answers are about that or none.
  let contents: [ShardContents]
  let membershipJob: JobID?
  /// The monotonic millisecond at which the client is told who did not answer.
  let until: Int64
  /// Shards that have been asked and have not answered.
  var openCount = 0
  var collection: Collection
}

/// A question on its way to one shard.
struct Question: Sendable {
  var query: UInt64
  var place: ShardPlace
  var worker: Name
}

/// A page of the whole set while its shards' pages come in.
struct PageCollection: Sendable {
  /// The least that is asked of a shard, so that small pages do not take many rounds.
  static let pullCountMin = 16

  let query: PageQuery
  private(set) var parts: [PageMerge.Part]

  /// - Parameters:
  ///   - query: with a row count that is at least 1 and within the limits.
  ///   - shardCount: at least 1.
  init(_ query: PageQuery, shardCount: Int) {
    self.query = query
    parts = Array(repeating: PageMerge.Part(rows: [], isDone: false), count: shardCount)
  }

  var rowCountMax: Int { Int(query.rowCountMax) }

  /// What one shard is asked for next: its share of the page and half as much again.
  func pull(from shard: Int) -> PageQuery {
    var pull = query
    let share = rowCountMax * 3 / (2 * parts.count) + PageCollection.pullCountMin
    pull.rowCountMax = UInt32(min(rowCountMax, share))
    pull.after = parts[shard].rows.last?.key ?? query.after
    return pull
  }

  /// Takes a shard's rows.
  ///
  /// - Returns: whether they are what a shard may answer: rows in order behind those before, and
  ///   some unless it is done.
  mutating func add(_ rows: [PageRow], isDone: Bool, from shard: Int) -> Bool {
    var last = parts[shard].rows.last?.key ?? query.after
    for row in rows {
      if let last, row.key <= last { return false }
      last = row.key
    }
    guard isDone || !rows.isEmpty else { return false }
    parts[shard].rows += rows
    parts[shard].isDone = isDone
    return true
  }

  /// Shards without whose next rows the page cannot be told; empty when it can.
  var wanting: [Int] {
    let merge = PageMerge(parts, rowCountMax: rowCountMax)
    guard merge.rows.count < rowCountMax, !merge.isDone else { return [] }
    let open = parts.indices.filter { !parts[$0].isDone }
    let unheard = open.filter { parts[$0].rows.isEmpty }
    guard unheard.isEmpty else { return unheard }
    let least = open.compactMap { parts[$0].rows.last?.key }.min()
    return open.filter { parts[$0].rows.last?.key == least }
  }

  /// The page, cut where its bytes would be too many for one reply.
  func page(byteCountMax: Int) -> (rows: [PageRow], isDone: Bool) {
    let merge = PageMerge(parts, rowCountMax: rowCountMax)
    var byteCount = 0
    for (index, row) in merge.rows.enumerated() {
      byteCount += row.encoded.count
      if byteCount > byteCountMax, index > 0 { return (Array(merge.rows[..<index]), false) }
    }
    return (merge.rows, merge.isDone)
  }
}
