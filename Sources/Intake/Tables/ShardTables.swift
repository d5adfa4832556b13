import Bytes
import Domain

/// The unfinished tables of all shards: the rows of a chunk, column by column.
///
/// Rows come in blocks, and each column of a block is gone through at once: so the steps that a cell
/// takes are those of the cell before. Cells stay in the chunk until their table is finished, which
/// all are before the chunk is given back.
@safe struct ShardTables: ~Copyable {
  /// Rows at which a table is finished.
  private static let rowCountMax = 8_192

  /// The rows of one shard.
  struct Shard {
    var rowCount = 0
    /// Rows that the bits of columns have room for.
    var rowCapacity = 0
    /// Bytes of the rows' text, about.
    var byteCount = 0
    var keys = KeyList()
    /// Of each row the number of its key.
    var keyNumbers = NumberHeap<UInt32>(capacity: 64)
  }

  /// One column of one shard.
  @safe struct Cells {
    /// Of the rows that have a value: integers, booleans and doubles as they are, decimals as
    /// `DecimalCell` and texts as `TextPlace` have them.
    var values: UnsafeMutablePointer<UInt64>
    /// Bits of the rows that have a value.
    var presence: UnsafeMutablePointer<UInt8>
    var count = 0
    var capacity = 0
    /// Which forms the values have.
    var forms: UInt64 = 0
  }

  /// One column, over all shards.
  struct Column {
    var names: [Text]
    var type: FieldType?
    var text = TextMode.undecided
    var codes = TextCodes()
    /// Forms of which a cell was shown to the column's types.
    var shown: UInt64 = 0
  }

  private let shardCount: Int
  private let byteCountMax: Int
  private let shards: UnsafeMutablePointer<Shard>
  let instants = InstantReader()
  private(set) var columnCount = 0
  private(set) var columns: UnsafeMutablePointer<Column>
  /// Of each column the shards' cells.
  private(set) var cells: UnsafeMutablePointer<Cells>
  private var kind = RowKind.attributes
  /// Of each row of the block at hand its shard, and its row there.
  let rowShards: UnsafeMutablePointer<UInt32>
  let rowPlaces: UnsafeMutablePointer<UInt32>
  /// Of the table that is being finished.
  var output = TableScratch()

  /// Prepares tables without columns.
  ///
  /// - Parameters:
  ///   - shardCount: shards, maybe none.
  ///   - byteCountMax: bytes of text of a table at which it is finished, about.
  init(shardCount: Int, byteCountMax: Int) {
    self.shardCount = shardCount
    self.byteCountMax = byteCountMax
    unsafe shards = .allocate(capacity: max(1, shardCount))
    for shard in 0..<shardCount { unsafe (shards + shard).initialize(to: Shard()) }
    unsafe columns = .allocate(capacity: 1)
    unsafe cells = .allocate(capacity: 1)
    unsafe rowShards = .allocate(capacity: CellBlock.rowCountMax)
    unsafe rowPlaces = .allocate(capacity: CellBlock.rowCountMax)
  }

  deinit {
    freeColumns()
    for shard in 0..<shardCount {
      unsafe shards[shard].keys.free()
      unsafe shards[shard].keyNumbers.free()
    }
    unsafe shards.deinitialize(count: shardCount)
    unsafe shards.deallocate()
    unsafe rowShards.deallocate()
    unsafe rowPlaces.deallocate()
    instants.free()
    output.free()
  }

  private func freeColumns() {
    for column in 0..<columnCount { unsafe columns[column].codes.free() }
    for index in 0..<columnCount * shardCount where unsafe cells[index].capacity > 0 {
      unsafe cells[index].values.deallocate()
    }
    for shard in 0..<shardCount where unsafe shards[shard].rowCapacity > 0 {
      for column in 0..<columnCount {
        unsafe cells[column * shardCount + shard].presence.deallocate()
      }
    }
    unsafe columns.deinitialize(count: columnCount)
    unsafe columns.deallocate()
    unsafe cells.deallocate()
  }

