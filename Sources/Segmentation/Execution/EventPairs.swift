import Bytes
import ProfileStore

/// Finds profiles with an event of one match and a later one of another.
///
/// While tables are gone through it keeps what each event fulfils; when it is known who has events of
/// both kinds, only their events are looked at.
@safe final class EventPairs {
  /// Words of profiles that are gone through before the next ones.
  private static let wordsAtOnce = 1

  private let conditions: EventConditions
  private let rowCountMax: Int
  /// Who has events that are halves.
  private let halves: WordVectors
  /// The masks of rows, by pass; more than `slotCount` are left from before.
  private var slots: [Scratch<UInt64>] = []
  private var slotCount = 0
  /// Whose rows they are and when they were; passes through the same rows share it.
  private var timelines: [PairTimes] = []
  private var timelineCount = 0
  private var lastTable: (lanes: UnsafePointer<FlatLane>, rows: RowSet)?
  /// The rows of passes that may have events of a half, in chains: by half the first link, -1 for none.
  private let chains: Scratch<Int>
  private let halfCount: Int
  private let links: Scratch<PairLink>
  private var linkCount = 0
  private let steps: Scratch<PairStep>
  private let stepCount: Int
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    self.rowCountMax = rowCountMax
    unsafe lastTable = nil
    var next = conditions.firstHalf
    halves = WordVectors(
      conditions.halfWords.map { word in
        next += word.count
        return WordVectors.Word(targets: Array(next - word.count..<next))
      }
    )
    stepCount = conditions.pairs.count
    steps = Scratch(count: stepCount)
    for (index, pair) in conditions.pairs.enumerated() {
      unsafe (steps.pointer + index).initialize(to: PairStep(pair))
    }
    halfCount = conditions.vectorCount - conditions.firstHalf
    chains = Scratch(count: halfCount)
    unsafe links = Scratch(count: 2 * halfCount)
  }

  func begin() {
    doubts = []
    slotCount = 0
    timelineCount = 0
    unsafe lastTable = nil
    linkCount = 0
    chains.fill(-1, count: halfCount)
  }

  /// By profile, the halves of a word it has, as far as tables were gone through.
  func known(_ word: Int) -> UnsafePointer<UInt64> { unsafe UnsafePointer(halves.masks(word)) }

  /// Room for the masks of a table's rows, which are to be kept.
  func nextMasks() -> UnsafeMutablePointer<UInt64> {
    if slotCount == slots.count { slots.append(Scratch(count: rowCountMax + 64)) }
    return unsafe slots[slotCount].pointer
  }

  /// Keeps the rows whose masks were written to `nextMasks`.
  func keep(_ step: PassStep, _ table: FlatTable, _ rows: TableRows, profileCount: Int) {
    let masks = unsafe UnsafePointer(slots[slotCount].pointer)
    slotCount += 1
    unsafe unite(
      masks,
      of: rows.profiles,
      count: rows.count,
      keeping: .max,
      into: halves.masks(step.number)
    )
    if unsafe lastTable?.lanes != table.lanes || lastTable?.rows != step.rows {
      unsafe lastTable = (table.lanes, step.rows)
      if timelineCount == timelines.count { timelines.append(PairTimes(rowCountMax: rowCountMax)) }
      unsafe timelines[timelineCount].take(rows, table, profileCount: profileCount)
      timelineCount += 1
    }
    let times = timelines[timelineCount - 1]
    let kept = unsafe PairRows(
      masks: masks,
      instants: UnsafePointer(times.instants.pointer),
      starts: UnsafePointer(times.starts.pointer)
    )
    unsafe links.grow(to: linkCount + 64, keeping: linkCount)
    let first = unsafe step.number * 64
    var rest = unsafe step.bits
    while rest != 0 {
      let chain = unsafe chains.pointer + (first + rest.trailingZeroBitCount)
      unsafe links.pointer[linkCount] = PairLink(rows: kept, next: chain.pointee)
      unsafe chain.pointee = linkCount
      linkCount += 1
      rest &= rest &- 1
    }
  }

  /// Writes the vectors of all pairs, from those of their two matches.
  func finish(areAnyZone: Bool, into vectors: Scratch<UInt64>) {
    halves.finish(into: vectors)
    for index in 0..<stepCount {
      let step = unsafe steps.pointer[index]
      unsafe vectors.vector(step.node).update(repeating: 0, count: BlockVector.wordCount)
      if areAnyZone || step.isUTC { continue }
      // The definition may read the instants otherwise.
      doubts.append(
        EventDoubt(
          node: step.node,
          residual: step.residual,
          profiles: Array(repeating: .max, count: BlockVector.wordCount)
        )
      )
    }
    // The events of a few profiles stay in the nearest memory while all pairs look at them.
    for start in stride(from: 0, to: BlockVector.wordCount, by: Self.wordsAtOnce) {
      for index in 0..<stepCount {
        let step = unsafe steps.pointer[index]
        if areAnyZone || step.isUTC { find(step, from: start, vectors) }
      }
    }
  }

  /// Looks at the events of some profiles with both matches of a pair.
  private func find(_ step: PairStep, from start: Int, _ vectors: Scratch<UInt64>) {
    let first = unsafe vectors.vector(step.first)
    let second = unsafe vectors.vector(step.second)
    var any: UInt64 = 0
    for word in start..<start &+ Self.wordsAtOnce { any |= unsafe first[word] & second[word] }
    if any == 0 { return }
    let vector = unsafe vectors.vector(step.node)
    let (firstBit, secondBit) = (UInt64(step.firstBit), UInt64(step.secondBit))
    let (chains, links) = unsafe (chains.pointer, links.pointer)
    var firstLink = unsafe chains[step.first &- conditions.firstHalf]
    while firstLink >= 0 {
      let firsts = unsafe PairEvents(rows: links[firstLink].rows, bit: firstBit)
      var secondLink = unsafe chains[step.second &- conditions.firstHalf]
      while secondLink >= 0 {
        let seconds = unsafe PairEvents(rows: links[secondLink].rows, bit: secondBit)
        for word in start..<start &+ Self.wordsAtOnce {
          unsafe vector[word] |= profiles(
            of: first[word] & second[word] & ~vector[word],
            from: word &* 64,
            firsts,
            seconds,
            within: step.gap
          )
        }
        unsafe secondLink = links[secondLink].next
      }
      unsafe firstLink = links[firstLink].next
    }
  }
}

