import Bytes

/// Reads the records of a CSV chunk at full speed; what is wrong with one is left to `CSVScanner`.
///
/// First the places of all quotes, separators and line ends are listed, a window of the text at a
/// time and 32 bytes a step; then records are read along that list, without looking at what lies
/// between. Cells stay in the chunk; those with doubled quotes are spelled with single ones there.
@safe struct RecordScanner: ~Copyable {
  enum Step {
    case record
    /// Something that the quick way does not read begins at `recordStart`.
    case irregular
    case end
  }

  /// Text whose marks are listed at once.
  private static let windowByteCount = 32 << 10

  private let base: UnsafeMutablePointer<UInt8>
  private let count: Int
  private let separator: UInt8
  private let recordByteCountMax: Int
  /// Of a record that `nextPlain` reads.
  private let plainByteCountMax: Int
  /// Offsets of marks in the present window; `used` of them were taken.
  private let marks: UnsafeMutablePointer<UInt32>
  private var markCount = 0
  private var used = 0
  /// Places in `marks` of what is no separator; those before `otherUsed` were passed.
  private let others: UnsafeMutablePointer<UInt32>
  private var otherCount = 0
  private var otherUsed = 0
  /// Where the next window begins.
  private var listedEnd: Int

  /// The cells of the current record.
  private(set) var cells = CellList()
  /// Those of them that have doubled quotes.
  private var doubled: [Int] = []
  private(set) var recordStart = 0
  /// Behind the record, its line end excluded.
  private(set) var recordEnd = 0
  /// Line ends before the current record.
  private(set) var recordLine: Int
  private var position: Int
  private var line: Int

  /// - Parameters:
  ///   - chunk: sealed, and changed by nobody else meanwhile.
  ///   - start: where the first record begins.
  ///   - lineCountBefore: line ends before `start`.
  ///   - separator: stands between cells.
  ///   - recordByteCountMax: the longest record, its line end aside.
  init(
    _ chunk: ChunkBuffer,
    from start: Int,
    lineCountBefore: Int,
    separator: UInt8,
    recordByteCountMax: Int
  ) {
    unsafe base = chunk.base
    count = chunk.count
    self.separator = separator
    self.recordByteCountMax = recordByteCountMax
    plainByteCountMax = min(recordByteCountMax, RecordList.recordByteCountMax)
    unsafe marks = .allocate(capacity: RecordScanner.windowByteCount + 128)
    unsafe others = .allocate(capacity: RecordScanner.windowByteCount + 128)
    position = start
    listedEnd = start
    line = lineCountBefore
    recordLine = lineCountBefore
  }

  deinit {
    unsafe marks.deallocate()
    unsafe others.deallocate()
  }

  /// Line ends passed so far.
  var lineCount: Int { line }

  /// Goes on to the next record if it is a line of so many cells, at least two, without quotes.
  ///
  /// - Parameters:
  ///   - columnCount: at most 64.
  ///   - row: the cells are put here, as `RecordList` has them, and `ByteLanes.cellCount` more of no
  ///     meaning; `cells` stays as it is.
  /// - Returns: bit `i` where cell `i` is not empty; `nil` when the record has to be read by `next`.
  @inline(__always)
  mutating func nextPlain(
    _ columnCount: Int,
    into row: UnsafeMutablePointer<UInt32>
  ) -> UInt64? {
    if used == markCount {
      guard position < count else { return nil }
      listMarks()
    }
    while otherUsed < otherCount, unsafe Int(others[otherUsed]) < used { otherUsed &+= 1 }
    guard otherUsed < otherCount else { return nil }
    let last = unsafe Int(others[otherUsed])
    guard last &- used == columnCount &- 1 else { return nil }
    let end = unsafe Int(marks[last])
    guard end < count, unsafe base[end] == 0x0A, end &- position <= plainByteCountMax else {
      return nil
    }
    let places = unsafe marks + used
    let start = UInt32(truncatingIfNeeded: position)
    unsafe row[0] = (places[0] &- start) &<< 16
    for column in 1..<columnCount {
      let before = unsafe places[column &- 1]
      unsafe row[column] =
        (before &+ 1 &- start) | (places[column] &- before &- 1) &<< 16
    }
    used = last &+ 1
    otherUsed &+= 1
    recordStart = position
    recordEnd = end
    recordLine = line
    position = end &+ 1
    line &+= 1
    return unsafe ByteLanes.filled(row, columnCount)
  }

  /// Makes a record that was read by `nextPlain` the current one of `cells` too.
  mutating func list(_ row: UnsafePointer<UInt32>, _ columnCount: Int) {
    cells.removeAll()
    for column in 0..<columnCount {
      let cell = unsafe row[column]
      cells.append(offset: recordStart + Int(cell & 0xFFFF), count: Int(cell >> 16))
    }
  }