  /// Begins a chunk; the tables of the one before are finished.
  mutating func begin(_ plan: FlatPlan, _ kind: RowKind) {
    self.kind = kind
    let isSame =
      columnCount == plan.paths.count
      && plan.paths.indices.allSatisfy { unsafe columns[$0].names == plan.paths[$0] }
    if !isSame { makeColumns(plan) }
    for column in 0..<columnCount {
      unsafe columns[column].type = plan.types[column]
      unsafe columns[column].text = .undecided
      unsafe columns[column].codes.removeAll()
      unsafe columns[column].shown = 0
    }
  }

  private mutating func makeColumns(_ plan: FlatPlan) {
    freeColumns()
    columnCount = plan.paths.count
    unsafe columns = .allocate(capacity: max(1, columnCount))
    unsafe cells = .allocate(capacity: max(1, columnCount * shardCount))
    for (column, names) in plan.paths.enumerated() {
      unsafe (columns + column).initialize(to: Column(names: names, type: plan.types[column]))
    }
    for shard in 0..<shardCount { unsafe shards[shard].rowCapacity = 0 }
    let nothing = unsafe UnsafeMutableRawPointer(rowShards)
    for index in 0..<columnCount * shardCount {
      unsafe (cells + index).initialize(
        to: Cells(
          values: nothing.assumingMemoryBound(to: UInt64.self),
          presence: nothing.assumingMemoryBound(to: UInt8.self)
        )
      )
    }
  }

  /// Takes the rows of a block.
  ///
  /// - Parameters:
  ///   - block: transposed; its rows are good.
  ///   - text: the chunk that the cells are in.
  ///   - types: of each column, shown what decides its type.
  ///   - finished: tables that became full.
  mutating func take(
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout [CellTypes],
    _ finished: inout [ChunkResult.Batch]
  ) {
    guard block.count > 0 else { return }
    unsafe assignRows(block, text)
    for column in 0..<columnCount {
      unsafe take(column, block, text, &types[column])
    }
    for shard in 0..<shardCount
    where unsafe shards[shard].rowCount >= ShardTables.rowCountMax
      || shards[shard].byteCount >= byteCountMax
    {
      unsafe finish(shard, text, &finished)
    }
  }

  /// Finds the shard of each row and its key's number there.
  private mutating func assignRows(_ block: borrowing CellBlock, _ text: UnsafePointer<UInt8>) {
    let meanByteCount = block.byteCount / block.count
    // Most counts are powers of two, whose remainders are the low bits.
    let mask = shardCount.nonzeroBitCount == 1 ? UInt64(shardCount &- 1) : 0
    for row in 0..<block.count {
      let cell = unsafe block.keys[row]
      let key = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      let hash = unsafe shardHash(UnsafeBufferPointer(start: key, count: byteCount))
      let index = Int(truncatingIfNeeded: mask > 0 ? hash & mask : hash % UInt64(shardCount))
      let shard = unsafe shards + index
      let place = unsafe shard.pointee.rowCount
      if unsafe place == shard.pointee.rowCapacity { growBits(of: index) }
      unsafe shard.pointee.keyNumbers.append(shard.pointee.keys.number(of: key, byteCount, hash))
      unsafe shard.pointee.byteCount &+= meanByteCount
      unsafe shard.pointee.rowCount = place &+ 1
      unsafe rowShards[row] = UInt32(truncatingIfNeeded: index)
      unsafe rowPlaces[row] = UInt32(truncatingIfNeeded: place)
    }
  }

