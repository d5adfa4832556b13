/// Kernels that look for an event and a later one of the same profile.

/// Rows of one table, by profile and time.
@unsafe struct PairRows: BitwiseCopyable {
  /// In milliseconds from the base.
  var instants: UnsafePointer<Int64>
  var base: Int64
  /// By profile where its rows begin, and behind the last one where they end.
  var starts: UnsafePointer<UInt32>
}

/// Those of them that are events of one half, by a bit for each row and some words behind them.
@unsafe struct PairEvents: BitwiseCopyable {
  var rows: PairRows
  var bits: UnsafePointer<UInt64>
  /// Which rows are recent, where no other row has a bit: the last rows of each profile.
  var recent: UnsafePointer<UInt64>?

  /// The rows of a profile, as far as they may have bits.
  @inline(__always)
  func range(of profile: Int) -> Range<Int> {
    let range = unsafe Int(rows.starts[profile])..<Int(rows.starts[profile &+ 1])
    if range.count <= 64 { return range }
    guard let recent = unsafe recent else { return range }
    // If it is not recent, neither is a row before it.
    let row = range.upperBound &- 65
    let isRecent = unsafe recent[row >> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 == 1
    return isRecent ? range : row &+ 1..<range.upperBound
  }

  /// The bits of at most 64 rows, the first row's bit the lowest.
  @inline(__always)
  func bits(of range: Range<Int>) -> UInt64 {
    if range.isEmpty { return 0 }
    let words = unsafe bits + range.lowerBound >> 6
    let shift = UInt64(truncatingIfNeeded: range.lowerBound & 63)
    let both = unsafe words[0] &>> shift | (words[1] &<< 1) &<< (63 &- shift)
    return both & UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- range.count)
  }
}

/// Which of 64 wanted profiles have a first event and a second one later than it by at most `gap`.
@inline(__always)
func profilesWithPair(
  _ firsts: PairEvents,
  _ seconds: PairEvents,
  of wanted: UInt64,
  from start: Int,
  within gap: Int64
) -> UInt64 {
  var rest = wanted
  var found: UInt64 = 0
  // What makes instants of the second events ones from the base of the first.
  let shift = unsafe seconds.rows.base &- firsts.rows.base
  while rest != 0 {
    let profile = start &+ rest.trailingZeroBitCount
    let (first, second) = unsafe (firsts.range(of: profile), seconds.range(of: profile))
    let isFound =
      first.count <= 64 && second.count <= 64
      ? unsafe hasPair(
        firsts.bits(of: first),
        firsts.rows.instants + first.lowerBound,
        seconds.bits(of: second),
        seconds.rows.instants + second.lowerBound,
        shift: shift,
        within: gap
      ) : unsafe hasPair(firsts, first, seconds, second, shift: shift, within: gap)
    if isFound { found |= rest & (0 &- rest) }
    rest &= rest &- 1
  }
  return found
}

/// Whether one of the first events is before one of the second ones by at most `gap`; of each, a bit
/// says whether it counts.
@inline(__always)
private func hasPair(
  _ firsts: UInt64,
  _ firstInstants: UnsafePointer<Int64>,
  _ seconds: UInt64,
  _ secondInstants: UnsafePointer<Int64>,
  shift: Int64,
  within gap: Int64
) -> Bool {
  if firsts == 0 || seconds == 0 { return false }
  // The longest time there may be between two says enough of most profiles.
  let start = unsafe firstInstants[firsts.trailingZeroBitCount]
  let span = unsafe secondInstants[63 &- seconds.leadingZeroBitCount] &+ shift &- start
  if span <= 0 { return false }
  if span <= gap { return true }
  let count = max(firsts.nonzeroBitCount, seconds.nonzeroBitCount)
  if count == 1 { return false }
  if count > 4 {
    return unsafe hasPairAmongMany(
      firsts,
      firstInstants,
      seconds,
      secondInstants,
      shift: shift,
      within: gap
    )
  }
  // Of so few all are compared with all, so that nothing has to be guessed.
  var starts = unsafe TwoInstants(firsts, firstInstants)
  var ends = unsafe TwoInstants(seconds, secondInstants)
  let (first, second) = (starts.values, ends.values)
  let found = isWithin(gap, first, second, shift)
  if count <= 2 { return found != 0 }
  unsafe starts.advance(firstInstants)
  unsafe ends.advance(secondInstants)
  return found | isWithin(gap, starts.values, second, shift)
    | isWithin(gap, first, ends.values, shift)
    | isWithin(gap, starts.values, ends.values, shift) != 0
}

/// The instants of two rows of some, the last one again for those that are not there.
private struct TwoInstants {
  private(set) var values: (Int64, Int64)
  private var last: Int
  private var rest: UInt64

  /// The first two of one row or more.
  @inline(__always)
  init(_ rows: UInt64, _ instants: UnsafePointer<Int64>) {
    let first = rows.trailingZeroBitCount
    rest = rows & (rows &- 1)
    last = rest == 0 ? first : rest.trailingZeroBitCount
    rest &= rest &- 1
    values = unsafe (instants[first], instants[last])
  }

