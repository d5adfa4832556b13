import Bytes
import Domain

/// The unfinished tables of all shards: the rows of a chunk, column by column.
///
/// Rows come in blocks, and each column of a block is gone through at once: so the steps that a cell
/// takes are those of the cell before. Cells stay in the chunk until their table is finished, which
/// all are before the chunk is given back.
@safe struct ShardTables: ~Copyable {
  /// One column, over all shards.
  struct Column {
    var names: [Text]
    var type: FieldType?
    var text = TextMode.undecided
    var codes = TextCodes()
    /// Forms of which a cell was shown to the column's types.
    var shown: UInt64 = 0
  }

  private let picker: ShardPicker
  private let byteCountMax: Int
  private let shards: UnsafeMutablePointer<TableShard>
  let instants = InstantReader()
  /// Looked up once: it is another module's.
  let entryByteCountMax = TableBatch.entryByteCountMax
  private(set) var columnCount = 0
  private(set) var columns: UnsafeMutablePointer<Column>
  /// Of each column the shards' cells.
  private(set) var cells: UnsafeMutablePointer<TableCells>
  private var kind = RowKind.attributes
  /// Of each row of the block at hand its shard, and its row there.
  let rowShards: UnsafeMutablePointer<UInt32>
  let rowPlaces: UnsafeMutablePointer<UInt32>
  /// Of the table that is being finished.
  var output = TableScratch()

  private var shardCount: Int { picker.count }

  /// Prepares tables without columns.
  ///
  /// - Parameters:
  ///   - shardCount: shards, maybe none.
  ///   - byteCountMax: bytes of text of a table at which it is finished, about.
  init(shardCount: Int, byteCountMax: Int) {
    picker = ShardPicker(shardCount)
    self.byteCountMax = byteCountMax
    unsafe shards = .allocate(capacity: max(1, shardCount))
    for shard in 0..<shardCount { unsafe (shards + shard).initialize(to: TableShard()) }
    unsafe columns = .allocate(capacity: 1)
    unsafe cells = .allocate(capacity: 1)
    unsafe rowShards = .allocate(capacity: CellBlock.rowCountMax)
    unsafe rowPlaces = .allocate(capacity: CellBlock.rowCountMax)
  }

  deinit {
    freeColumns()
    for shard in 0..<shardCount { unsafe shards[shard].free() }
    unsafe shards.deinitialize(count: shardCount)
    unsafe shards.deallocate()
    unsafe rowShards.deallocate()
    unsafe rowPlaces.deallocate()
    instants.free()
    output.free()
  }

  private func freeColumns() {
    for column in 0..<columnCount { unsafe columns[column].codes.free() }
    for index in 0..<columnCount * shardCount { unsafe cells[index].free() }
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
    unsafe cells.initialize(repeating: TableCells(), count: columnCount * shardCount)
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
    for shard in 0..<shardCount where unsafe shards[shard].isFull(byteCountMax) {
      unsafe finish(shard, text, &finished)
    }
  }

  /// Finds the shard of each row and its key's number there.
  private mutating func assignRows(_ block: borrowing CellBlock, _ text: UnsafePointer<UInt8>) {
    let meanByteCount = block.byteCount / block.count
    let picker = picker
    for row in 0..<block.count {
      let cell = unsafe block.keys[row]
      let key = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      let hash = unsafe shardHash(UnsafeBufferPointer(start: key, count: byteCount))
      let index = picker.shard(of: hash)
      let shard = unsafe shards + index
      let place = unsafe shard.pointee.rowCount
      unsafe shard.pointee.append(key, byteCount, hash, byteCount: meanByteCount)
      unsafe rowShards[row] = UInt32(truncatingIfNeeded: index)
      unsafe rowPlaces[row] = UInt32(truncatingIfNeeded: place)
    }
  }

  /// The cells of a column, a shard's one behind the other's.
  @inline(__always)
  func cells(of column: Int) -> UnsafeMutablePointer<TableCells> {
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
      keys: shard.pointee.keys.list,
      keyNumbers: shard.pointee.keyNumbers.numbers
    )
    for column in filled {
      let place = unsafe cells + (column * shardCount + index)
      unsafe writer.beginColumn(columns[column].names, presence: place.pointee.bits(rowCount))
      unsafe write(place.pointee, column, shard, text, &writer)
      unsafe place.pointee.removeAll(rowCount)
    }
    unsafe shard.pointee.removeAll()
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
    _ cells: TableCells,
    _ column: Int,
    _ shard: UnsafeMutablePointer<TableShard>,
    _ text: UnsafePointer<UInt8>,
    _ writer: inout TableBatchWriter
  ) {
    let values = unsafe cells.all
    switch unsafe columns[column].type {
    case .boolean: unsafe writer.write(booleans: UnsafeBufferPointer(values))
    case .integer: unsafe writer.write(integers: UnsafeBufferPointer(values))
    case .double: unsafe DecimalCell.write(values, cells.forms, &writer)
    case .string, .date, .instant, .map, nil:
      unsafe output.write(
        values,
        cells.forms,
        TableScratch.Source(
          text: text,
          presence: cells.presence,
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
