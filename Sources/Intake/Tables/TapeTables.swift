import Bytes
import Domain

/// The tables of all shards for rows of JSON lines, whose columns show as they come.
///
/// Rows wait in a list, their texts as codes of their column or by their place in the chunk, until
/// they are written to tables, one shard's after another's: so a table is small enough to be near.
/// That is done before the chunk is given back, and what is written depends on the chunk alone.
@safe struct TapeTables: ~Copyable {
  /// One column, over all shards.
  struct Column {
    var lane: Int
    var scope: Int
    /// Which forms its values in the list have, but for doubles.
    var forms: UInt64 = 0
    var text = TextMode.undecided
    /// Of the table that is being made.
    var cells = TableCells()
    var codes: TextCodes
  }

  let picker: ShardPicker
  let byteCountMax: Int
  private(set) var places = TapePlaces()
  var list = LineList()
  /// The rows of the table that is being made.
  var table = TableShard()
  let columns: UnsafeMutablePointer<Column> = .allocate(capacity: TableBatch.columnCountMax)
  var columnCount = 0
  /// Columns whose memory is there to be used again.
  private var madeCount = 0
  /// Of each scope the table's rows: those of the scope of rows, or elements; each scope but the
  /// first is that of a column.
  let counts: UnsafeMutablePointer<Int> =
    .allocate(capacity: TableBatch.columnCountMax + 1)
  /// Of each scope the elements of the array that was begun last.
  private let elementCounts: UnsafeMutablePointer<UInt64> =
    .allocate(capacity: TableBatch.columnCountMax + 1)
  var kind = RowKind.attributes
  let instants = InstantReader()
  /// Looked up once: it is another module's.
  let entryByteCountMax = TableBatch.entryByteCountMax
  /// A text that does not stand in the chunk.
  private var aside = ByteHeap(capacity: 1 << 10)
  /// Of the table that is being finished.
  var output = TableScratch()

  /// Prepares tables without columns.
  ///
  /// - Parameters:
  ///   - shardCount: shards, maybe none.
  ///   - byteCountMax: bytes of text of a table at which it is finished.
  init(shardCount: Int, byteCountMax: Int) {
    picker = ShardPicker(shardCount)
    self.byteCountMax = byteCountMax
    unsafe counts.initialize(repeating: 0, count: TableBatch.columnCountMax + 1)
    unsafe elementCounts.initialize(repeating: 0, count: TableBatch.columnCountMax + 1)
  }

  deinit {
    for column in 0..<madeCount {
      unsafe columns[column].codes.free()
      unsafe columns[column].cells.free()
    }
    unsafe columns.deinitialize(count: madeCount)
    unsafe columns.deallocate()
    unsafe counts.deallocate()
    unsafe elementCounts.deallocate()
    table.free()
    instants.free()
    aside.free()
    output.free()
  }

  var isEmpty: Bool { list.count == 0 }

  /// Begins a chunk, or goes on with names of other numbers; no row waits.
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

