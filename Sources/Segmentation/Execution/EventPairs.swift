import Bytes
import ProfileStore

/// Finds profiles with an event of one match and a later one of another.
///
/// While tables are gone through it keeps what each event fulfils; when it is known who has events of
/// both kinds, only their events are looked at.
final class EventPairs {
  /// Words of profiles that are gone through before the next ones.
  private static let wordsAtOnce = 2

  private let conditions: EventConditions
  private let rowCountMax: Int
  /// Rows of the block's tables with events of pairs; more than `slotCount` are left from before.
  private var slots: [PairRows] = []
  private var slotCount = 0
  /// By match of the pairs: the slots that may have events of it.
  private var holders: [[Int]]
  private let firstVector: Int
  private let steps: Scratch<PairStep>
  private let stepCount: Int
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    self.rowCountMax = rowCountMax
    firstVector = conditions.nodeCount
    stepCount = conditions.pairs.count
    steps = Scratch(count: stepCount)
    for (index, pair) in conditions.pairs.enumerated() {
      unsafe (steps.pointer + index).initialize(to: PairStep(pair, conditions))
    }
    holders = Array(repeating: [], count: conditions.vectorCount - conditions.nodeCount)
  }

  func begin() {
    doubts = []
    slotCount = 0
    for match in holders.indices { holders[match].removeAll(keepingCapacity: true) }
  }

  /// Room for the masks of a table's rows, which are to be kept.
  func nextMasks() -> UnsafeMutablePointer<UInt64> {
    if slotCount == slots.count { slots.append(PairRows(rowCountMax: rowCountMax)) }
    return unsafe slots[slotCount].masks.pointer
  }

  /// Keeps the rows whose masks were written to `nextMasks`.
  func keep(_ rows: TableRows, _ step: PassStep, _ table: FlatTable, profileCount: Int) {
    unsafe slots[slotCount].take(rows, table, profileCount: profileCount)
    var rest = unsafe step.bits
    let bits = unsafe conditions.words[step.number].bits
    while rest != 0 {
      holders[bits[rest.trailingZeroBitCount].vector - firstVector].append(slotCount)
      rest &= rest &- 1
    }
    slotCount += 1
  }

  /// Writes the vectors of all pairs, from those of their two matches.
  func run(areAnyZone: Bool, into vectors: Scratch<UInt64>) {
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
    for firstSlot in holders[step.first - firstVector] {
      let firsts = unsafe slots[firstSlot].events(ofBit: step.firstBit)
      for secondSlot in holders[step.second - firstVector] {
        let seconds = unsafe slots[secondSlot].events(ofBit: step.secondBit)
        for word in start..<start &+ Self.wordsAtOnce {
          unsafe vector[word] |= profiles(
            of: first[word] & second[word] & ~vector[word],
            from: word &* 64,
            firsts,
            seconds,
            within: step.gap
          )
        }
      }
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

  init(_ pair: EventConditions.Pair, _ conditions: EventConditions) {
    node = pair.node
    first = conditions.words[pair.first.word].bits[pair.first.bit].vector
    firstBit = pair.first.bit
    second = conditions.words[pair.second.word].bits[pair.second.bit].vector
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

/// The rows of one table that may be events of pairs, kept until all tables are gone through.
private final class PairRows {
  let masks: Scratch<UInt64>
  private let instants: Scratch<Int64>
  private let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)

  init(rowCountMax: Int) {
    masks = Scratch(count: rowCountMax + 64)
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

  func events(ofBit bit: Int) -> PairEvents {
    unsafe PairEvents(
      masks: UnsafePointer(masks.pointer),
      instants: UnsafePointer(instants.pointer),
      starts: UnsafePointer(starts.pointer),
      bit: UInt64(bit)
    )
  }
}

/// Events of all profiles by profile and time, and which of them count.
@unsafe private struct PairEvents: BitwiseCopyable {
  var masks: UnsafePointer<UInt64>
  /// In milliseconds.
  var instants: UnsafePointer<Int64>
  var starts: UnsafePointer<UInt32>
  var bit: UInt64

  @inline(__always)
  func counts(_ row: Int) -> Bool { unsafe masks[row] &>> bit & 1 == 1 }
}

/// Whether a profile has a first event and a second one later than it by at most `gap`.
///
/// The latest first event before a second one is the best.
@inline(__always)
private func hasPair(
  _ firsts: PairEvents,
  _ seconds: PairEvents,
  of profile: Int,
  within gap: Int64
) -> Bool {
  var next = Int(unsafe firsts.starts[profile])
  let end = Int(unsafe firsts.starts[profile + 1])
  var latest = Int64.min
  for row in Int(unsafe seconds.starts[profile])..<Int(unsafe seconds.starts[profile + 1])
  where unsafe seconds.counts(row) {
    let instant = unsafe seconds.instants[row]
    while next < end, unsafe firsts.instants[next] < instant {
      if unsafe firsts.counts(next) { latest = unsafe firsts.instants[next] }
      next &+= 1
    }
    if latest != .min, instant &- latest <= gap { return true }
  }
  return false
}
