/// Kernels that look for an event and a later one of the same profile.

/// Rows of one table by profile and time: all of them, or the recent ones.
@unsafe struct PairRows: BitwiseCopyable {
  /// In milliseconds from the base; 64 behind the last one may be read.
  var instants: UnsafePointer<Int64>
  var base: Int64
  var index: RowIndex.Parts
}

/// Those of them that are events of one half, by a bit for each row and some words behind them.
@unsafe struct PairEvents: BitwiseCopyable {
  var rows: PairRows
  var bits: UnsafePointer<UInt64>

  /// The events among the last 64 rows of a profile.
  @inline(__always)
  func last(of profile: Int) -> FewEvents {
    let range = unsafe rows.index.range(of: profile)
    let count = range.upperBound &- range.lowerBound
    let first = count > 64 ? range.upperBound &- 64 : range.lowerBound
    let words = unsafe bits + first >> 6
    let shift = UInt64(truncatingIfNeeded: first & 63)
    let both = unsafe words[0] &>> shift | (words[1] &<< 1) &<< (63 &- shift)
    let every = UInt64.max &>> UInt64(truncatingIfNeeded: (64 &- count) & 63)
    return FewEvents(
      bits: count == 0 ? 0 : both & (count > 64 ? .max : every),
      firstRow: first,
      areAll: count <= 64
    )
  }
}

/// Events among at most 64 neighbouring rows.
struct FewEvents: BitwiseCopyable {
  /// A bit for each row, the first row's the lowest.
  var bits: UInt64
  var firstRow: Int
  /// The profile has no rows before them.
  var areAll: Bool
}

/// The events of a profile that have to be gone through.
struct PairCandidate: BitwiseCopyable {
  var firsts: UInt64
  var seconds: UInt64
  var firstRow: UInt32
  var secondRow: UInt32
  var profile: UInt32
}

/// Room for what is found out of the profiles of a block.
@safe final class PairSearch {
  /// Profiles that may have a pair.
  private let wanted = Scratch<UInt32>(count: BlockVector.bitCount)
  /// Those of them of which first and last events do not tell.
  private let open = Scratch<PairCandidate>(count: BlockVector.bitCount)
  /// Those of them that have events among more than 64 rows.
  private let long = Scratch<UInt32>(count: BlockVector.bitCount)

  /// Adds the profiles with a first event and a second one later than it by at most `gap`.
  ///
  /// - Parameters:
  ///   - firsts: events of the first half.
  ///   - seconds: those of the second.
  ///   - profiles: a bit for each profile that is looked at.
  ///   - gap: in milliseconds.
  ///   - vector: where their bits are set.
  func find(
    _ firsts: PairEvents,
    _ seconds: PairEvents,
    of profiles: UnsafePointer<UInt64>,
    within gap: Int64,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    let count = unsafe list(profiles, wordCount: BlockVector.wordCount, into: wanted.pointer)
    let (openCount, longCount) = unsafe sort(firsts, seconds, count, within: gap, into: vector)
    // What makes instants of the second events ones from the base of the first.
    let shift = unsafe seconds.rows.base &- firsts.rows.base
    let open = unsafe open.pointer
    for index in 0..<openCount {
      let candidate = unsafe open[index]
      let isFound = unsafe hasPair(
        candidate.firsts,
        firsts.rows.instants + Int(candidate.firstRow),
        candidate.seconds,
        seconds.rows.instants + Int(candidate.secondRow),
        shift: shift,
        within: gap
      )
      unsafe set(candidate.profile, isFound, in: vector)
    }
    for index in 0..<longCount {
      let profile = unsafe long.pointer[index]
      let isFound = unsafe hasPair(
        firsts,
        firsts.rows.index.range(of: Int(profile)),
        seconds,
        seconds.rows.index.range(of: Int(profile)),
        shift: shift,
        within: gap
      )
      unsafe set(profile, isFound, in: vector)
    }
  }

  /// Tells of most profiles by their first and last events, without a branch: the longest time there
  /// may be between two.
  private func sort(
    _ firsts: PairEvents,
    _ seconds: PairEvents,
    _ count: Int,
    within gap: Int64,
    into vector: UnsafeMutablePointer<UInt64>
  ) -> (openCount: Int, longCount: Int) {
    let (wanted, open, long) = unsafe (wanted.pointer, open.pointer, long.pointer)
    let shift = unsafe seconds.rows.base &- firsts.rows.base
    let (firstInstants, secondInstants) = unsafe (firsts.rows.instants, seconds.rows.instants)
    let limit = UInt64(bitPattern: gap)
    var openCount = 0
    var longCount = 0
    for index in 0..<count {
      let profile = unsafe wanted[index]
      let (first, second) = unsafe (firsts.last(of: Int(profile)), seconds.last(of: Int(profile)))
      let firstRow = first.firstRow &+ first.bits.trailingZeroBitCount & 63
      let lastRow = second.firstRow &+ (63 &- second.bits.leadingZeroBitCount) & 63
      let span = unsafe secondInstants[lastRow] &+ shift &- firstInstants[firstRow]
      let areSome = first.bits != 0 && second.bits != 0
      let isFound = areSome && UInt64(bitPattern: span &- 1) < limit
      let areAll = first.areAll && second.areAll
      let more = first.bits & (first.bits &- 1) | second.bits & (second.bits &- 1)
      let isOpen = areAll && areSome && span > gap && more != 0
      unsafe set(profile, isFound, in: vector)
      unsafe open[openCount] = PairCandidate(
        firsts: first.bits,
        seconds: second.bits,
        firstRow: UInt32(truncatingIfNeeded: first.firstRow),
        secondRow: UInt32(truncatingIfNeeded: second.firstRow),
        profile: profile
      )
      openCount &+= isOpen ? 1 : 0
      unsafe long[longCount] = profile
      longCount &+= areAll || isFound ? 0 : 1
    }
    return (openCount, longCount)
  }
}

/// Sets a profile's bit if it has a pair.
@inline(__always)
private func set(_ profile: UInt32, _ isFound: Bool, in vector: UnsafeMutablePointer<UInt64>) {
  let bit: UInt64 = (isFound ? 1 : 0) &<< UInt64(truncatingIfNeeded: profile & 63)
  unsafe vector[Int(profile >> 6)] |= bit
}

/// Whether one of the first events is before one of the second ones by at most `gap`; of each, a bit
/// says whether it counts, and at least one does.
@inline(__always)
private func hasPair(
  _ firsts: UInt64,
  _ firstInstants: UnsafePointer<Int64>,
  _ seconds: UInt64,
  _ secondInstants: UnsafePointer<Int64>,
  shift: Int64,
  within gap: Int64
) -> Bool {
  let limit = UInt64(bitPattern: gap)
  var (earlier, later) = (firsts, seconds)
  while earlier != 0 && later != 0 {
    let start = unsafe firstInstants[earlier.trailingZeroBitCount]
    let span = unsafe secondInstants[later.trailingZeroBitCount] &+ shift &- start
    if UInt64(bitPattern: span &- 1) < limit { return true }
    // The second event is before all that are left of the first, or the first one too long before all
    // that are left of the second.
    let isLater = span > 0
    earlier = isLater ? earlier & (earlier &- 1) : earlier
    later = isLater ? later : later & (later &- 1)
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
