import Bytes

/// Reads the records of a CSV chunk at full speed; what is wrong with one is left to `CSVScanner`.
///
/// First the places of all quotes, separators and line ends are listed, a window of the text at a
/// time and 32 bytes a step; then records are read along that list, without looking at what lies
/// between. Cells stay in the chunk but for those with doubled quotes.
@safe struct RecordScanner: ~Copyable {
  enum Step {
    case record
    /// Something that the quick way does not read begins at `recordStart`.
    case irregular
    case end
  }

  /// Text whose marks are listed at once.
  private static let windowByteCount = 32 << 10

  private let base: UnsafePointer<UInt8>
  private let count: Int
  private let separator: UInt8
  private let recordByteCountMax: Int
  /// Offsets of marks in the present window; `used` of them were taken.
  private let marks: UnsafeMutablePointer<UInt32>
  private var markCount = 0
  private var used = 0
  /// Where the next window begins.
  private var listedEnd: Int

  /// The cells of the current record.
  private(set) var cells = CellList()
  private(set) var recordStart = 0
  /// Behind the record, its line end excluded.
  private(set) var recordEnd = 0
  /// Line ends before the current record.
  private(set) var recordLine: Int
  private var position: Int
  private var line: Int

  /// - Parameters:
  ///   - chunk: sealed, and not changed meanwhile.
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
    unsafe base = UnsafePointer(chunk.base)
    count = chunk.count
    self.separator = separator
    self.recordByteCountMax = recordByteCountMax
    unsafe marks = .allocate(capacity: RecordScanner.windowByteCount + 64)
    position = start
    listedEnd = start
    line = lineCountBefore
    recordLine = lineCountBefore
  }

  deinit { unsafe marks.deallocate() }

  /// Line ends passed so far.
  var lineCount: Int { line }

  /// Goes on to the next record with a byte in it.
  ///
  /// - Parameter tape: takes the cells that are written with doubled quotes.
  /// - Returns: what there is.
  mutating func next(_ tape: inout Tape) -> Step {
    while position < count {
      cells.removeAll()
      recordStart = position
      recordLine = line
      var lineEnds = 0
      var cellStart = position
      var byte: UInt8 = 0
      while true {
        var end: Int
        if unsafe base[cellStart] == 0x22 {
          guard let close = findClose(cellStart, &lineEnds, &tape) else { return .irregular }
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
      if recordEnd > recordStart { return .record }
    }
    return .end
  }

  /// Finds the end of a quoted cell: the separator or line end behind its closing quote.
  private mutating func findClose(
    _ start: Int,
    _ lineEnds: inout Int,
    _ tape: inout Tape
  ) -> Int? {
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
          if hasDoubled {
            respell(start &+ 1, mark, &tape)
          } else {
            cells.append(offset: start &+ 1, count: mark &- start &- 1)
          }
          return end
        }
        _ = nextMark()
        hasDoubled = true
      } else if unsafe byte == 0x0D || (byte == 0x0A && base[mark &- 1] != 0x0D) {
        lineEnds &+= 1
      }
    }
  }

  /// Adds a cell in which each two quotes are one.
  private mutating func respell(_ start: Int, _ end: Int, _ tape: inout Tape) {
    var text: [UInt8] = []
    var index = start
    while index < end {
      let byte = unsafe base[index]
      text.append(byte)
      index += byte == 0x22 ? 2 : 1
    }
    let place = tape.respell(text)
    cells.append(offset: place.offset, count: place.count)
  }

  /// Goes on at an offset, after so many line ends, when an irregular record has been dealt with.
  mutating func resume(at offset: Int, lineCount: Int) {
    position = offset
    line = lineCount
    listedEnd = offset
    markCount = 0
    used = 0
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
    let end = min(count + 1, listedEnd + RecordScanner.windowByteCount)
    guard listedEnd < end else {
      // Past the end once more: only a caller that ignores the end comes here.
      unsafe marks[0] = UInt32(truncatingIfNeeded: count)
      (used, markCount) = (0, 1)
      return
    }
    let separator = self.separator
    let (base, marks) = unsafe (self.base, self.marks)
    var found = 0
    var block = listedEnd
    while block < end {
      var bits = unsafe ByteLanes.structural(base + block, separator: separator)
      if end &- block < 32 { bits &= (1 &<< UInt32(end &- block)) &- 1 }
      while bits != 0 {
        unsafe marks[found] = UInt32(truncatingIfNeeded: block &+ bits.trailingZeroBitCount)
        found &+= 1
        bits &= bits &- 1
      }
      block &+= 32
    }
    listedEnd = end
    markCount = found
    used = 0
  }
}
