import Bytes
import Domain

/// The unfinished tables of all shards for rows of JSON lines, whose columns show as they come.
///
/// Rows are staged, and given to the tables of their shards many at a time. Texts stay in the chunk
/// until their table is finished, which all are before the chunk is given back. What is written
/// depends on the chunk alone.
@safe struct TapeTables: ~Copyable {
  /// One column, over all shards.
  struct Column {
    var lane: Int
    var scope: Int
    var text = TextMode.undecided
    var codes: TextCodes
  }

  private let picker: ShardPicker
  private let byteCountMax: Int
  private let shards: UnsafeMutablePointer<TableShard>
  private var places = TapePlaces()
  private var stage: TapeStage
  let columns: UnsafeMutablePointer<Column>
  private var columnCount = 0
  /// Columns whose memory is there to be used again.
  private var madeCount = 0
  /// Of each column the shards' cells.
  let cells: UnsafeMutablePointer<TableCells>
  /// Of each scope the shards' rows: those of the scope of rows, or elements.
  private let counts: UnsafeMutablePointer<Int>
  private var kind = RowKind.attributes
  private(set) var isEmpty = true
  let instants = InstantReader()
  /// Looked up once: it is another module's.
  private let entryByteCountMax = TableBatch.entryByteCountMax
  /// A text that does not stand in the chunk.
  var aside = ByteHeap(capacity: 1 << 10)
  /// Of the table that is being finished.
  private var output = TableScratch()

  private var shardCount: Int { picker.count }

  /// Prepares tables without columns.
  ///
  /// - Parameters:
  ///   - shardCount: shards, maybe none.
  ///   - byteCountMax: bytes of text of a table at which it is finished.
  init(shardCount: Int, byteCountMax: Int) {
    picker = ShardPicker(shardCount)
    self.byteCountMax = byteCountMax
    stage = TapeStage(byteCountMax: byteCountMax / 2)
    unsafe shards = .allocate(capacity: max(1, shardCount))
    for shard in 0..<shardCount { unsafe (shards + shard).initialize(to: TableShard()) }
    unsafe columns = .allocate(capacity: TableBatch.columnCountMax)
    unsafe cells = .allocate(capacity: max(1, TableBatch.columnCountMax * shardCount))
    // Each scope but the first is that of a column.
    let scopeCountMax = TableBatch.columnCountMax + 1
    unsafe counts = .allocate(capacity: max(1, scopeCountMax * shardCount))
    unsafe counts.initialize(repeating: 0, count: scopeCountMax * shardCount)
  }

  deinit {
    for shard in 0..<shardCount { unsafe shards[shard].free() }
    for column in 0..<madeCount { unsafe columns[column].codes.free() }
    for index in 0..<madeCount * shardCount { unsafe cells[index].free() }
    unsafe shards.deinitialize(count: shardCount)
    unsafe columns.deinitialize(count: madeCount)
    unsafe shards.deallocate()
    unsafe columns.deallocate()
    unsafe cells.deallocate()
    unsafe counts.deallocate()
    instants.free()
    aside.free()
    output.free()
  }

  /// Begins a chunk, or goes on with names of other numbers; there are no unfinished tables.
  mutating func begin(_ kind: RowKind) {
    self.kind = kind
    places.removeAll()
    columnCount = 0
  }

  /// Finds the columns of a row, which may be taken next if it fits.
  ///
  /// - Parameters:
  ///   - row: a good row of the tables' kind.
  ///   - byteCount: bytes of the row's text.
  ///   - tape: has the row.
  ///   - names: numbers of names.
  /// - Returns: whether the row fits into a table.
  mutating func fits(
    _ row: ShapedRow,
    byteCount: Int,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) -> Bool {
    byteCount <= byteCountMax && row.timestamp == nil && places.resolve(row, tape, names)
  }

  /// Takes in the row that was found to fit.
  ///
  /// - Parameters:
  ///   - row: that row.
  ///   - byteCount: bytes of its text.
  ///   - tape: has the row, and knows the chunk.
  ///   - finished: tables that became full.
  mutating func take(
    _ row: ShapedRow,
    byteCount: Int,
    _ tape: borrowing Tape,
    _ finished: inout [ChunkResult.Batch]
  ) {
    if columnCount < places.columns.count { addColumns() }
    let key = unsafe text(row.key, tape)
    let hash = unsafe shardHash(UnsafeBufferPointer(start: key, count: row.key.count))
    let shard = picker.shard(of: hash)
    unsafe stage.append(key, row.key.count, hash, shard: shard, byteCount: byteCount)
    isEmpty = false
    unsafe append(of: shard, key: key, row.key.count, tape)
    guard stage.isFull else { return }
    settle()
    for shard in 0..<shardCount where unsafe shards[shard].isFull(byteCountMax) {
      unsafe finish(shard, tape.source, &finished)
    }
  }