  /// Whether a row of so many bytes of text may be in a table.
  func fits(byteCount: Int) -> Bool { byteCount <= byteCountMax }

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
    let isKeyAside = row.key.offset >= Tape.aside
    let keyStart =
      isKeyAside ? unsafe tape.withBytes(row.key) { unsafe list.keep(key: $0) } : row.key.offset
    let keyBase = unsafe isKeyAside ? UnsafePointer(list.keys.base) : tape.source
    let key = unsafe UnsafeBufferPointer(start: keyBase + keyStart, count: row.key.count)
    let prefix = unsafe isKeyAside || key.count < TableScratch.keyByteCountMin ? nil : key
    list.reserve(places.stepCount)
    let firstStep = list.stepCount
    for index in 0..<places.stepCount {
      let step = unsafe places.steps[index]
      guard step.column >= 0 else {
        list.append(0, column: step.column)
        continue
      }
      let column = unsafe columns + Int(step.column)
      let entry = tape.entries[Int(step.entry)]
      var value = entry.bits
      switch unsafe column.pointee.lane {
      case TapePlaces.Lane.boolean: unsafe column.pointee.forms |= CellForm.boolean
      case TapePlaces.Lane.integer: unsafe column.pointee.forms |= CellForm.integer
      case TapePlaces.Lane.text:
        let place = tape.place(entry)
        let start = unsafe text(place, tape)
        let isOfRow = unsafe column.pointee.scope == 0
        value = unsafe cell(start, place, column, isOfRow ? prefix : nil, tape.source)
      default: break
      }
      list.append(value, column: step.column)
    }
    unsafe end(
      LineList.Head(
        firstStep: firstStep,
        stepCount: list.stepCount - firstStep,
        hash: shardHash(key),
        keyStart: keyStart,
        keyByteCount: key.count,
        isKeyAside: isKeyAside,
        byteCount: byteCount
      ),
      tape.source,
      &finished
    )
  }

  /// Takes in a row that was read by its shape.
  ///
  /// - Parameters:
  ///   - shapes: have read it.
  ///   - byteCount: bytes of its text, as many as may be.
  ///   - source: the chunk.
  ///   - finished: tables that became full.
  mutating func take(
    _ shapes: borrowing LineShapes,
    byteCount: Int,
    _ source: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    let key = unsafe UnsafeBufferPointer(start: source + shapes.key.offset, count: shapes.key.count)
    let prefix = unsafe key.count < TableScratch.keyByteCountMin ? nil : key
    list.reserve(shapes.foundCount &* (1 &+ shapes.effectCountMax))
    let firstStep = list.stepCount
    for index in 0..<shapes.foundCount {
      let found = unsafe shapes.found[index]
      let move = unsafe shapes.moves + Int(found.move)
      if unsafe move.pointee.effectCount > 0 { unsafe perform(shapes, move.pointee) }
      var number = unsafe move.pointee.column
      var value = found.bits
      switch unsafe move.pointee.kind {
      case .string:
        let column = unsafe columns + Int(number)
        let place = found.place
        let isOfRow = unsafe column.pointee.scope == 0
        value = unsafe cell(source + place.offset, place, column, isOfRow ? prefix : nil, source)
      case .number:
        if found.isDouble {
          unsafe number = move.pointee.doubleColumn
        } else {
          unsafe columns[Int(number)].forms |= CellForm.integer
        }
      case .boolean: unsafe columns[Int(number)].forms |= CellForm.boolean
      case .end: continue
      }
      list.append(value, column: number)
    }
    unsafe end(
      LineList.Head(
        firstStep: firstStep,
        stepCount: list.stepCount - firstStep,
        hash: shardHash(key),
        keyStart: shapes.key.offset,
        keyByteCount: key.count,
        isKeyAside: false,
        byteCount: byteCount
      ),
      source,
      &finished
    )
  }

  @inline(never)
  private mutating func perform(_ shapes: borrowing LineShapes, _ move: LineShapes.Move) {
    for index in 0..<Int(move.effectCount) {
      switch shapes.effects[Int(move.firstEffect) + index] {
      case .open(let scope): unsafe elementCounts[Int(scope)] = 0
      case .element(let scope):
        unsafe elementCounts[Int(scope)] &+= 1
        list.append(0, column: -1 - scope)
      case .close(let scope, let column):
        unsafe list.append(elementCounts[Int(scope)], column: column)
      }
    }
  }

  @inline(__always)
  private mutating func end(
    _ head: LineList.Head,
    _ source: UnsafePointer<UInt8>,
    _ finished: inout [ChunkResult.Batch]
  ) {
    list.append(head, shard: picker.shard(of: head.hash))
    if list.isFull { unsafe finish(source, &finished) }
  }

  /// Where a text is that 32 bytes can be read behind, until the next one is asked for.
  @inline(__always)
  private mutating func text(
    _ place: Tape.Place,
    _ tape: borrowing Tape
  ) -> UnsafePointer<UInt8> {
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
        madeCount += 1
      } else {
        unsafe columns[column].lane = place.lane
        unsafe columns[column].scope = place.scope
        unsafe columns[column].forms = 0
        unsafe columns[column].text = .undecided
        unsafe columns[column].codes.removeAll()
      }
    }
    columnCount = places.columns.count
  }
}
