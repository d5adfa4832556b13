import Bytes
import Domain
import Platform

/// Blocks from batches of columns.
extension Sealer {
  /// Takes in all batches as columns.
  ///
  /// - Returns: `nil` when their rows have to be read one by one; nothing was begun then.
  mutating func openTables() throws(StoreError) -> LogTables? {
    try begin()
    let size = options.blockProfileCount
    var tables = LogTables(blockCount: (Int(contents.profileCount) + size - 1) / size)
    for batch in batches {
      let bytes = try unsafe log.bytes(of: batch)
      let layout = try log.decode(batch) { () throws(DecodingError) in
        try unsafe StoredTable.checked(bytes)
      }
      var ordinals: [UInt32] = []
      for range in unsafe StoredTable.ranges(layout.keys, bytes) {
        let key = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
        ordinals.append(UInt32(truncatingIfNeeded: try unsafe ordinal(of: key)))
      }
      let isTaken = unsafe tables.add(
        layout,
        bytes,
        ordinals: ordinals,
        blockProfileCount: size,
        &transcoder
      )
      guard isTaken else {
        keys = SealedKeys(nil, seed: seed)
        transcoder = RowTranscoder()
        return nil
      }
    }
    eventCount = tables.eventCount
    typeCounts = tables.typeCounts
    try finishReading()
    return tables
  }

  /// Writes all blocks from tables, as many at a time as the budget has rows for.
  mutating func write(
    _ tables: inout LogTables,
    _ builder: inout BlockBuilder,
    to writer: inout BlockFileWriter
  ) throws(StoreError) {
    let size = options.blockProfileCount
    let rowCountMax = options.rowByteCountMax / 2 / MemoryLayout<TableRow>.stride
    let texts = typeTexts()
    var block = 0
    while block < tables.blockRowCounts.count {
      var end = block
      var rowCount = 0
      repeat {
        rowCount += tables.blockRowCounts[end]
        end += 1
      } while end < tables.blockRowCounts.count
        && rowCount + tables.blockRowCounts[end] <= rowCountMax
      let ordinals = block * size..<min(end * size, keys.count)
      let (places, starts) = tables.findRows(of: ordinals, typeTexts: texts)
      for block in block..<end {
        let profiles = block * size..<min((block + 1) * size, keys.count)
        let start = profiles.lowerBound - ordinals.lowerBound
        let built = builder.block(
          profiles,
          &tables,
          places: places,
          starts: starts[start...start + profiles.count],
          paddedTo: BlockFileFormat.alignment
        )
        try disking { () throws(DiskError) in
          try writer.append(built, profileCount: profiles.count)
        }
      }
      block = end
    }
  }
}
