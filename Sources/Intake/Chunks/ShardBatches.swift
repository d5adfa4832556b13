import Bytes
import Domain

/// The unfinished batches of all shards.
@safe struct ShardBatches: ~Copyable {
  private let batches: UnsafeMutablePointer<ShardBatch>
  private let count: Int
  private let batchByteCount: Int
  /// There may be rows in an unfinished batch.
  private var isFilled = false

  /// - Parameters:
  ///   - count: shards, maybe none.
  ///   - batchByteCount: bytes at which a batch is finished.
  init(count: Int, batchByteCount: Int) {
    unsafe batches = .allocate(capacity: max(1, count))
    unsafe batches.initialize(repeating: ShardBatch(), count: count)
    self.count = count
    self.batchByteCount = batchByteCount
  }

  deinit {
    unsafe batches.deinitialize(count: count)
    unsafe batches.deallocate()
  }

  /// Writes the rows of one record, which all have one key.
  mutating func write(
    _ rows: [ShapedRow],
    _ tape: borrowing Tape,
    _ names: borrowing NameTable,
    _ finished: inout [ChunkResult.Batch]
  ) {
    guard let key = rows.first?.key else { return }
    isFilled = true
    let hash = unsafe tape.withBytes(key) { unsafe shardHash($0) }
    let shard = Int(hash % UInt64(count))
    for row in rows {
      unsafe batches[shard].write(row, tape, names)
      if unsafe batches[shard].byteCount >= batchByteCount { finish(shard, &finished) }
    }
  }

  /// Writes a record of a plain CSV file.
  mutating func write(
    _ cells: borrowing CellList,
    _ key: Tape.Place,
    _ plan: FlatPlan,
    isEvent: Bool,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable,
    _ finished: inout [ChunkResult.Batch]
  ) {
    isFilled = true
    let hash = unsafe tape.withBytes(key) { unsafe shardHash($0) }
    let shard = Int(hash % UInt64(count))
    unsafe batches[shard].write(cells, key, plan, isEvent: isEvent, tape, names)
    if unsafe batches[shard].byteCount >= batchByteCount { finish(shard, &finished) }
  }

  /// Finishes what is left.
  mutating func finish(_ finished: inout [ChunkResult.Batch]) {
    guard isFilled else { return }
    isFilled = false
    for shard in 0..<count where unsafe !batches[shard].isEmpty { finish(shard, &finished) }
  }

  /// The numbers of names mean others from now on.
  mutating func forgetNumbers() {
    for shard in 0..<count { unsafe batches[shard].forgetNumbers() }
  }

  private mutating func finish(_ shard: Int, _ finished: inout [ChunkResult.Batch]) {
    let rowCount = unsafe batches[shard].rowCount
    finished.append(
      ChunkResult.Batch(
        shard: ShardIndex(UInt32(shard)),
        rows: unsafe batches[shard].take(),
        rowCount: rowCount
      )
    )
  }
}

/// The unfinished batch of one shard.
struct ShardBatch {
  private var writer = RowBatchWriter()
  private var indices = NameIndices()
  /// Objects of a record that were begun, and how many values each has.
  private var open: [(start: Int, count: Int)] = []

  var byteCount: Int { writer.byteCount }

  var rowCount: Int { writer.rowCount }

  var isEmpty: Bool { writer.isEmpty }

  /// The finished batch; this one is empty afterwards.
  mutating func take() -> [UInt8] {
    indices.removeAll()
    return writer.take()
  }

  /// The numbers of names mean others from now on.
  mutating func forgetNumbers() { indices.removeAll() }

  mutating func write(
    _ row: ShapedRow,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) {
    unsafe tape.withBytes(row.key) {
      unsafe writer.beginRow(kind: row.isEvent ? .event : .attributes, keyUTF8: $0)
    }
    let object = writer.beginObject()
    writeChildren(of: row.root, tape, names)
    var count = Int(tape.entries[row.root].bits)
    if let timestamp = row.timestamp {
      writeName(timestamp.name, names)
      write(scalar: timestamp, tape)
      count += 1
    }
    writer.endContainer(object, count: count)
  }

  mutating func write(
    _ cells: borrowing CellList,
    _ key: Tape.Place,
    _ plan: FlatPlan,
    isEvent: Bool,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) {
    unsafe tape.withBytes(key) {
      unsafe writer.beginRow(kind: isEvent ? .event : .attributes, keyUTF8: $0)
    }
    let row = writer.beginObject()
    open.append((row, 0))
    let filled = filled(cells, plan, tape)
    var step = 0
    while step < plan.steps.count {
      switch plan.steps[step] {
      case .column(let column, let name, let type):
        if filled & (1 &<< UInt64(column)) != 0 {
          writeName(name, names)
          unsafe tape.withBytes(cells[column]) { unsafe write(cell: $0, type) }
          open[open.count &- 1].count &+= 1
        }
      case .open(let columns, let name, let end):
        guard filled & columns != 0 else {
          step = end
          continue
        }
        writeName(name, names)
        open[open.count &- 1].count &+= 1
        open.append((writer.beginObject(), 0))
      case .close:
        let group = open.removeLast()
        writer.endContainer(group.start, count: group.count)
      }
      step &+= 1
    }
    let last = open.removeLast()
    writer.endContainer(last.start, count: last.count)
  }

