import Bytes

/// Checks the values of a batch of columns, a column at a time.
@safe struct TableCheck {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  func booleans(_ start: Int, _ count: Int) throws(DecodingError) {
    var all: UInt8 = 0
    for index in start..<start + count { unsafe all |= bytes[index] }
    guard all <= 1 else { throw .invalidValue(at: start, what: "a boolean that is none") }
  }

  func doubles(_ start: Int, _ count: Int) throws(DecodingError) {
    var areFinite = true
    for index in 0..<count {
      let bits = unsafe bytes.loadUnaligned(fromByteOffset: start + 8 * index, as: UInt64.self)
      if !Double(bitPattern: bits.littleEndian).isFinite { areFinite = false }
    }
    guard areFinite else { throw .invalidValue(at: start, what: "a number that is not finite") }
  }

  /// Indices have to be below a count.
  func indices(_ numbers: TableLayout.Numbers, below count: Int) throws(DecodingError) {
    guard let largest = largest(numbers) else { return }
    guard largest < UInt64(count) else {
      throw .invalidValue(at: numbers.offset, what: "an index of \(largest) of \(count)")
    }
  }

  private func largest(_ numbers: TableLayout.Numbers) -> UInt64? {
    guard numbers.count > 0, let base = unsafe bytes.baseAddress else { return nil }
    let start = unsafe base + numbers.offset
    if numbers.width == 1 {
      var largest: UInt8 = 0
      for index in 0..<numbers.count {
        largest = max(largest, unsafe start.load(fromByteOffset: index, as: UInt8.self))
      }
      return UInt64(largest)
    }
    if numbers.width == 2 {
      var largest: UInt16 = 0
      for index in 0..<numbers.count {
        let number = unsafe start.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self)
        largest = max(largest, number.littleEndian)
      }
      return UInt64(largest)
    }
    var largest: UInt64 = 0
    for index in 0..<numbers.count {
      largest = unsafe max(largest, numbers.load(index, from: bytes))
    }
    return largest
  }

  /// Integers have to be in a range.
  func integers(
    _ numbers: TableLayout.Numbers,
    _ base: UInt64,
    within range: ClosedRange<Int64>
  ) throws(DecodingError) {
    var least = Int64.max
    var largest = Int64.min
    for index in 0..<numbers.count {
      let value = unsafe Int64(bitPattern: base &+ numbers.load(index, from: bytes))
      least = min(least, value)
      largest = max(largest, value)
    }
    guard numbers.count == 0 || (range.contains(least) && range.contains(largest)) else {
      throw .invalidValue(at: numbers.offset, what: "a number from \(least) to \(largest)")
    }
  }

  /// Texts have to be valid UTF-8, each for itself.
  func texts(_ texts: TableLayout.Texts) throws(DecodingError) {
    let range = texts.offset..<texts.offset + texts.byteCount
    let all = unsafe UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[range])
    if unsafe UTF8Validation.isASCII(all) { return }
    if let at = unsafe UTF8Validation.firstInvalid(all) {
      throw .invalidUTF8(at: texts.offset + at)
    }
    // All of them are; each is when none begins within a character.
    var start = 0
    for index in 0..<texts.byteCounts.count {
      guard unsafe start == all.count || all[start] & 0xC0 != 0x80 else {
        throw .invalidUTF8(at: texts.offset + start)
      }
      start += Int(unsafe texts.byteCounts.load(index, from: bytes))
    }
  }

  /// The columns' names have to be those of one tree, whose leaves they are.
  func names(
    _ columns: [TableLayout.Column],
    rowCount: Int,
    at: Int
  ) throws(DecodingError) {
    let sorted = columns.sorted { $0.names.lexicographicallyPrecedes($1.names) }
    var first = 0
    while first < sorted.count {
      let names = sorted[first].names
      var end = first + 1
      while end < sorted.count, sorted[end].names == names { end += 1 }
      // What begins with a name list follows it at once.
      if end < sorted.count, sorted[end].names.starts(with: names) {
        throw .invalidValue(at: at, what: "a column within another")
      }
      let count = sorted[first..<end].reduce(0) { $0 + $1.count }
      guard end == first + 1 || count == filled(sorted[first..<end], rowCount) else {
        throw .invalidValue(at: at, what: "two values of one field")
      }
      first = end
    }
  }

  /// Every element has to have a value.
  func elements(
    _ columns: [TableLayout.Column],
    _ elementCount: Int,
    at: Int
  ) throws(DecodingError) {
    guard filled(columns[...], elementCount) == elementCount else {
      throw .invalidValue(at: at, what: "elements without a value")
    }
  }

  /// How many rows have a value in one of the columns.
  private func filled(_ columns: ArraySlice<TableLayout.Column>, _ rowCount: Int) -> Int {
    if columns.contains(where: { $0.presence == nil }) { return rowCount }
    var count = 0
    for index in 0..<(rowCount + 7) / 8 {
      var bits: UInt8 = 0
      for column in columns {
        if let presence = column.presence { unsafe bits |= bytes[presence + index] }
      }
      count += bits.nonzeroBitCount
    }
    return count
  }
}
