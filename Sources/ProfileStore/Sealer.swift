import Bytes
import Domain
import Platform

/// Makes a shard's block file from its log, in time linear in the log.
///
/// The log is read twice: first the keys, which get their ordinals and tell how the rows are to be
/// put apart, then the rows. Memory is bounded by the options' budget for rows, besides the keys.
struct Sealer {
  /// A row's loose form and its places in lists take at most about this many times its packed bytes.
  private static let expansion = 6

  private let disk: any Disk
  private let options: StoreOptions
  private let contents: StoreContents
  private let batches: [ImportLedger.Batch]
  private let log: LogReader
  private var keys = TextTable()
  /// Packed bytes of each block's rows.
  private var blockByteCounts: [Int] = []
  private var eventCount = 0

  init(
    disk: any Disk,
    logPath: String,
    ledger: ImportLedger,
    options: StoreOptions
  ) throws(StoreError) {
    self.disk = disk
    self.options = options
    contents = ledger.contents
    batches = ledger.committed.flatMap(\.batches)
    log = try LogReader(disk: disk, path: logPath)
  }

  /// Writes the file at `path`, as a whole and durably.
  mutating func seal(at path: String, spillPath: String) throws(StoreError) {
    for batch in batches { try survey(batch) }
    guard contents.profileCount == UInt64(keys.count), contents.eventCount == UInt64(eventCount)
    else {
      throw log.damaged("it holds \(keys.count) profiles and \(eventCount) events")
    }
    let buckets = buckets
    var rows = RowBuckets(
      count: buckets.count,
      disk: disk,
      spillPath: spillPath,
      byteCountMax: options.rowByteCountMax / 2
    )
    defer { rows.remove() }
    let (names, types) = try distribute(into: &rows, buckets)
    let header = BlockFileFormat.Header(
      blockProfileCount: options.blockProfileCount,
      contents: contents
    )
    var writer = try disking { () throws(DiskError) in
      try BlockFileWriter(disk: disk, path: path, header: header)
    }
    do throws(StoreError) {
      for (index, bucket) in buckets.enumerated() {
        try write(try rows.take(index), ordinals: bucket, names, types, to: &writer)
      }
      try disking { () throws(DiskError) in try writer.finish(keys, eventTypes: types) }
    } catch {
      writer.abandon()
      throw error
    }
  }

  private mutating func survey(_ batch: ImportLedger.Batch) throws(StoreError) {
    let bytes = try log.rows(of: batch)
    var names = NameTable()
    var scanner = try log.decode(batch) { () throws(DecodingError) in
      try RowScanner(bytes, names: &names)
    }
    while let row = try log.decode(batch, { () throws(DecodingError) in try scanner.nextKey() }) {
      let block = try keys.ordinal(of: bytes[row.key]) / options.blockProfileCount
      if block == blockByteCounts.count { blockByteCounts.append(0) }
      blockByteCounts[block] += row.valueByteCount + RowBuckets.rowHeaderByteCount
      if row.kind == .event { eventCount += 1 }
    }
  }

  /// Ranges of ordinals, whole blocks each, whose rows fit the budget; one block may be over it.
  private var buckets: [Range<Int>] {
    let limit = options.rowByteCountMax / Sealer.expansion
    var buckets: [Range<Int>] = []
    var start = 0
    var byteCount = 0
    for (block, added) in blockByteCounts.enumerated() {
      let first = block * options.blockProfileCount
      if byteCount + added > limit, first > start {
        buckets.append(start..<first)
        start = first
        byteCount = 0
      }
      byteCount += added
    }
    if start < keys.count { buckets.append(start..<keys.count) }
    return buckets
  }

  /// Reads the rows again and puts each into its bucket.
  private mutating func distribute(
    into rows: inout RowBuckets,
    _ buckets: [Range<Int>]
  ) throws(StoreError) -> (NameTable, eventTypes: [Text]) {
    var bucketOfBlock: [Int] = []
    for (index, bucket) in buckets.enumerated() {
      let blockCount = (bucket.count + options.blockProfileCount - 1) / options.blockProfileCount
      bucketOfBlock.append(contentsOf: repeatElement(index, count: blockCount))
    }
    var names = NameTable()
    var types = EventTypes()
    var value: [UInt8] = []
    for batch in batches {
      let bytes = try log.rows(of: batch)
      var scanner = try log.decode(batch) { () throws(DecodingError) in
        try RowScanner(bytes, names: &names)
      }
      while let row = try log.decode(
        batch,
        { () throws(DecodingError) in try scanner.next(into: &value) }
      ) {
        let ordinal = try keys.ordinal(of: bytes[row.key])
        let bucket = bucketOfBlock[ordinal / options.blockProfileCount]
        if row.kind == .event {
          types.count(0, in: value, field: names.existingNumber(of: EventTypes.field))
        }
        try rows.append(value, kind: row.kind.rawValue, ordinal: ordinal, to: bucket)
        value.removeAll(keepingCapacity: true)
      }
    }
    return (names, types.mostFrequent)
  }

  private func write(
    _ rows: [UInt8],
    ordinals: Range<Int>,
    _ names: NameTable,
    _ eventTypes: [Text],
    to writer: inout BlockFileWriter
  ) throws(StoreError) {
    var builder = BlockBuilder(
      rows,
      ordinals: ordinals,
      names: names,
      eventTypes: eventTypes
    )
    for first in stride(
      from: ordinals.lowerBound,
      to: ordinals.upperBound,
      by: options.blockProfileCount
    ) {
      let profiles = first..<min(first + options.blockProfileCount, ordinals.upperBound)
      let block = builder.block(profiles, paddedTo: BlockFileFormat.alignment)
      try disking { () throws(DiskError) in
        try writer.append(block, profileCount: profiles.count)
      }
    }
  }

  private func disking<Result>(
    _ body: () throws(DiskError) -> Result
  ) throws(StoreError) -> Result {
    do throws(DiskError) {
      return try body()
    } catch {
      throw .disk(error)
    }
  }
}