  /// Gives the staged rows to the tables of their shards.
  private mutating func settle() {
    unsafe stage.giveKeys(to: shards)
    for scope in 0..<stage.scopeCount {
      unsafe stage.place(scope, behind: counts + scope * shardCount)
    }
    for column in 0..<columnCount {
      unsafe stage.give(
        column,
        of: columns[column].scope,
        areDoubles: columns[column].lane == TapePlaces.Lane.double,
        to: cells + column * shardCount
      )
    }
    stage.removeAll()
  }

  /// Where a text is that 32 bytes can be read behind, until the next one is asked for.
  @inline(__always)
  mutating func text(_ place: Tape.Place, _ tape: borrowing Tape) -> UnsafePointer<UInt8> {
    if place.offset < Tape.aside { return unsafe tape.source + place.offset }
    aside.removeAll()
    unsafe tape.withBytes(place) { unsafe aside.append(exactly: $0) }
    return unsafe UnsafePointer(aside.base)
  }

  private mutating func addColumns() {
    for column in columnCount..<places.columns.count {
      let place = places.columns[column]
      if column == madeCount {
        unsafe (columns + column).initialize(
          to: Column(lane: place.lane, scope: place.scope, codes: TextCodes())
        )
        unsafe (cells + column * shardCount).initialize(repeating: TableCells(), count: shardCount)
        madeCount += 1
      } else {
        unsafe columns[column].lane = place.lane
        unsafe columns[column].scope = place.scope
        unsafe columns[column].text = .undecided
        unsafe columns[column].codes.removeAll()
      }
    }
    columnCount = places.columns.count
    stage.makeScopes(places.scopeCount)
  }

  /// Appends the values of the row that was resolved to the staged ones.
  @inline(__always)
  private mutating func append(
    of shard: Int,
    key: UnsafePointer<UInt8>,
    _ keyByteCount: Int,
    _ tape: borrowing Tape
  ) {
    let (columns, cells, scopes) = unsafe (self.columns, stage.cells, stage.scopes)
    let isKeyInChunk = unsafe key != UnsafePointer(aside.base)
    for index in 0..<places.stepCount {
      let step = unsafe places.steps[index]
      guard step.column >= 0 else {
        unsafe scopes[Int(-1 &- step.column)].shards.append(UInt32(truncatingIfNeeded: shard))
        continue
      }
      let column = unsafe columns + Int(step.column)
      let scope = unsafe column.pointee.scope
      let place = unsafe cells + Int(step.column)
      let row = unsafe scopes[scope].shards.count &- 1
      let entry = tape.entries[Int(step.entry)]
      switch unsafe column.pointee.lane {
      case TapePlaces.Lane.boolean:
        unsafe place.pointee.append(entry.bits, CellForm.boolean, row: row)
      case TapePlaces.Lane.integer:
        unsafe place.pointee.append(entry.bits, CellForm.integer, row: row)
      case TapePlaces.Lane.double:
        unsafe place.pointee.append(double: Double(bitPattern: entry.bits), row: row)
      case TapePlaces.Lane.text:
        let isOfRow = scope == 0 && isKeyInChunk && keyByteCount >= TableScratch.keyByteCountMin
        unsafe append(
          tape.place(entry),
          column,
          isOfRow ? UnsafeBufferPointer(start: key, count: keyByteCount) : nil,
          row,
          place,
          tape
        )
      default: unsafe place.pointee.append(entry.bits, 0, row: row)
      }
    }
  }

  // MARK: Finishing

  /// Finishes all tables.
  mutating func finish(_ text: UnsafePointer<UInt8>, _ finished: inout [ChunkResult.Batch]) {
    guard !isEmpty else { return }
    settle()
    for shard in 0..<shardCount where unsafe shards[shard].rowCount > 0 {
      unsafe finish(shard, text, &finished)
    }
    isEmpty = true
  }

  private mutating func finish(
    _ index: Int,
    _ text: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    let shard = unsafe shards + index
    let rowCount = unsafe shard.pointee.rowCount
    let filled = filledColumns(of: 0, index)
    var writer = unsafe TableBatchWriter(
      kind: kind,
      rowCount: rowCount,
      columnCount: filled.count,
      keys: shard.pointee.keys.list,
      keyNumbers: shard.pointee.keyNumbers.numbers
    )
    unsafe write(filled, of: index, text, &writer)
    for scope in 0..<places.scopeCount { unsafe counts[scope * shardCount + index] = 0 }
    unsafe shard.pointee.removeAll()
    finished.append(
      ChunkResult.Batch(
        shard: ShardIndex(UInt32(truncatingIfNeeded: index)),
        rows: writer.finish(),
        rowCount: rowCount
      )
    )
  }

  private func filledColumns(of scope: Int, _ shard: Int) -> [Int] {
    (0..<columnCount).filter {
      unsafe columns[$0].scope == scope && cells[$0 * shardCount + shard].count > 0
    }
  }

