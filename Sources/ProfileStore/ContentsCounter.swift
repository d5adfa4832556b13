import Bytes
import Domain

/// Counts what a shard holds once batches are added to its committed contents.
///
/// Costs as much as the batches are long, whatever the shard holds already.
struct ContentsCounter {
  private let known: KeyOrder
  /// Keys that the batches name, those of committed profiles among them.
  private var keys = TextTable()
  private(set) var profileCount: Int
  private(set) var eventCount: Int

  init(after committed: ShardSnapshot) throws(StoreError) {
    known = try committed.ordinalsInKeyOrder()
    profileCount = Int(clamping: committed.contents.profileCount)
    eventCount = Int(clamping: committed.contents.eventCount)
  }

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
      try add(key: rows[row.key])
      if row.kind == .event { eventCount += 1 }
    }
  }

  private mutating func add(key: ArraySlice<UInt8>) throws(StoreError) {
    let keyCount = keys.count
    _ = try keys.ordinal(of: key)
    let isNamedFirst = keys.count > keyCount
    let text = isNamedFirst ? Text(String(decoding: key, as: UTF8.self)) : nil
    guard let text, known.ordinal(of: ProfileKey(text)) == nil else { return }
    profileCount += 1
    guard profileCount <= TextTable.countMax else {
      throw .tooLarge(
        what: "a shard's profiles",
        count: profileCount,
        limit: TextTable.countMax
      )
    }
  }
}