  /// Goes on to the next record with a byte in it.
  mutating func next() -> Step {
    while position < count {
      cells.removeAll()
      doubled.removeAll(keepingCapacity: true)
      recordStart = position
      recordLine = line
      var lineEnds = 0
      var cellStart = position
      var byte: UInt8 = 0
      while true {
        var end: Int
        if unsafe base[cellStart] == 0x22 {
          guard let close = findClose(cellStart, &lineEnds) else { return .irregular }
          end = close
        } else {
          end = nextMark()
          cells.append(offset: cellStart, count: end &- cellStart)
        }
        byte = unsafe base[end]
        if byte == separator, end < count {
          cellStart = end &+ 1
          continue
        }
        if byte == 0x22 || end &- recordStart > recordByteCountMax { return .irregular }
        recordEnd = end
        break
      }
      position = recordEnd &+ 1
      line &+= lineEnds
      if recordEnd < count { line &+= 1 }
      if byte == 0x0D, unsafe base[position] == 0x0A, position < count {
        _ = nextMark()
        position &+= 1
      }
      if recordEnd > recordStart {
        for cell in doubled { respell(cell) }
        return .record
      }
    }
    return .end
  }

  /// Finds the end of a quoted cell: the separator or line end behind its closing quote.
  private mutating func findClose(_ start: Int, _ lineEnds: inout Int) -> Int? {
    _ = nextMark()
    var hasDoubled = false
    while true {
      let mark = nextMark()
      guard mark < count else { return nil }
      let byte = unsafe base[mark]
      if byte == 0x22 {
        if unsafe base[mark &+ 1] != 0x22 {
          let end = nextMark()
          guard end == mark &+ 1 else { return nil }
          if hasDoubled { doubled.append(cells.count) }
          cells.append(offset: start &+ 1, count: mark &- start &- 1)
          return end
        }
        _ = nextMark()
        hasDoubled = true
      } else if unsafe byte == 0x0D || (byte == 0x0A && base[mark &- 1] != 0x0D) {
        lineEnds &+= 1
      }
    }
  }

  /// Makes one quote of each two of a cell, in the chunk.
  private mutating func respell(_ cell: Int) {
    let place = cells[cell]
    var from = place.offset
    var to = place.offset
    while from < place.offset + place.count {
      let byte = unsafe base[from]
      unsafe base[to] = byte
      from += byte == 0x22 ? 2 : 1
      to += 1
    }
    cells.replace(cell, offset: place.offset, count: to - place.offset)
  }

  /// Goes on at an offset, after so many line ends, when an irregular record has been dealt with.
  mutating func resume(at offset: Int, lineCount: Int) {
    position = offset
    line = lineCount
    listedEnd = offset
    (markCount, used) = (0, 0)
    (otherCount, otherUsed) = (0, 0)
  }

  /// Takes the cells of a record that was read by other means.
  mutating func take(_ scanner: CSVScanner, _ tape: inout Tape) {
    cells.removeAll()
    let place = tape.respell(scanner.record)
    for index in 0..<scanner.cellCount {
      let range = scanner.cell(index)
      cells.append(offset: place.offset + range.lowerBound, count: range.count)
    }
  }

  /// Offset of the next mark; the text's end is one.
  @inline(__always)
  private mutating func nextMark() -> Int {
    while used == markCount { listMarks() }
    let mark = unsafe Int(marks[used])
    used &+= 1
    return mark
  }

  private mutating func listMarks() {
    (otherCount, otherUsed) = (0, 0)
    let end = min(count + 1, listedEnd + RecordScanner.windowByteCount)
    guard listedEnd < end else {
      // Past the end once more: only a caller that ignores the end comes here.
      unsafe marks[0] = UInt32(truncatingIfNeeded: count)
      (used, markCount) = (0, 1)
      return
    }
    let separator = self.separator
    let (base, marks, others) = unsafe (self.base, self.marks, self.others)
    var found = 0
    var otherFound = 0
    var block = listedEnd
    while block < end {
      let low = unsafe ByteLanes.marks(base + block, separator: separator)
      let high = unsafe ByteLanes.marks(base + block + 32, separator: separator)
      var rest = UInt64(low.others) | UInt64(high.others) &<< 32
      var bits = rest | UInt64(low.separators) | UInt64(high.separators) &<< 32
      if end &- block < 64 {
        let mask = (1 as UInt64) &<< UInt64(truncatingIfNeeded: end &- block) &- 1
        bits &= mask
        rest &= mask
      }
      while rest != 0 {
        let before = bits & ((rest & (0 &- rest)) &- 1)
        unsafe others[otherFound] = UInt32(
          truncatingIfNeeded: found &+ before.nonzeroBitCount
        )
        otherFound &+= 1
        rest &= rest &- 1
      }
      // Eight at a time whether they are there or not: those that are not are overwritten.
      let bitCount = bits.nonzeroBitCount
      var place = unsafe marks + found
      let first = UInt32(truncatingIfNeeded: block)
      var listed = 0
      repeat {
        for index in 0..<8 {
          unsafe place[index] =
            first &+ UInt32(truncatingIfNeeded: bits.trailingZeroBitCount)
          bits &= bits &- 1
        }
        unsafe place += 8
        listed &+= 8
      } while listed < bitCount
      found &+= bitCount
      block &+= 64
    }
    listedEnd = end
    markCount = found
    used = 0
    otherCount = otherFound
  }
}
