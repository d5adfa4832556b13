/// Records of a plain CSV file that wait to be written to tables, a block at a time.
///
/// A cell is one number: its offset in the chunk in the low half, its byte count in the high one.
@safe struct CellBlock: ~Copyable {
  static let rowCountMax = 1_024
  /// Words of 64 rows that a column's bits take.
  static let wordCount = rowCountMax / 64

  let columnCount: Int
  private(set) var count = 0
  /// Bytes of the records' text.
  private(set) var byteCount = 0
  /// The cells of all rows, one row behind the other, and room for those of one more.
  let cells: UnsafeMutablePointer<UInt64>
  /// Of each row the cell with its key.
  let keys: UnsafeMutablePointer<UInt64>
  /// Of each row bit `i` where cell `i` is not empty.
  private let filled: UnsafeMutablePointer<UInt64>
  /// Of each column `wordCount` words of the rows whose cells are not empty, once it is transposed.
  let columnBits: UnsafeMutablePointer<UInt64>

  init(columnCount: Int) {
    self.columnCount = columnCount
    unsafe cells = .allocate(capacity: (CellBlock.rowCountMax + 1) * max(1, columnCount))
    unsafe keys = .allocate(capacity: CellBlock.rowCountMax)
    unsafe filled = .allocate(capacity: CellBlock.rowCountMax)
    // Whole squares are transposed.
    unsafe columnBits = .allocate(capacity: 64 * CellBlock.wordCount)
  }

  deinit {
    unsafe cells.deallocate()
    unsafe keys.deallocate()
    unsafe filled.deallocate()
    unsafe columnBits.deallocate()
  }

  var isFull: Bool { count == CellBlock.rowCountMax }

  /// Where the next row's cells are to be put.
  var next: UnsafeMutablePointer<UInt64> { unsafe cells + count &* columnCount }

  /// Takes the row whose cells were put at `next`.
  @inline(__always)
  mutating func append(filled: UInt64, key: UInt64, byteCount: Int) {
    assert(count < CellBlock.rowCountMax)
    unsafe self.filled[count] = filled
    unsafe keys[count] = key
    self.byteCount &+= byteCount
    count &+= 1
  }

  mutating func removeAll() {
    count = 0
    byteCount = 0
  }

  /// Rows of a column that are not empty, as `wordCount` words.
  func bits(_ column: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe columnBits + column &* CellBlock.wordCount
  }

  /// Turns the bits of rows into those of columns.
  func transpose() {
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { square in
      guard let square = square.baseAddress else { return }
      for word in 0..<CellBlock.wordCount {
        let first = 64 &* word
        for row in 0..<64 {
          unsafe square[row] = first &+ row < count ? filled[first &+ row] : 0
        }
        unsafe CellBlock.transpose(square)
        for column in 0..<64 {
          unsafe columnBits[column &* CellBlock.wordCount &+ word] = square[column]
        }
      }
    }
  }

  /// Swaps the rows and columns of 64 words of 64 bits: of halves first, then of quarters, and on.
  ///
  /// Source: H. S. Warren, *Hacker's Delight*, second edition, section 7–3.
  private static func transpose(_ square: UnsafeMutablePointer<UInt64>) {
    var distance = 32
    var mask: UInt64 = 0xFFFF_FFFF
    while distance > 0 {
      let shift = UInt64(distance)
      var row = 0
      while row < 64 {
        let swapped = unsafe ((square[row] &>> shift) ^ square[row &+ distance]) & mask
        unsafe square[row] ^= swapped &<< shift
        unsafe square[row &+ distance] ^= swapped
        row = (row &+ distance &+ 1) & ~distance
      }
      distance >>= 1
      mask ^= mask &<< UInt64(distance)
    }
  }
}
