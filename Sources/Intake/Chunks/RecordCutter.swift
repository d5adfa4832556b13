private import Glibc

/// Finds where the last whole record of a growing CSV text ends.
///
/// Exact, so that the pieces of a file read one by one give what `CSVScanner` reads from the whole:
/// errors, the length limit, and going on at the next line after either, are those of the scanner.
/// Text without a quote is not looked at but for its last line end; of other text only the quotes
/// and line ends are, and what stands beside them.
struct RecordCutter {
  private enum State {
    /// Outside of quotes.
    case plain
    case quoted
    /// Behind the quote at `quote`, inside a quoted cell.
    case quoteInQuoted
    /// Behind an error, up to the next line end.
    case skipping
  }

  private let separator: UInt8
  private let recordByteCountMax: Int
  private var state = State.plain
  private var recordStart = 0
  private var quote = 0
  private var scanned = 0
  private var hasQuotes = false
  /// Offset behind the last record whose end is certain; 0 when there is none.
  private(set) var end = 0

  init(separator: UInt8, recordByteCountMax: Int) {
    self.separator = separator
    self.recordByteCountMax = recordByteCountMax
  }

  /// Goes on to the end of a text that begins with a record; 32 bytes behind it are readable.
  mutating func scan(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress, scanned < text.count else { return }
    if !hasQuotes {
      hasQuotes = unsafe memchr(base + scanned, 0x22, text.count - scanned) != nil
      if !hasQuotes {
        scanned = text.count
        return unsafe cutPlain(base, text.count)
      }
      scanned = 0
    }
    // Behind a CR that was the last byte, and no LF has come.
    if recordStart > end, recordStart < text.count, unsafe base[recordStart] != 0x0A {
      end = recordStart
    }
    var block = scanned
    while block < text.count {
      var marks = unsafe ByteLanes.marks(base + block, separator: separator).others
      if text.count - block < 32 { marks &= (1 << UInt32(text.count - block)) - 1 }
      while marks != 0 {
        unsafe take(base, block &+ marks.trailingZeroBitCount, text.count)
        marks &= marks &- 1
      }
      block &+= 32
    }
    scanned = text.count
  }

  private mutating func cutPlain(_ base: UnsafePointer<UInt8>, _ count: Int) {
    if let found = unsafe memrchr(base, 0x0A, count) {
      end = unsafe found - UnsafeMutableRawPointer(mutating: base) + 1
    } else if let found = unsafe memrchr(base, 0x0D, count - 1) {
      // Not the last byte: an LF may belong to it.
      end = unsafe found - UnsafeMutableRawPointer(mutating: base) + 1
    }
  }

  /// Takes the quote or line end at an offset.
  @inline(__always)
  private mutating func take(_ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int) {
    let byte = unsafe base[at]
    let isLineEnd = byte == 0x0A || byte == 0x0D
    let isTooFar = isTooFar(at)
    if state == .quoteInQuoted, at != quote &+ 1 {
      let isEnded = unsafe base[quote &+ 1] == separator && !self.isTooFar(quote &+ 1)
      state = isEnded ? .plain : .skipping
    }
    switch state {
    case .plain:
      if isLineEnd { return unsafe endRecord(base, at, count) }
      let isCellStart = unsafe at == recordStart || base[at &- 1] == separator
      state = isCellStart && !isTooFar ? .quoted : .skipping
    case .quoted:
      if isTooFar {
        state = .skipping
        if isLineEnd { unsafe endSkipped(base, at, count) }
      } else if byte == 0x22 {
        state = .quoteInQuoted
        quote = at
      }
    case .quoteInQuoted:
      if isLineEnd { return unsafe endRecord(base, at, count) }
      state = isTooFar ? .skipping : .quoted
    case .skipping:
      if isLineEnd { unsafe endSkipped(base, at, count) }
    }
  }

  private func isTooFar(_ at: Int) -> Bool { at &- recordStart >= recordByteCountMax }

  private mutating func endSkipped(_ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int) {
    // The LF of a CR that was still in quotes.
    if at > recordStart, unsafe base[at] == 0x0A && base[at &- 1] == 0x0D { return }
    unsafe endRecord(base, at, count)
  }

  private mutating func endRecord(_ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int) {
    state = .plain
    recordStart = at &+ 1
    let isCertain =
      unsafe base[at] == 0x0A || (recordStart < count && base[recordStart] != 0x0A)
    if isCertain { end = recordStart }
  }
}
