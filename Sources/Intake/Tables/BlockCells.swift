/// The cells of one column of a block, one after the other.
@safe struct BlockCells {
  private let text: UnsafePointer<UInt8>
  private let cells: UnsafePointer<UInt64>
  private let keys: UnsafePointer<UInt64>
  private let columnCount: Int
  private let filled: UnsafeMutablePointer<UInt64>
  private var bits: RowBits
  private var before: RowBits
  /// Of the block.
  private(set) var row = 0
  /// As the block has it.
  private(set) var cell: UInt64 = 0
  /// Cells that need not be shown to the column's types.
  private(set) var alikeCount: UInt64 = 0

  /// Stands before the first cell.
  ///
  /// - Parameters:
  ///   - block: transposed, and as it is while the cells are gone through.
  ///   - column: of the block.
  ///   - text: the chunk.
  init(_ block: borrowing CellBlock, _ column: Int, _ text: UnsafePointer<UInt8>) {
    unsafe self.text = text
    unsafe cells = UnsafePointer(block.cells + column)
    unsafe keys = UnsafePointer(block.keys)
    columnCount = block.columnCount
    unsafe filled = block.mutableBits(column)
    bits = unsafe RowBits(UnsafeRawPointer(filled), block.wordCount)
    before = bits
  }

  /// Goes on to the next cell; answers whether there is one.
  @inline(__always)
  mutating func next() -> Bool {
    before = bits
    guard let row = bits.next() else { return false }
    self.row = row
    cell = unsafe cells[row &* columnCount]
    return true
  }

  /// Stands before the present cell again.
  mutating func goBack() { bits = before }

  /// Makes the present cell an empty one.
  func leaveOut() { unsafe filled[row / 64] &= ~(1 &<< UInt64(row % 64)) }

  @inline(__always)
  var start: UnsafePointer<UInt8> { unsafe text + TextPlace.offset(cell) }

  @inline(__always)
  var byteCount: Int { TextPlace.byteCount(cell) }

  @inline(__always)
  var bytes: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: start, count: byteCount)
  }

  /// Whether the cell begins with the row's key, and not by chance.
  @inline(__always)
  var beginsWithKey: Bool {
    let key = unsafe keys[row]
    let keyByteCount = TextPlace.byteCount(key)
    return unsafe keyByteCount >= TableScratch.keyByteCountMin && keyByteCount <= byteCount
      && TextWords.areEqual(start, text + TextPlace.offset(key), keyByteCount)
  }

  /// What follows the key in a cell that begins with it.
  @inline(__always)
  var rest: UInt64 {
    let keyByteCount = unsafe TextPlace.byteCount(keys[row])
    return unsafe TextPlace.rest(
      text,
      TextPlace.offset(cell) &+ keyByteCount,
      byteCount &- keyByteCount
    )
  }

  /// Shows the cell to the column's types if none of its form was.
  @inline(__always)
  mutating func show(_ form: UInt64, _ shown: inout UInt64, _ types: inout CellTypes) {
    if shown & form != 0 {
      alikeCount &+= 1
    } else {
      unsafe types.add(bytes)
      shown |= form
    }
  }

  /// Shows a text to the column's types while they are not decided.
  @inline(__always)
  mutating func show(_ types: inout CellTypes) {
    if types.isOpen {
      // The number of a value counts for samples only, which are taken apart.
      unsafe types.add(bytes)
    } else {
      alikeCount &+= 1
    }
  }
}

/// The rows that have a bit, in order.
@safe struct RowBits {
  private let words: UnsafeRawPointer
  private let wordCount: Int
  private var word = 0
  private var rest: UInt64

  /// Stands before the first row.
  ///
  /// - Parameters:
  ///   - words: bits of rows.
  ///   - wordCount: how many there are.
  init(_ words: UnsafeRawPointer, _ wordCount: Int) {
    unsafe self.words = words
    self.wordCount = wordCount
    rest = unsafe wordCount > 0 ? words.load(as: UInt64.self) : 0
  }

  @inline(__always)
  mutating func next() -> Int? {
    while rest == 0 {
      word &+= 1
      if word >= wordCount { return nil }
      unsafe rest = words.load(fromByteOffset: 8 &* word, as: UInt64.self)
    }
    let row = word &* 64 &+ rest.trailingZeroBitCount
    rest &= rest &- 1
    return row
  }
}