  /// Makes room for the bits of more rows of a shard.
  @inline(never)
  private mutating func growBits(of shard: Int) {
    let old = unsafe shards[shard].rowCapacity
    let new = max(512, 2 * old)
    for column in 0..<columnCount {
      let place = unsafe cells + (column * shardCount + shard)
      let bits = UnsafeMutablePointer<UInt8>.allocate(capacity: new / 8)
      unsafe bits.update(repeating: 0, count: new / 8)
      if old > 0 {
        unsafe bits.update(from: place.pointee.presence, count: old / 8)
        unsafe place.pointee.presence.deallocate()
      }
      unsafe place.pointee.presence = bits
    }
    unsafe shards[shard].rowCapacity = new
  }

  /// The cells of a column, a shard's one behind the other's.
  @inline(__always)
  func cells(of column: Int) -> UnsafeMutablePointer<Cells> {
    unsafe cells + column &* shardCount
  }

  // MARK: Finishing

  /// Whether a shard has rows that are in no finished table.
  func isEmpty(_ shard: Int) -> Bool { unsafe shards[shard].rowCount == 0 }

  /// Finishes all tables.
  mutating func finish(_ text: UnsafePointer<UInt8>, _ finished: inout [ChunkResult.Batch]) {
    for shard in 0..<shardCount where !isEmpty(shard) { unsafe finish(shard, text, &finished) }
  }

  private mutating func finish(
    _ index: Int,
    _ text: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    let shard = unsafe shards + index
    let rowCount = unsafe shard.pointee.rowCount
    let filled = (0..<columnCount).filter { unsafe cells[$0 * shardCount + index].count > 0 }
    var writer = unsafe TableBatchWriter(
      kind: kind,
      rowCount: rowCount,
      columnCount: filled.count,
      keys: TextList(
        byteCounts: shard.pointee.keys.byteCounts.numbers,
        bytes: shard.pointee.keys.texts.bytes
      ),
      keyNumbers: shard.pointee.keyNumbers.numbers
    )
    for column in filled {
      let place = unsafe cells + (column * shardCount + index)
      let bits = unsafe UnsafeBufferPointer(
        start: place.pointee.presence,
        count: (rowCount + 7) / 8
      )
      let isWhole = unsafe place.pointee.count == rowCount
      unsafe writer.beginColumn(columns[column].names, presence: isWhole ? nil : bits)
      unsafe write(place, column, shard, text, &writer)
      unsafe place.pointee.presence.update(repeating: 0, count: (rowCount + 7) / 8)
      unsafe place.pointee.count = 0
      unsafe place.pointee.forms = 0
    }
    unsafe shard.pointee.rowCount = 0
    unsafe shard.pointee.byteCount = 0
    unsafe shard.pointee.keys.removeAll()
    unsafe shard.pointee.keyNumbers.removeAll()
    finished.append(
      ChunkResult.Batch(
        shard: ShardIndex(UInt32(truncatingIfNeeded: index)),
        rows: writer.finish(),
        rowCount: rowCount
      )
    )
  }

  /// Writes the values of a column.
  private mutating func write(
    _ place: UnsafeMutablePointer<Cells>,
    _ column: Int,
    _ shard: UnsafeMutablePointer<Shard>,
    _ text: UnsafePointer<UInt8>,
    _ writer: inout TableBatchWriter
  ) {
    let values = unsafe UnsafeMutableBufferPointer(
      start: place.pointee.values,
      count: place.pointee.count
    )
    switch unsafe columns[column].type {
    case .boolean: unsafe writer.write(booleans: UnsafeBufferPointer(values))
    case .integer: unsafe writer.write(integers: UnsafeBufferPointer(values))
    case .double: unsafe DecimalCell.write(values, place.pointee.forms, &writer)
    case .string, .date, .instant, .map, nil:
      unsafe output.write(
        values,
        place.pointee.forms,
        TableScratch.Source(
          text: text,
          presence: place.pointee.presence,
          rowCount: shard.pointee.rowCount,
          keyNumbers: shard.pointee.keyNumbers.base,
          keys: shard.pointee.keys
        ),
        &columns[column].codes,
        &writer
      )
    }
  }
}
