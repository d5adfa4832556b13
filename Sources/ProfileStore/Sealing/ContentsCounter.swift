import Bytes
import Domain

/// Counts what a shard holds once batches are added to its committed contents.
///
/// Costs as much as the batches have keys, whatever the shard holds already.
struct ContentsCounter {
  private var keys: SealedKeys
  private(set) var eventCount: Int

  init(after committed: ShardSnapshot) throws(StoreError) {
    keys = SealedKeys(try committed.keys(), seed: .random(in: .min ... .max))
    eventCount = Int(clamping: committed.contents.eventCount)
  }

  var profileCount: Int { keys.count }

  /// Adds the keys and events of a batch.
  mutating func add(_ batch: ImportLedger.Batch, of log: LogReader) throws(StoreError) {
    let rows = try log.rows(of: batch)
    try unsafe rows.withUnsafeBufferPointer { bytes throws(StoreError) in
      guard let base = bytes.baseAddress else { return }
      let raw = UnsafeRawBufferPointer(bytes)
      if unsafe TableLayout.isTable(raw) {
        let layout = try log.decode(batch) { () throws(DecodingError) in
          try unsafe TableLayout(checked: raw)
        }
        for key in unsafe StoredTable.ranges(layout.keys, raw) {
          _ = try unsafe keys.ordinal(of: UnsafeRawBufferPointer(rebasing: raw[key]))
        }
        if layout.kind == .event { eventCount += layout.rowCount }
        return
      }
      let tables = try log.decode(batch) { () throws(DecodingError) in
        var cursor = unsafe ByteCursor(base, 0..<bytes.count)
        return try BatchTables(&cursor)
      }
      for key in tables.keys {
        let key = unsafe UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[key]))
        _ = try unsafe keys.ordinal(of: key)
      }
      eventCount += tables.eventCount
    }
  }
}
