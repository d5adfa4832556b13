import Bytes
import Domain

/// Counts the profiles and events of batches.
struct ContentsCounter {
  private var keys = TextTable()
  private(set) var eventCount = 0

  var profileCount: Int { keys.count }

  /// Adds the rows of a batch.
  mutating func add(_ batch: ImportLedger.Batch, of log: LogReader) throws(StoreError) {
    let rows = try log.rows(of: batch)
    var names = NameTable()
    var scanner = try log.decode(batch) { () throws(DecodingError) in
      try RowScanner(rows, names: &names)
    }
    while let row = try log.decode(
      batch,
      { () throws(DecodingError) in try scanner.nextKey() }
    ) {
      _ = try keys.ordinal(of: rows[row.key])
      if row.kind == .event { eventCount += 1 }
    }
  }
}
