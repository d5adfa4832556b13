package import Bytes

/// Writes one batch of columns: the keys, then the columns one after the other.
@safe package struct TableBatchWriter: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0

  /// Begins a batch.
  ///
  /// - Parameters:
  ///   - kind: of all rows.
  ///   - rowCount: at least 1.
  ///   - columnCount: columns of rows that will be written.
  ///   - keys: texts that are valid UTF-8.
  ///   - keyNumbers: of each row the index of its key.
  package init(
    kind: RowKind,
    rowCount: Int,
    columnCount: Int,
    keys: TextList,
    keyNumbers: UnsafeBufferPointer<UInt32>
  ) {
    precondition(rowCount > 0 && columnCount <= TableBatch.columnCountMax, "\(columnCount) columns")
    precondition(keyNumbers.count == rowCount, "\(keyNumbers.count) keys, \(rowCount) rows")
    // As much as most rows take, so that little is moved.
    capacity = unsafe 4_096 + 2 * keys.bytes.count + 40 * rowCount
    unsafe base = .allocate(byteCount: capacity, alignment: 16)
    write(byte: TableBatch.version)
    write(byte: kind.rawValue)
    write(varint: UInt64(rowCount))
    write(keys)
    var largest: UInt32 = 0
    for index in 0..<rowCount { unsafe largest = max(largest, keyNumbers[index]) }
    unsafe write(numbers: keyNumbers, width: TableBatch.width(of: UInt64(largest)))
    write(varint: UInt64(columnCount))
  }

  deinit { unsafe base.deallocate() }

  /// Begins a column.
  ///
  /// - Parameters:
  ///   - names: the way to its field; none for elements that are no objects.
  ///   - presence: bits of the rows that have a value, zeros behind them; `nil` when all have.
  package mutating func beginColumn(_ names: [Text], presence: UnsafeBufferPointer<UInt8>?) {
    write(varint: UInt64(names.count))
    for name in names {
      write(varint: UInt64(name.byteCount))
      for byte in name.utf8 { write(byte: byte) }
    }
    write(byte: unsafe presence == nil ? 0 : 1)
    if let presence = unsafe presence { unsafe write(UnsafeRawBufferPointer(presence)) }
  }

  /// Writes booleans: 0 or 1.
  package mutating func write(booleans: UnsafeBufferPointer<UInt64>) {
    write(byte: TableBatch.Kind.boolean)
    let place = unsafe extend(booleans.count).assumingMemoryBound(to: UInt8.self)
    for index in 0..<booleans.count {
      unsafe place[index] = booleans[index] == 0 ? 0 : 1
    }
  }

  package mutating func write(integers: UnsafeBufferPointer<UInt64>) {
    write(byte: TableBatch.Kind.integer)
    unsafe writeIntegers(integers)
  }

  /// Writes IEEE 754 bits of finite doubles.
  package mutating func write(doubles: UnsafeBufferPointer<UInt64>) {
    write(byte: TableBatch.Kind.double)
    let place = unsafe extend(8 * doubles.count)
    for index in 0..<doubles.count {
      unsafe place.storeBytes(
        of: doubles[index].littleEndian,
        toByteOffset: 8 * index,
        as: UInt64.self
      )
    }
  }

  /// Writes doubles that are whole numbers over a power of ten.
  package mutating func write(decimals: UnsafeBufferPointer<UInt64>, scale: Int) {
    write(byte: TableBatch.Kind.decimal)
    write(byte: UInt8(truncatingIfNeeded: scale))
    unsafe writeIntegers(decimals)
  }

  /// Writes texts by their indices in a list.
  package mutating func write(codes: UnsafeBufferPointer<UInt64>, of entries: TextList) {
    write(byte: TableBatch.Kind.dictionary)
    write(entries)
    let largest = UInt64(max(1, entries.count) - 1)
    unsafe write(numbers: codes, less: 0, width: TableBatch.width(of: largest))
  }

  package mutating func write(texts: TextList) {
    write(byte: TableBatch.Kind.text)
    writeTexts(texts)
  }

  /// Writes what follows the row's key in each text.
  package mutating func write(afterKey texts: TextList) {
    write(byte: TableBatch.Kind.afterKey)
    writeTexts(texts)
  }

  /// Writes texts of one style by their counts of units.
  package mutating func write(instants: UnsafeBufferPointer<UInt64>, _ style: InstantStyle) {
    write(byte: TableBatch.Kind.kind(style))
    unsafe writeIntegers(instants)
  }

  /// Writes arrays, whose elements' columns have to be written next.
  package mutating func write(arrays elementCounts: UnsafeBufferPointer<UInt64>, columnCount: Int) {
    precondition(columnCount <= TableBatch.columnCountMax, "\(columnCount) columns")
    write(byte: TableBatch.Kind.array)
    var largest: UInt64 = 0
    for index in 0..<elementCounts.count { unsafe largest = max(largest, elementCounts[index]) }
    unsafe write(numbers: elementCounts, less: 0, width: TableBatch.width(of: largest))
    write(varint: UInt64(columnCount))
  }

  /// The whole batch.
  package consuming func finish() -> [UInt8] {
    write(number: 0, byteCount: TableBatch.endByteCount)
    return unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
  }
}

