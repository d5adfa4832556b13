import Bytes
import Domain

/// Tables of the records of a plain CSV file, one shard's at a time, column by column.
///
/// Records come in blocks of one shard, and each column of a block is gone through at once: so the
/// steps that a cell takes are those of the cell before, and what they need is at hand. Cells stay in
/// the chunk until their table is finished, which all are before the chunk is given back.
@safe struct RecordTables: ~Copyable {
  /// One column.
  struct Column {
    var names: [Text]
    var type: FieldType?
    var text = TextMode.undecided
    /// Of the texts of the whole chunk.
    var codes = TextCodes()
    /// Forms of which a cell was shown to the column's types.
    var shown: UInt64 = 0
    /// Of the table at hand.
    var cells = TableCells()
  }

  private let byteCountMax: Int
  let instants = InstantReader()
  /// Looked up once: it is another module's.
  let entryByteCountMax = TableBatch.entryByteCountMax
  private var columnCount = 0
  private(set) var columns: UnsafeMutablePointer<Column>
  private var kind = RowKind.attributes
  /// The rows of the table at hand, and their keys.
  private var table = TableShard()
  private var output = TableScratch()

  /// Prepares tables without columns.
  ///
  /// - Parameter byteCountMax: bytes of text of a table at which it is finished, about.
  init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
    unsafe columns = .allocate(capacity: 1)
  }

  deinit {
    freeColumns()
    table.free()
    instants.free()
    output.free()
  }

  private func freeColumns() {
    for column in 0..<columnCount {
      unsafe columns[column].codes.free()
      unsafe columns[column].cells.free()
    }
    unsafe columns.deinitialize(count: columnCount)
    unsafe columns.deallocate()
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
    for (column, names) in plan.paths.enumerated() {
      unsafe (columns + column).initialize(to: Column(names: names, type: plan.types[column]))
    }
  }

  /// Whether the table has as many rows as one may have, or bytes.
  var isFull: Bool { table.isFull(byteCountMax) }

  /// Takes the rows of a block, of the same shard as those before.
  ///
  /// - Parameters:
  ///   - block: its rows are good.
  ///   - text: the chunk that the cells are in.
  ///   - types: of each column, shown what decides its type.
  mutating func take(
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout [CellTypes]
  ) {
    guard block.count > 0 else { return }
    let rowCount = table.rowCount
    let meanByteCount = block.byteCount / block.count
    for row in 0..<block.count {
      let key = unsafe block.keys[row]
      unsafe table.append(
        text + TextPlace.offset(key),
        TextPlace.byteCount(key),
        block.hashes[row],
        byteCount: meanByteCount
      )
    }
    for column in 0..<columnCount {
      unsafe columns[column].cells.reserve(CellBlock.rowCountMax, behind: rowCount)
      unsafe take(column, block, text, &types[column])
      unsafe columns[column].cells.append(block.bits(column), block.wordCount, row: rowCount)
    }
  }

  /// Finishes the table, if there is a row in it.
  ///
  /// - Parameters:
  ///   - shard: whose rows they are.
  ///   - text: the chunk.
  ///   - finished: the table is appended.
  mutating func finish(
    _ shard: Int,
    _ text: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    let rowCount = table.rowCount
    guard rowCount > 0 else { return }
    let filled = (0..<columnCount).filter { unsafe columns[$0].cells.count > 0 }
    var writer = unsafe TableBatchWriter(
      kind: kind,
      rowCount: rowCount,
      columnCount: filled.count,
      keys: table.keys.list,
      keyNumbers: table.keyNumbers.numbers
    )
    for column in filled {
      let place = unsafe columns + column
      unsafe writer.beginColumn(place.pointee.names, presence: place.pointee.cells.bits(rowCount))
      unsafe write(place, text, &writer)
      unsafe place.pointee.cells.removeAll(rowCount)
    }
    table.removeAll()
    finished.append(
      ChunkResult.Batch(
        shard: ShardIndex(UInt32(truncatingIfNeeded: shard)),
        rows: writer.finish(),
        rowCount: rowCount
      )
    )
  }

  /// Writes the values of a column.
  private mutating func write(
    _ column: UnsafeMutablePointer<Column>,
    _ text: UnsafePointer<UInt8>,
    _ writer: inout TableBatchWriter
  ) {
    let values = unsafe column.pointee.cells.all
    let forms = unsafe column.pointee.cells.forms
    switch unsafe column.pointee.type {
    case .boolean: unsafe writer.write(booleans: UnsafeBufferPointer(values))
    case .integer: unsafe writer.write(integers: UnsafeBufferPointer(values))
    case .double: unsafe DecimalCell.write(values, forms, &writer)
    case .string, .date, .instant, .map, nil:
      unsafe output.write(
        values,
        forms,
        TableScratch.Source(
          text: text,
          presence: column.pointee.cells.presence,
          rowCount: table.rowCount,
          keyNumbers: table.keyNumbers.base,
          keys: table.keys
        ),
        &column.pointee.codes,
        &writer
      )
    }
  }
}
