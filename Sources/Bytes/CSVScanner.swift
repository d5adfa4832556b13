/// Why a CSV record is malformed.
public enum CSVError: Error, Equatable, Sendable {
  /// A quote inside a cell that did not begin with one.
  case quoteInsideCell(line: Int, column: Int)
  /// Something else than a separator or a line end behind a closing quote.
  case textAfterQuote(line: Int, column: Int)
  /// The input ends inside a quoted cell; `line` is where the record starts.
  case unterminatedQuote(line: Int)
  /// A record of more than `limit` bytes, its line end aside.
  case recordTooLong(line: Int, limit: Int)
}

extension CSVError: CustomStringConvertible {
  public var description: String { description(linesBefore: 0) }

  /// What is wrong, in a text that follows so many lines.
  public func description(linesBefore: Int) -> String {
    switch self {
    case .quoteInsideCell(let line, let column):
      "a quote inside cell \(column) of line \(line + linesBefore), which does not begin with one"
    case .textAfterQuote(let line, let column):
      "text behind the closing quote of cell \(column) in line \(line + linesBefore)"
    case .unterminatedQuote(let line):
      "the quote opened in the record of line \(line + linesBefore) never closes"
    case .recordTooLong(let line, let limit):
      "the record of line \(line + linesBefore) is longer than \(limit) bytes"
    }
  }
}

/// Reads CSV records (RFC 4180) from blocks of bytes; a record may span any number of blocks.
///
/// Cells are separated by one byte, records by LF, CR LF or CR. A quoted cell may hold separators,
/// line ends and doubled quotes. A byte order mark at the start and lines without any byte are
/// skipped. After an error the scanner goes on at the next line, so one bad record costs itself
/// alone (an unclosed quote swallows what follows it, up to the length limit).
///
/// ```
/// var start = 0
/// while try scanner.next(block, from: &start) { use(scanner.cellCount, scanner.cell(0) …) }
/// // feed the next block the same way, and in the end:
/// if try scanner.finish() { … }
/// ```
public struct CSVScanner: Sendable {
  private enum State {
    case cellStart
    case plain
    case quoted
    /// Behind a quote inside a quoted cell: it closes the cell or is the first of two.
    case quoteInQuoted
    /// Skipping the rest of a line after an error.
    case skipping
  }

  /// The cells of the current record, one behind the other.
  public private(set) var record: [UInt8] = []

  /// The physical line, from 1, on which the current record starts.
  public private(set) var recordLine = 1

  private var cellEnds: [Int] = []
  private let separator: UInt8
  private let recordByteCountMax: Int
  private var state = State.cellStart
  private var line = 1
  /// The last byte was a CR, so that an LF now belongs to it.
  private var followsCR = false
  /// The current record is complete and is forgotten by the next step.
  private var isComplete = false
  /// The current record has a byte (a separator or a quote may be all of it).
  private var hasBytes = false
  /// How much of a byte order mark has been skipped; 3 once it cannot come any more.
  private var markByteCount: Int
  /// Bytes of the current record so far, those of a skipped line's rest aside.
  private var byteCount = 0

  /// - Parameters:
  ///   - separator: stands between cells.
  ///   - recordByteCountMax: the longest record, its line end aside.
  ///   - isAtStart: whether the text is a file's from its start, where a byte order mark may be.
  public init(
    separator: UInt8 = UInt8(ascii: ","),
    recordByteCountMax: Int = 16 << 20,
    isAtStart: Bool = true
  ) {
    self.separator = separator
    self.recordByteCountMax = recordByteCountMax
    markByteCount = isAtStart ? 0 : 3
  }

  /// Line ends so far.
  public var lineCount: Int { line - 1 }

  /// Cells of the current record.
  public var cellCount: Int { cellEnds.count }