/// Texts one behind the other.
@safe package struct TextList {
  package var byteCounts: UnsafeBufferPointer<UInt32>
  /// Invariant: as many as the sum of `byteCounts`.
  package var bytes: UnsafeBufferPointer<UInt8>

  package init(byteCounts: UnsafeBufferPointer<UInt32>, bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.byteCounts = byteCounts
    unsafe self.bytes = bytes
  }

  package var count: Int { unsafe byteCounts.count }
}

extension TableBatchWriter {
  private mutating func write(_ texts: TextList) {
    write(varint: UInt64(texts.count))
    writeTexts(texts)
  }

  private mutating func writeTexts(_ texts: TextList) {
    var largest: UInt32 = 0
    let byteCounts = unsafe texts.byteCounts
    for index in 0..<byteCounts.count { unsafe largest = max(largest, byteCounts[index]) }
    unsafe write(numbers: byteCounts, width: TableBatch.width(of: UInt64(largest)))
    unsafe write(UnsafeRawBufferPointer(texts.bytes))
  }

  private mutating func writeIntegers(_ integers: UnsafeBufferPointer<UInt64>) {
    var least = Int64.max
    var largest = Int64.min
    for index in 0..<integers.count {
      let value = unsafe Int64(bitPattern: integers[index])
      least = min(least, value)
      largest = max(largest, value)
    }
    if integers.isEmpty { (least, largest) = (0, 0) }
    write(varint: UInt64(bitPattern: (least << 1) ^ (least >> 63)))
    let width = TableBatch.width(of: UInt64(bitPattern: largest &- least))
    unsafe write(numbers: integers, less: UInt64(bitPattern: least), width: width)
  }

  private mutating func write(numbers: UnsafeBufferPointer<UInt32>, width: Int) {
    write(byte: UInt8(truncatingIfNeeded: width))
    let count = numbers.count
    let place = unsafe extend(width * count)
    switch width {
    case 1:
      for index in 0..<count {
        unsafe place.storeBytes(
          of: UInt8(truncatingIfNeeded: numbers[index]),
          toByteOffset: index,
          as: UInt8.self
        )
      }
    default:
      // Eight bytes are stored each time; those that are too many are overwritten, and at the end
      // there is room for them.
      for index in 0..<count {
        unsafe place.storeBytes(
          of: UInt64(numbers[index]).littleEndian,
          toByteOffset: index &* width,
          as: UInt64.self
        )
      }
    }
  }

  private mutating func write(
    numbers: UnsafeBufferPointer<UInt64>,
    less base: UInt64,
    width: Int
  ) {
    write(byte: UInt8(truncatingIfNeeded: width))
    let count = numbers.count
    let place = unsafe extend(width * count)
    switch width {
    case 1:
      for index in 0..<count {
        unsafe place.storeBytes(
          of: UInt8(truncatingIfNeeded: numbers[index] &- base),
          toByteOffset: index,
          as: UInt8.self
        )
      }
    default:
      for index in 0..<count {
        unsafe place.storeBytes(
          of: (numbers[index] &- base).littleEndian,
          toByteOffset: index &* width,
          as: UInt64.self
        )
      }
    }
  }

  private mutating func write(byte: UInt8) {
    unsafe extend(1).storeBytes(of: byte, as: UInt8.self)
  }

  private mutating func write(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      write(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    write(byte: UInt8(truncatingIfNeeded: rest))
  }

  private mutating func write(number: UInt64, byteCount: Int) {
    unsafe extend(byteCount).storeBytes(of: number.littleEndian, as: UInt64.self)
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    unsafe extend(bytes.count).copyMemory(from: source, byteCount: bytes.count)
  }

  /// Makes room for so many bytes, and eight that may be written behind them.
  private mutating func extend(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if capacity - count < byteCount + 8 {
      capacity = max(2 * capacity, count + byteCount + 8)
      let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
      unsafe larger.copyMemory(from: base, byteCount: count)
      unsafe base.deallocate()
      unsafe base = larger
    }
    defer { count += byteCount }
    return unsafe base + count
  }
}