/// What is looked for in every block.
private struct PairStep: BitwiseCopyable {
  var node: Int
  /// Where the vectors of the two matches are, and their bits in masks.
  var first: Int
  var firstBit: Int
  var second: Int
  var secondBit: Int
  /// The longest time between the two.
  var gap: Int64
  var isUTC: Bool
  var residual: Int

  init(_ pair: EventConditions.Pair) {
    node = pair.node
    first = pair.first.vector
    firstBit = pair.first.bit
    second = pair.second.vector
    secondBit = pair.second.bit
    gap = pair.test.gap.upperBound
    isUTC = pair.test.isUTC
    residual = pair.test.residual
  }
}

/// Which of 64 wanted profiles have a pair of events in two tables.
@inline(__always)
private func profiles(
  of wanted: UInt64,
  from start: Int,
  _ firsts: PairEvents,
  _ seconds: PairEvents,
  within gap: Int64
) -> UInt64 {
  var rest = wanted
  var found: UInt64 = 0
  while rest != 0 {
    let profile = start &+ rest.trailingZeroBitCount
    if unsafe hasPair(firsts, seconds, of: profile, within: gap) { found |= rest & (0 &- rest) }
    rest &= rest &- 1
  }
  return found
}

/// Whose some rows of a table are, and when they were.
private final class PairTimes {
  let instants: Scratch<Int64>
  let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)

  init(rowCountMax: Int) {
    instants = Scratch(count: rowCountMax + 64)
  }

  func take(_ rows: TableRows, _ table: FlatTable, profileCount: Int) {
    unsafe rows.writeStarts(of: table, profileCount: profileCount, into: starts.pointer)
    guard let times = unsafe table.instants else { return }
    // Rows without a readable time fit no match of a pair.
    unsafe writeNumbers(
      times.numbers,
      width: times.width,
      rows.positions(times.presence),
      base: times.base,
      factor: times.unit,
      into: instants.pointer
    )
  }
}

/// The rows of one pass that may be events of pairs, by profile and time.
@unsafe private struct PairRows: BitwiseCopyable {
  var masks: UnsafePointer<UInt64>
  /// In milliseconds.
  var instants: UnsafePointer<Int64>
  var starts: UnsafePointer<UInt32>
}

/// One of the passes that may have events of a half.
@unsafe private struct PairLink: BitwiseCopyable {
  var rows: PairRows
  /// The next link of the same half; -1 when it is the last.
  var next: Int
}

/// Those of them that count.
@unsafe private struct PairEvents: BitwiseCopyable {
  var rows: PairRows
  var bit: UInt64

  @inline(__always)
  func counts(_ row: Int) -> Bool { unsafe rows.masks[row] &>> bit & 1 == 1 }
}

/// Whether a profile has a first event and a second one later than it by at most `gap`.
@inline(__always)
private func hasPair(
  _ firsts: PairEvents,
  _ seconds: PairEvents,
  of profile: Int,
  within gap: Int64
) -> Bool {
  let first = unsafe Int(firsts.rows.starts[profile])..<Int(firsts.rows.starts[profile + 1])
  let second = unsafe Int(seconds.rows.starts[profile])..<Int(seconds.rows.starts[profile + 1])
  if first.count &* second.count > 32 {
    return unsafe hasPairAmongMany(firsts, first, seconds, second, within: gap)
  }
  // Of so few all are compared with all, so that nothing has to be guessed.
  var found: UInt64 = 0
  for row in second {
    let instant = unsafe seconds.rows.instants[row]
    let counts = unsafe seconds.rows.masks[row] &>> seconds.bit
    for earlier in first {
      let distance = unsafe instant &- firsts.rows.instants[earlier]
      // Equal instants are no pair.
      let isWithin = UInt64(bitPattern: distance &- 1) < UInt64(bitPattern: gap)
      found |= unsafe isWithin ? counts & firsts.rows.masks[earlier] &>> firsts.bit : 0
    }
  }
  return found & 1 == 1
}

/// The same in one way through all of them: the latest first event before a second one is the best.
private func hasPairAmongMany(
  _ firsts: PairEvents,
  _ first: Range<Int>,
  _ seconds: PairEvents,
  _ second: Range<Int>,
  within gap: Int64
) -> Bool {
  var next = first.lowerBound
  var latest = Int64.min
  for row in second where unsafe seconds.counts(row) {
    let instant = unsafe seconds.rows.instants[row]
    while next < first.upperBound, unsafe firsts.rows.instants[next] < instant {
      if unsafe firsts.counts(next) { latest = unsafe firsts.rows.instants[next] }
      next &+= 1
    }
    if latest != .min, instant &- latest <= gap { return true }
  }
  return false
}