  /// Where a cell of the current record lies in `record`.
  public func cell(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : cellEnds[index - 1])..<cellEnds[index]
  }

  /// A cell of the current record as text; `nil` when it is not valid UTF-8.
  public func text(_ index: Int) -> Text? { Text(utf8: record[cell(index)]) }

  public mutating func next(_ block: [UInt8], from start: inout Int) throws(CSVError) -> Bool {
    // A closure cannot throw the typed error through a rethrowing function without an annotation.
    let result: Result<Bool, CSVError> = unsafe block.withUnsafeBufferPointer { bytes in
      do throws(CSVError) {
        return .success(unsafe try next(bytes, from: &start))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Goes on in `block` from `start`, and moves `start` behind what was used.
  ///
  /// - Returns: whether a record is complete; if not, the block is used up.
  public mutating func next(
    _ block: UnsafeBufferPointer<UInt8>,
    from start: inout Int
  ) throws(CSVError) -> Bool {
    if isComplete { beginRecord() }
    if markByteCount < 3 { unsafe skipMark(block, &start) }
    while start < block.count {
      switch state {
      case .plain: unsafe try copyPlain(block, &start)
      case .quoted: unsafe try copyQuoted(block, &start)
      case .cellStart, .quoteInQuoted, .skipping:
        let byte = unsafe block[start]
        let isLineEnd = byte == 0x0A || byte == 0x0D
        if state != .skipping, !isLineEnd { try checkLength() }
        start += 1
        if try step(byte) { return true }
      }
      if isComplete {
        if hasBytes { return true }
        beginRecord()
      }
    }
    return false
  }

  /// Goes on to the end of a line that is skipped after an error, and takes that too.
  ///
  /// - Returns: whether it is in the block; if not, the block is used up.
  public mutating func skipLine(
    _ block: UnsafeBufferPointer<UInt8>,
    from start: inout Int
  ) throws(CSVError) -> Bool {
    while state == .skipping, !isComplete, start < block.count {
      let byte = unsafe block[start]
      start += 1
      _ = try step(byte)
    }
    return isComplete
  }

  /// Ends the input.
  ///
  /// - Returns: whether a last record, one without line end, is complete.
  public mutating func finish() throws(CSVError) -> Bool {
    if isComplete { beginRecord() }
    let wasSkipping = state == .skipping
    let isOpen = state == .quoted
    state = .cellStart
    if wasSkipping || !hasBytes { return false }
    hasBytes = false
    isComplete = true
    if isOpen { throw .unterminatedQuote(line: recordLine) }
    cellEnds.append(record.count)
    return true
  }

  private mutating func beginRecord() {
    record.removeAll(keepingCapacity: true)
    cellEnds.removeAll(keepingCapacity: true)
    recordLine = line
    isComplete = false
    hasBytes = false
    byteCount = 0
    state = .cellStart
  }

  private mutating func skipMark(_ block: UnsafeBufferPointer<UInt8>, _ start: inout Int) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    while markByteCount < 3, start < block.count {
      guard unsafe block[start] == mark[markByteCount] else {
        // What looked like a mark was text.
        if markByteCount > 0 {
          record.append(contentsOf: mark.prefix(markByteCount))
          byteCount = markByteCount
          hasBytes = true
          state = .plain
        }
        markByteCount = 3
        return
      }
      markByteCount += 1
      start += 1
    }
  }

  /// Takes one byte outside the two runs; answers whether it completed a record that has bytes.
  private mutating func step(_ byte: UInt8) throws(CSVError) -> Bool {
    let wasCR = followsCR
    followsCR = byte == 0x0D
    if byte == 0x0A && wasCR {
      // The CR has ended the record; the line begins behind the LF.
      return false
    }
    if byte == 0x0A || byte == 0x0D {
      endLine()
      return isComplete && hasBytes
    }
    if state == .skipping { return false }
    hasBytes = true
    byteCount += 1
    if byte == separator {
      endCell()
      return false
    }
    let isQuote = byte == UInt8(ascii: "\"")
    switch (state, isQuote) {
    case (.cellStart, true): state = .quoted
    case (.cellStart, false):
      state = .plain
      record.append(byte)
    case (.quoteInQuoted, true):
      state = .quoted
      record.append(byte)
    default:
      state = .skipping
      throw .textAfterQuote(line: line, column: cellEnds.count + 1)
    }
    return false
  }

  /// Copies the run of an unquoted cell up to a separator or line end, and takes that too.
  private mutating func copyPlain(
    _ block: UnsafeBufferPointer<UInt8>,
    _ start: inout Int
  ) throws(CSVError) {
    let count = min(block.count, start + recordByteCountMax - byteCount)
    let separator = self.separator
    var index = start
    while index < count {
      let byte = unsafe block[index]
      if byte == separator || byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: "\"") { break }
      index &+= 1
    }
    unsafe append(block, start..<index)
    start = index
    guard index < block.count else { return }
    let byte = unsafe block[index]
    if byte != 0x0A && byte != 0x0D { try checkLength() }
    start += 1
    byteCount += 1
    if byte == separator {
      endCell()
    } else if byte == UInt8(ascii: "\"") {
      state = .skipping
      throw .quoteInsideCell(line: line, column: cellEnds.count + 1)
    } else {
      followsCR = byte == 0x0D
      endLine()
    }
  }

  /// Copies the run of a quoted cell up to the next quote, and takes that too.
  private mutating func copyQuoted(
    _ block: UnsafeBufferPointer<UInt8>,
    _ start: inout Int
  ) throws(CSVError) {
    let count = min(block.count, start + recordByteCountMax - byteCount)
    var index = start
    while index < count {
      let byte = unsafe block[index]
      if byte == UInt8(ascii: "\"") { break }
      if byte == 0x0D || (byte == 0x0A && !followsCR) { line += 1 }
      followsCR = byte == 0x0D
      index &+= 1
    }
    unsafe append(block, start..<index)
    start = index
    guard index < block.count else { return }
    try checkLength()
    start += 1
    byteCount += 1
    followsCR = false
    state = .quoteInQuoted
  }

  private mutating func endCell() {
    cellEnds.append(record.count)
    state = .cellStart
  }

  private mutating func endLine() {
    line += 1
    if state == .skipping {
      hasBytes = false
    } else if hasBytes {
      cellEnds.append(record.count)
    }
    isComplete = true
  }

  private mutating func append(_ block: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    byteCount += range.count
    unsafe record.append(contentsOf: UnsafeBufferPointer(rebasing: block[range]))
  }

  /// Refuses a further byte when the record has as many as it may.
  private mutating func checkLength() throws(CSVError) {
    guard byteCount >= recordByteCountMax else { return }
    state = .skipping
    record.removeAll()
    throw .recordTooLong(line: recordLine, limit: recordByteCountMax)
  }
}
