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
    let bytes = try unsafe log.bytes(of: batch)
    if unsafe TableLayout.isTable(bytes) {
      let layout = try log.decode(batch) { () throws(DecodingError) in
        try unsafe TableLayout(checked: bytes)
      }
      unsafe try add(StoredTable.ranges(layout.keys, bytes), bytes)
      if layout.kind == .event { eventCount += layout.rowCount }
    } else if let base = unsafe bytes.bindMemory(to: UInt8.self).baseAddress {
      let tables = try log.decode(batch) { () throws(DecodingError) in
        var cursor = unsafe ByteCursor(base, 0..<bytes.count)
        return try BatchTables(&cursor)
      }
      unsafe try add(tables.keys, bytes)
      eventCount += tables.eventCount
    }
  }

  private mutating func add(
    _ ranges: [Range<Int>],
    _ bytes: UnsafeRawBufferPointer
  ) throws(StoreError) {
    for range in ranges {
      _ = try unsafe keys.ordinal(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }
}