  private mutating func write(
    _ columns: [Int],
    of shard: Int,
    _ text: UnsafePointer<UInt8>,
    _ writer: inout TableBatchWriter
  ) {
    for column in columns {
      let scope = unsafe self.columns[column].scope
      let rowCount = unsafe counts[scope * shardCount + shard]
      let place = unsafe cells + (column * shardCount + shard)
      let bits = unsafe place.pointee.bits(rowCount)
      unsafe writer.beginColumn(places.columns[column].names, presence: bits)
      let values = unsafe place.pointee.all
      switch unsafe self.columns[column].lane {
      case TapePlaces.Lane.boolean: unsafe writer.write(booleans: UnsafeBufferPointer(values))
      case TapePlaces.Lane.integer: unsafe writer.write(integers: UnsafeBufferPointer(values))
      case TapePlaces.Lane.double: unsafe DecimalCell.write(values, place.pointee.forms, &writer)
      case TapePlaces.Lane.text:
        unsafe output.write(
          values,
          place.pointee.forms,
          TableScratch.Source(
            text: text,
            presence: place.pointee.presence,
            rowCount: rowCount,
            keyNumbers: shards[shard].keyNumbers.base,
            keys: shards[shard].keys
          ),
          &self.columns[column].codes,
          &writer
        )
      default:
        let elements = filledColumns(of: places.columns[column].elements, shard)
        unsafe writer.write(arrays: UnsafeBufferPointer(values), columnCount: elements.count)
        unsafe write(elements, of: shard, text, &writer)
      }
      unsafe place.pointee.removeAll(rowCount)
    }
  }
}

/// Texts of rows.
extension TapeTables {
  /// Appends a text.
  ///
  /// - Parameters:
  ///   - place: of the text on the tape.
  ///   - column: takes it.
  ///   - key: what the text may begin with; `nil` where that is not looked for.
  ///   - row: of the column's scope.
  ///   - cells: those of the shard.
  ///   - tape: has the text.
  @inline(__always)
  private mutating func append(
    _ place: Tape.Place,
    _ column: UnsafeMutablePointer<Column>,
    _ key: UnsafeBufferPointer<UInt8>?,
    _ row: Int,
    _ cells: UnsafeMutablePointer<TableCells>,
    _ tape: borrowing Tape
  ) {
    let start = unsafe text(place, tape)
    if unsafe column.pointee.text == .undecided {
      unsafe column.pointee.text = firstMode(start, place.count, key)
    }
    switch unsafe column.pointee.text {
    case .instants(let style):
      if let read = unsafe instants.read(start, place.count), read.style.isSame(as: style) {
        let value = TextPlace.instant(style, read.count)
        return unsafe cells.pointee.append(value, CellForm.instant(style), row: row)
      }
      unsafe column.pointee.text = .codes
    case .afterKey:
      if let key = unsafe key, place.offset < Tape.aside,
        unsafe TapeTables.begins(start, place.count, with: key)
      {
        let rest = unsafe TextPlace.rest(
          tape.source,
          place.offset &+ key.count,
          place.count &- key.count
        )
        return unsafe cells.pointee.append(rest, CellForm.afterKey, row: row)
      }
      unsafe column.pointee.text = .codes
    case .undecided, .codes, .places: break
    }
    unsafe append(start, place, column, row, cells)
  }

  /// Appends a text by its code, or its place.
  @inline(__always)
  private func append(
    _ start: UnsafePointer<UInt8>,
    _ place: Tape.Place,
    _ column: UnsafeMutablePointer<Column>,
    _ row: Int,
    _ cells: UnsafeMutablePointer<TableCells>
  ) {
    let isAside = place.offset >= Tape.aside
    let isShort = place.count <= entryByteCountMax
    let isCode = unsafe column.pointee.text == .codes && !column.pointee.codes.isUseless
    if isAside || (isCode && isShort) {
      let code = unsafe column.pointee.codes.code(of: start, place.count)
      // Where a text is no entry of a dictionary, all are written in full.
      let form = isShort ? CellForm.code : CellForm.code | CellForm.whole
      unsafe cells.pointee.append(UInt64(truncatingIfNeeded: code), form, row: row)
    } else {
      if !isCode { unsafe column.pointee.text = .places }
      let cell = UInt64(truncatingIfNeeded: place.offset) | UInt64(place.count) &<< 32
      unsafe cells.pointee.append(cell | TextPlace.whole, CellForm.whole, row: row)
    }
  }

  private func firstMode(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ key: UnsafeBufferPointer<UInt8>?
  ) -> TextMode {
    if let read = unsafe instants.read(start, byteCount) { return .instants(read.style) }
    guard let key = unsafe key else { return .codes }
    return unsafe TapeTables.begins(start, byteCount, with: key) ? .afterKey : .codes
  }

  @inline(__always)
  private static func begins(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    with key: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let keyStart = key.baseAddress, key.count <= byteCount else { return false }
    return unsafe TextWords.areEqual(start, keyStart, key.count)
  }
}
