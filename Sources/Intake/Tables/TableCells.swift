/// The values of one column of one unfinished table.
@safe struct TableCells {
  /// Of the rows that have a value: integers, booleans and counts as they are, decimals and doubles
  /// as `DecimalCell` and texts as `TextPlace` have them.
  private var values: UnsafeMutablePointer<UInt64>
  /// Bits of the rows that have a value, of `rowCapacity` rows.
  private(set) var presence: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  /// Which forms the values have.
  private(set) var forms: UInt64 = 0
  private var capacity = 0
  private var rowCapacity = 0

  /// No values, and no memory for them yet.
  init() {
    unsafe values = TableCells.nowhere
    unsafe presence = unsafe UnsafeMutableRawPointer(values).assumingMemoryBound(to: UInt8.self)
  }

  /// Where nothing is: it is never read or written.
  private static var nowhere: UnsafeMutablePointer<UInt64> {
    unsafe UnsafeMutablePointer(bitPattern: MemoryLayout<UInt64>.alignment).unsafelyUnwrapped
  }

  func free() {
    if capacity > 0 { unsafe values.deallocate() }
    if rowCapacity > 0 { unsafe presence.deallocate() }
  }

  var all: UnsafeMutableBufferPointer<UInt64> {
    unsafe UnsafeMutableBufferPointer(start: values, count: count)
  }

  /// The bits of so many rows; `nil` when all of them have a value.
  mutating func bits(_ rowCount: Int) -> UnsafeBufferPointer<UInt8>? {
    if count == rowCount { return nil }
    if rowCapacity < rowCount { growRows(rowCount) }
    return unsafe UnsafeBufferPointer(start: presence, count: (rowCount + 7) / 8)
  }

  /// Forgets the values of so many rows.
  mutating func removeAll(_ rowCount: Int) {
    let byteCount = (min(rowCount, rowCapacity) + 7) / 8
    unsafe presence.update(repeating: 0, count: byteCount)
    count = 0
    forms = 0
  }

  // MARK: Value by value

  /// Appends the value of a row, which is behind those that have one.
  @inline(__always)
  mutating func append(_ value: UInt64, _ form: UInt64, row: Int) {
    append(value, form)
    mark(row)
  }

  /// Appends a double.
  @inline(__always)
  mutating func append(double: Double, row: Int) {
    append(double: double)
    mark(row)
  }

  @inline(__always)
  private mutating func mark(_ row: Int) {
    if row >= rowCapacity { growRows(row &+ 1) }
    unsafe presence[row &>> 3] |= 1 &<< UInt8(truncatingIfNeeded: row & 7)
  }

  /// Appends a value of a row whose bit is not set by this.
  @inline(__always)
  mutating func append(_ value: UInt64, _ form: UInt64) {
    if count == capacity { growValues(1) }
    unsafe values[count] = value
    count &+= 1
    forms |= form
  }

  /// Appends a double that is a decimal.
  @inline(__always)
  mutating func append(decimal: UInt64) {
    let areBits = forms & CellForm.double != 0
    append(areBits ? DecimalCell.double(decimal).bitPattern : decimal, CellForm.fraction)
  }

  @inline(__always)
  mutating func append(double: Double) {
    if let decimal = DecimalCell.cell(double) {
      append(decimal: decimal)
    } else {
      append(bits: double.bitPattern)
    }
  }

  /// Appends a double that is no decimal: from now on all of the table are kept by their bits.
  @inline(never)
  private mutating func append(bits: UInt64) {
    if forms & CellForm.double == 0 {
      for index in 0..<count {
        unsafe values[index] = DecimalCell.double(values[index]).bitPattern
      }
    }
    append(bits, CellForm.double)
  }

  // MARK: Many values at once

  /// Makes room for as many values, of rows from `row` on.
  @inline(__always)
  mutating func reserve(_ valueCount: Int, behind row: Int) {
    if capacity &- count < valueCount { growValues(valueCount) }
    // A word more, over which the bits of rows may lie.
    if rowCapacity < row &+ valueCount &+ 64 { growRows(row &+ valueCount &+ 64) }
  }

  /// Where the next values are to be put, for which there is room.
  var end: UnsafeMutablePointer<UInt64> { unsafe values + count }

  /// Takes the values that were put at `end`.
  @inline(__always)
  mutating func extend(by valueCount: Int, _ form: UInt64) {
    assert(count + valueCount <= capacity)
    count &+= valueCount
    if valueCount > 0 { forms |= form }
  }

  /// Says which rows have a value, for which there is room.
  ///
  /// - Parameters:
  ///   - words: bits, the first that of `row`.
  ///   - wordCount: how many words there are.
  ///   - row: from it on no row has a bit.
  mutating func append(_ words: UnsafePointer<UInt64>, _ wordCount: Int, row: Int) {
    assert(row + 64 * (wordCount + 1) <= rowCapacity)
    let first = unsafe UnsafeMutableRawPointer(presence) + row / 64 * 8
    let shift = UInt64(row % 64)
    var carried = unsafe first.loadUnaligned(as: UInt64.self).littleEndian
    for word in 0..<wordCount {
      let bits = unsafe words[word]
      unsafe first.storeBytes(
        of: (carried | bits &<< shift).littleEndian,
        toByteOffset: 8 &* word,
        as: UInt64.self
      )
      carried = shift == 0 ? 0 : bits &>> (64 &- shift)
    }
    unsafe first.storeBytes(
      of: carried.littleEndian,
      toByteOffset: 8 &* wordCount,
      as: UInt64.self
    )
  }

  // MARK: Memory

  @inline(never)
  private mutating func growValues(_ added: Int) {
    let larger = max(64, 2 * capacity, count + added)
    let moved = UnsafeMutablePointer<UInt64>.allocate(capacity: larger)
    unsafe moved.update(from: values, count: count)
    if capacity > 0 { unsafe values.deallocate() }
    unsafe values = moved
    capacity = larger
  }

  @inline(never)
  private mutating func growRows(_ rowCount: Int) {
    var larger = max(512, 2 * rowCapacity)
    while larger < rowCount { larger *= 2 }
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger / 8)
    unsafe moved.update(from: presence, count: rowCapacity / 8)
    unsafe (moved + rowCapacity / 8).update(repeating: 0, count: (larger - rowCapacity) / 8)
    if rowCapacity > 0 { unsafe presence.deallocate() }
    unsafe presence = moved
    rowCapacity = larger
  }
}
