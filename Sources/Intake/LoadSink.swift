import Bytes
import Domain

/// Writes rows into the batches of their shards.
struct LoadSink: RowSink {
  private let types: [RowKind: [Text: FieldType]]
  private let limits: IntakeLimits
  private let shards: [ShardBatch]
  private let emit: (ShardIndex, [UInt8], Int) throws -> Void
  /// Bytes in all batches that were not handed on yet.
  private var bufferedByteCount = 0

  init(
    columnTypes: [RowKind: [Text: FieldType]],
    limits: IntakeLimits,
    shardCount: Int,
    emit: @escaping (ShardIndex, [UInt8], Int) throws -> Void
  ) {
    precondition(shardCount > 0 && shardCount <= UInt32.max, "\(shardCount) shards")
    types = columnTypes
    self.limits = limits
    shards = (0..<shardCount).map { ShardBatch(ShardIndex(UInt32($0))) }
    self.emit = emit
  }

  mutating func take(
    _ rows: [ShapedRow],
    _ tape: borrowing Tape,
    _ names: inout NameTable
  ) throws {
    // All rows of one record have one key.
    guard let key = rows.first?.key else { return }
    let hash = tape.hash(key)
    let shard = shards[Int(hash % UInt64(shards.count))]
    for row in rows {
      let before = shard.byteCount
      shard.write(row, tape, names)
      bufferedByteCount += shard.byteCount - before
      if shard.byteCount >= limits.batchByteCount { try handOn(shard) }
    }
    while bufferedByteCount > limits.bufferedByteCountMax {
      // The largest batch makes most room, and leaves the fewest small ones.
      guard let largest = shards.max(by: { $0.byteCount < $1.byteCount }) else { return }
      try handOn(largest)
    }
  }

  /// Hands on what is left.
  mutating func finish() throws {
    for shard in shards where !shard.isEmpty { try handOn(shard) }
  }

  mutating func begin(columns: [Text], kind: RowKind) {}

  mutating func take(cells: borrowing CSVScanner) {}

  mutating func renumber(from old: NameTable, _ names: inout NameTable) {
    for shard in shards { shard.forgetNumbers() }
  }

  func columnTypes(_ kind: RowKind) -> [Text: FieldType] { types[kind, default: [:]] }

  private mutating func handOn(_ shard: ShardBatch) throws {
    bufferedByteCount -= shard.byteCount
    let rowCount = shard.rowCount
    try emit(shard.index, shard.take(), rowCount)
  }
}

extension Tape {
  /// The hash that decides the shard of a key in the text.
  func hash(_ key: Range<Int>) -> UInt64 {
    unsafe text.withUnsafeBufferPointer {
      unsafe shardHash(UnsafeBufferPointer(rebasing: $0[key]))
    }
  }
}

/// The unfinished batch of one shard.
final class ShardBatch {
  let index: ShardIndex
  private var writer = RowBatchWriter()
  private var indices = NameIndices()

  init(_ index: ShardIndex) { self.index = index }

  var byteCount: Int { writer.byteCount }

  var rowCount: Int { writer.rowCount }

  var isEmpty: Bool { writer.isEmpty }

  /// The finished batch; this one is empty afterwards.
  func take() -> [UInt8] {
    indices.removeAll()
    return writer.take()
  }

  /// The numbers of names mean others from now on.
  func forgetNumbers() { indices.removeAll() }

  func write(_ row: ShapedRow, _ tape: borrowing Tape, _ names: NameTable) {
    unsafe tape.text.withUnsafeBufferPointer { text in
      unsafe writer.beginRow(
        kind: row.kind,
        keyUTF8: UnsafeBufferPointer(rebasing: text[row.key])
      )
      let object = writer.beginObject()
      unsafe writeChildren(of: row.root, tape, text, names)
      var count = Int(tape.entries[row.root].bits)
      if let timestamp = row.timestamp {
        writeName(timestamp.name, names)
        unsafe write(scalar: timestamp, text)
        count += 1
      }
      writer.endContainer(object, count: count)
    }
  }

  private func writeChildren(
    of index: Int,
    _ tape: borrowing Tape,
    _ text: UnsafeBufferPointer<UInt8>,
    _ names: NameTable
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
          unsafe writeChildren(of: child, tape, text, names)
          writer.endContainer(start, count: Int(entry.bits))
        default: unsafe write(scalar: entry, text)
        }
      }
      child = tape.next(after: child)
    }
  }

  private func write(scalar entry: Tape.Entry, _ text: UnsafeBufferPointer<UInt8>) {
    switch entry.tag {
    case .boolean: writer.write(boolean: entry.bits == 1)
    case .integer: writer.write(integer: Int64(bitPattern: entry.bits))
    case .double: writer.write(double: Double(bitPattern: entry.bits))
    case .string, .cell:
      let start = Int(truncatingIfNeeded: entry.bits)
      unsafe writer.write(
        utf8: UnsafeBufferPointer(rebasing: text[start..<start &+ Int(entry.extent)])
      )
    case .dead, .array, .object: break
    }
  }

  private func writeName(_ name: Int32, _ names: NameTable) {
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
