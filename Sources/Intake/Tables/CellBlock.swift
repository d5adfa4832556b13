/// Records of one shard that are written to its table together.
///
/// A cell is one number: its offset in the chunk in the low half, its byte count in the high one.
@safe struct CellBlock: ~Copyable {
  /// As many as have their text and cells in a core's own cache.
  static let rowCountMax = 512
  private static let wordCountMax = rowCountMax / 64

  let columnCount: Int
  private(set) var count = 0
  /// Bytes of the records' text.
  private(set) var byteCount = 0
  /// The cells of all rows, one row behind the other.
  let cells: UnsafeMutablePointer<UInt64>
  /// Of each row the cell with its key, and the key's hash.
  let keys: UnsafeMutablePointer<UInt64>
  let hashes: UnsafeMutablePointer<UInt64>
  /// Of each row bit `i` where cell `i` is not empty.
  private let filled: UnsafeMutablePointer<UInt64>
  /// Of each column the words of the rows whose cells are not empty.
  private let columnBits: UnsafeMutablePointer<UInt64>
  /// What `fetch` read, of no meaning but that it is read.
  private var fetched: UInt8 = 0

  init(columnCount: Int) {
    self.columnCount = columnCount
    unsafe cells = .allocate(capacity: max(1, CellBlock.rowCountMax * columnCount))
    unsafe keys = .allocate(capacity: CellBlock.rowCountMax)
    unsafe hashes = .allocate(capacity: CellBlock.rowCountMax)
    unsafe filled = .allocate(capacity: CellBlock.rowCountMax)
    // Whole squares are transposed.
    unsafe columnBits = .allocate(capacity: 64 * CellBlock.wordCountMax)
  }

  deinit {
    unsafe cells.deallocate()
    unsafe keys.deallocate()
    unsafe hashes.deallocate()
    unsafe filled.deallocate()
    unsafe columnBits.deallocate()
  }

  /// Takes records in place of those that it has: as many as there is room for, at least one.
  ///
  /// - Parameters:
  ///   - records: sorted, of as many columns.
  ///   - places: of records as they are sorted; not empty.
  ///   - byteCountMax: bytes of text that one record may go over.
  ///   - text: the chunk.
  mutating func take(
    _ records: borrowing RecordList,
    _ places: Range<Int>,
    byteCountMax: Int,
    _ text: UnsafePointer<UInt8>
  ) {
    count = 0
    byteCount = 0
    let heads = unsafe records.sorted + places.lowerBound
    let countMax = min(places.count, CellBlock.rowCountMax)
    unsafe fetch(records, heads, countMax, text)
    let columnCount = columnCount
    while count < countMax, byteCount < byteCountMax {
      let head = unsafe heads[count]
      let start = UInt64(head.start)
      let from = unsafe records.cells + Int(head.record) &* columnCount
      let to = unsafe cells + count &* columnCount
      for column in 0..<columnCount {
        unsafe to[column] = CellBlock.place(from[column], start)
      }
      unsafe filled[count] = head.filled
      unsafe keys[count] = CellBlock.place(head.key, start)
      unsafe hashes[count] = head.hash
      byteCount &+= Int(head.byteCount)
      count &+= 1
    }
    transpose()
  }

  /// A cell of a record that begins at `start`, by its place in the chunk.
  @inline(__always)
  private static func place(_ cell: UInt32, _ start: UInt64) -> UInt64 {
    (start &+ UInt64(cell & 0xFFFF)) | UInt64(cell &>> 16) &<< 32
  }

  /// Reads a byte of each cache line that is needed next, so that many of them are fetched at once.
  private mutating func fetch(
    _ records: borrowing RecordList,
    _ heads: UnsafePointer<RecordList.Head>,
    _ count: Int,
    _ text: UnsafePointer<UInt8>
  ) {
    var all: UInt8 = 0
    let last = max(0, columnCount &- 1)
    for index in 0..<count {
      let record = unsafe text + Int(heads[index].start)
      let byteCount = unsafe Int(heads[index].byteCount)
      let cells = unsafe records.cells + Int(heads[index].record) &* columnCount
      unsafe all ^=
        record[0] ^ record[min(64, byteCount)] ^ record[min(128, byteCount)] ^ record[byteCount]
      unsafe all ^= UInt8(truncatingIfNeeded: cells[0] ^ cells[last])
      var offset = 192
      while offset < byteCount {
        unsafe all ^= record[offset]
        offset &+= 64
      }
    }
    fetched = all
  }

  /// Words of 64 rows that a column's bits take.
  var wordCount: Int { (count &+ 63) / 64 }

  /// Rows of a column that are not empty, as `wordCount` words.
  func bits(_ column: Int) -> UnsafePointer<UInt64> {
    unsafe UnsafePointer(columnBits + column &* CellBlock.wordCountMax)
  }

  /// The same, for what finds cells to be empty.
  func mutableBits(_ column: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe columnBits + column &* CellBlock.wordCountMax
  }

  /// Turns the bits of rows into those of columns.
  private func transpose() {
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { square in
      guard let square = square.baseAddress else { return }
      for word in 0..<wordCount {
        let first = 64 &* word
        for row in 0..<64 {
          unsafe square[row] = first &+ row < count ? filled[first &+ row] : 0
        }
        unsafe CellBlock.transpose(square)
        for column in 0..<columnCount {
          unsafe columnBits[column &* CellBlock.wordCountMax &+ word] = square[column]
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