  /// Turns to the next two.
  @inline(__always)
  mutating func advance(_ instants: UnsafePointer<Int64>) {
    let first = rest == 0 ? last : rest.trailingZeroBitCount
    rest &= rest &- 1
    last = rest == 0 ? first : rest.trailingZeroBitCount
    rest &= rest &- 1
    values = unsafe (instants[first], instants[last])
  }
}

/// 1 when one of the starts is before an end by at most `gap`; equal instants are no pair.
@inline(__always)
private func isWithin(
  _ gap: Int64,
  _ starts: (Int64, Int64),
  _ ends: (Int64, Int64),
  _ shift: Int64
) -> UInt64 {
  let limit = UInt64(bitPattern: gap)
  let last = (ends.0 &+ shift &- 1, ends.1 &+ shift &- 1)
  return (UInt64(bitPattern: last.0 &- starts.0) < limit ? 1 : 0)
    | (UInt64(bitPattern: last.0 &- starts.1) < limit ? 1 : 0)
    | (UInt64(bitPattern: last.1 &- starts.0) < limit ? 1 : 0)
    | (UInt64(bitPattern: last.1 &- starts.1) < limit ? 1 : 0)
}

@inline(never)
private func hasPairAmongMany(
  _ firsts: UInt64,
  _ firstInstants: UnsafePointer<Int64>,
  _ seconds: UInt64,
  _ secondInstants: UnsafePointer<Int64>,
  shift: Int64,
  within gap: Int64
) -> Bool {
  var earlier = firsts
  var latest = Int64.min
  var rest = seconds
  while rest != 0 {
    let instant = unsafe secondInstants[rest.trailingZeroBitCount] &+ shift
    // The latest first event before a second one is the best; equal instants are no pair.
    while earlier != 0, unsafe firstInstants[earlier.trailingZeroBitCount] < instant {
      latest = unsafe firstInstants[earlier.trailingZeroBitCount]
      earlier &= earlier &- 1
    }
    if latest != .min, instant &- latest <= gap { return true }
    rest &= rest &- 1
  }
  return false
}

/// The same for any number of rows.
@inline(never)
private func hasPair(
  _ firsts: PairEvents,
  _ first: Range<Int>,
  _ seconds: PairEvents,
  _ second: Range<Int>,
  shift: Int64,
  within gap: Int64
) -> Bool {
  var earlier = unsafe RowCursor(firsts.bits, first)
  guard unsafe !earlier.isAtEnd, let last = unsafe lastRow(seconds.bits, second) else {
    return false
  }
  let start = unsafe firsts.rows.instants[earlier.row]
  let span = unsafe seconds.rows.instants[last] &+ shift &- start
  if span <= 0 { return false }
  if span <= gap { return true }
  var later = unsafe RowCursor(seconds.bits, second)
  var latest = Int64.min
  while unsafe !later.isAtEnd {
    let instant = unsafe seconds.rows.instants[later.row] &+ shift
    while unsafe !earlier.isAtEnd, unsafe firsts.rows.instants[earlier.row] < instant {
      latest = unsafe firsts.rows.instants[earlier.row]
      unsafe earlier.advance()
    }
    if latest != .min, instant &- latest <= gap { return true }
    unsafe later.advance()
  }
  return false
}

/// The last row of a range whose bit is set.
private func lastRow(_ bits: UnsafePointer<UInt64>, _ range: Range<Int>) -> Int? {
  if range.isEmpty { return nil }
  let last = range.upperBound &- 1
  var word = last >> 6
  var rest = unsafe bits[word] & UInt64.max &>> UInt64(truncatingIfNeeded: 63 &- last & 63)
  while rest == 0 && word > range.lowerBound >> 6 {
    word &-= 1
    rest = unsafe bits[word]
  }
  let row = word &* 64 &+ 63 &- rest.leadingZeroBitCount
  return rest != 0 && row >= range.lowerBound ? row : nil
}

/// Goes through the rows of a range whose bits are set.
@unsafe private struct RowCursor {
  private let bits: UnsafePointer<UInt64>
  private let lastWord: Int
  /// The bits of the last word that are in the range.
  private let lastBits: UInt64
  private var word: Int
  private var rest: UInt64

  init(_ bits: UnsafePointer<UInt64>, _ range: Range<Int>) {
    let last = range.upperBound &- 1
    unsafe self.bits = bits
    unsafe lastWord = last >> 6
    unsafe lastBits = UInt64.max &>> UInt64(truncatingIfNeeded: 63 &- last & 63)
    unsafe word = range.lowerBound >> 6
    if range.isEmpty {
      unsafe rest = 0
      return
    }
    unsafe rest = bits[word] & UInt64.max &<< UInt64(truncatingIfNeeded: range.lowerBound & 63)
    if unsafe word == lastWord { unsafe rest &= lastBits }
    unsafe skipEmptyWords()
  }

  /// All rows were gone through.
  var isAtEnd: Bool { unsafe rest == 0 }

  /// The row it is at.
  var row: Int { unsafe word &* 64 &+ rest.trailingZeroBitCount }

  mutating func advance() {
    unsafe rest &= rest &- 1
    unsafe skipEmptyWords()
  }

  private mutating func skipEmptyWords() {
    while unsafe rest == 0 && word < lastWord {
      unsafe word &+= 1
      unsafe rest = bits[word]
      if unsafe word == lastWord { unsafe rest &= lastBits }
    }
  }
}
