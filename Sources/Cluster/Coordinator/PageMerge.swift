import Domain

/// A page of a whole set, put together from one page a shard.
///
/// A key lies in one shard only, so merging is interleaving. Rows behind the last key of a shard
/// that has more to give cannot be shown yet: that shard's next row might come before them.
package struct PageMerge: Equatable, Sendable {
  /// One shard's rows behind the same key, ascending.
  package struct Part: Sendable {
    package var rows: [PageRow]
    /// No row of the shard is left behind these.
    package var isDone: Bool

    package init(rows: [PageRow], isDone: Bool) {
      self.rows = rows
      self.isDone = isDone
    }
  }

  /// Ascending by key, at most as many as were asked for.
  package private(set) var rows: [PageRow]
  /// No row of any shard is left behind these.
  package private(set) var isDone: Bool

  /// - Parameters:
  ///   - parts: the pages of all the shards.
  ///   - rowCountMax: the longest page; rows beyond are left for the next one.
  package init(_ parts: [Part], rowCountMax: Int) {
    let frontier = parts.filter { !$0.isDone }.map { $0.rows.last?.key }
    rows = []
    isDone = true
    // A shard that is not done and gave nothing hides whether anything comes before the others' rows.
    guard !frontier.contains(nil) else {
      isDone = false
      return
    }
    let limit = frontier.compactMap(\.self).min()
    var heads = parts.map { $0.rows[...] }
    while rows.count < rowCountMax {
      var least: Int?
      for index in heads.indices {
        guard let key = heads[index].first?.key else { continue }
        if let rival = least, let other = heads[rival].first?.key, other <= key { continue }
        least = index
      }
      guard let least, let row = heads[least].popFirst() else { break }
      if let limit, limit < row.key {
        isDone = false
        return
      }
      rows.append(row)
    }
    isDone = limit == nil && heads.allSatisfy(\.isEmpty)
  }
}