  /// The cells that say something: among numbers blanks say nothing.
  private func filled(
    _ cells: borrowing CellList,
    _ plan: FlatPlan,
    _ tape: borrowing Tape
  ) -> UInt64 {
    var filled = cells.filled
    var numbers = filled & plan.numberColumns
    while numbers != 0 {
      let column = numbers.trailingZeroBitCount
      numbers &= numbers &- 1
      if unsafe tape.withBytes(cells[column], { unsafe CellTypes.isBlank($0) }) {
        filled &= ~(1 &<< UInt64(column))
      }
    }
    return filled
  }

  /// Writes a cell as a value of its column's type, as it is where it is none.
  private mutating func write(cell: UnsafeBufferPointer<UInt8>, _ type: FieldType?) {
    switch type {
    case .integer:
      if case .integer(let value) = unsafe CellTypes.number(cell) {
        return writer.write(integer: value)
      }
    case .double:
      switch unsafe CellTypes.number(cell) {
      case .integer(let value): return writer.write(double: Double(value))
      case .double(let value): return writer.write(double: value)
      default: break
      }
    case .boolean:
      if let value = unsafe Tape.boolean(cell) { return writer.write(boolean: value) }
    case .string, .date, .instant, .map, nil: break
    }
    unsafe writer.write(utf8: cell)
  }

  private mutating func writeChildren(
    of index: Int,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) {
    let end = tape.end(of: index)
    let isObject = tape.entries[index].tag == .object
    var child = index &+ 1
    while child < end {
      let entry = tape.entries[child]
      if entry.tag != .dead {
        if isObject { writeName(entry.name, names) }
        switch entry.tag {
        case .object, .array:
          let start = entry.tag == .object ? writer.beginObject() : writer.beginArray()
          writeChildren(of: child, tape, names)
          writer.endContainer(start, count: Int(entry.bits))
        default: write(scalar: entry, tape)
        }
      }
      child = tape.next(after: child)
    }
  }

  private mutating func write(scalar entry: Tape.Entry, _ tape: borrowing Tape) {
    switch entry.tag {
    case .boolean: writer.write(boolean: entry.bits == 1)
    case .integer: writer.write(integer: Int64(bitPattern: entry.bits))
    case .double: writer.write(double: Double(bitPattern: entry.bits))
    case .string, .cell:
      unsafe tape.withBytes(tape.place(entry)) { unsafe writer.write(utf8: $0) }
    case .dead, .array, .object: break
    }
  }

  private mutating func writeName(_ name: Int32, _ names: borrowing NameTable) {
    if let index = indices[name] { return writer.write(nameIndex: index) }
    let index = writer.index(of: names.text(name))
    indices[name] = index
    writer.write(nameIndex: index)
  }
}

/// The batch's indices of names by their numbers in the pass's table; open addressing.
struct NameIndices {
  private var numbers = [Int32](repeating: -1, count: 64)
  private var indices = [Int32](repeating: 0, count: 64)
  private var count = 0

  mutating func removeAll() {
    if count > 0 { self = NameIndices() }
  }

  subscript(number: Int32) -> Int? {
    get {
      let slot = slot(of: number)
      return numbers[slot] == number ? Int(indices[slot]) : nil
    }
    set {
      guard let newValue else { return }
      if 2 * (count + 1) > numbers.count { grow() }
      let slot = slot(of: number)
      if numbers[slot] != number { count += 1 }
      numbers[slot] = number
      indices[slot] = Int32(truncatingIfNeeded: newValue)
    }
  }

  /// The slot that holds the number, or the free one where it would go.
  private func slot(of number: Int32) -> Int {
    var slot = Int(UInt32(bitPattern: number) &* 0x9E37_79B1) & (numbers.count &- 1)
    while numbers[slot] >= 0, numbers[slot] != number {
      slot = (slot &+ 1) & (numbers.count &- 1)
    }
    return slot
  }

  private mutating func grow() {
    let (oldNumbers, oldIndices) = (numbers, indices)
    numbers = [Int32](repeating: -1, count: 2 * oldNumbers.count)
    indices = [Int32](repeating: 0, count: 2 * oldNumbers.count)
    for (place, number) in oldNumbers.enumerated() where number >= 0 {
      let slot = slot(of: number)
      numbers[slot] = number
      indices[slot] = oldIndices[place]
    }
  }
}
