import Bytes
import ProfileStore

/// Finds profiles with an event of one match and a later one of another.
///
/// While tables are gone through it keeps which events are which halves; when it is known who has
/// events of both kinds, only their events are looked at.
@safe final class EventPairs {
  private let conditions: EventConditions
  private let rowCountMax: Int
  /// Who has events that are halves.
  private let halves: WordVectors
  /// By pass, for each bit a vector of rows; more than `slotCount` are left from before.
  private var slots: [Scratch<UInt64>] = []
  private var slotCount = 0
  /// Words of a vector of rows.
  private let rowWordCount: Int
  private let squares = Scratch<SIMD4<UInt64>>(count: 64)
  /// Whose the rows are and when they were; passes through the same rows share it.
  private var timelines: [PairTimes] = []
  private var timelineCount = 0
  private var lastTable: (lanes: UnsafePointer<FlatLane>, rows: RowSet)?
  /// The passes that may have events of a half, in chains: by half the first link, -1 for none.
  private let chains: Scratch<Int>
  private let halfCount: Int
  private let links: Scratch<PairLink>
  private var linkCount = 0
  private let steps: Scratch<PairStep>
  private let stepCount: Int
  /// By pair, the profiles whose events were looked at.
  private let searched: Scratch<UInt64>
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    self.rowCountMax = rowCountMax
    rowWordCount = rowVectorWordCount(rowCountMax)
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
    searched = Scratch(count: stepCount)
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

  /// Gives by pair the profiles whose events were looked at since this was last asked.
  func takeSearchedCounts() -> [UInt64] {
    defer { searched.fill(0, count: stepCount) }
    return (0..<stepCount).map { unsafe searched.pointer[$0] }
  }

  /// By profile, the halves of a word it has, as far as tables were gone through.
  func known(_ word: Int) -> UnsafePointer<UInt64> { unsafe UnsafePointer(halves.masks(word)) }

  /// Keeps which rows of a table are which halves.
  ///
  /// - Parameters:
  ///   - masks: by row, the halves of the pass that it is; 256 more are read.
  ///   - step: the pass.
  ///   - table: the table.
  ///   - rows: the rows.
  ///   - profileCount: profiles of the block.
  func keep(
    _ masks: UnsafePointer<UInt64>,
    _ step: PassStep,
    _ table: FlatTable,
    _ rows: TableRows,
    profileCount: Int
  ) {
    unsafe unite(
      masks,
      of: rows.profiles,
      count: rows.count,
      keeping: .max,
      into: halves.masks(step.number)
    )
    if slotCount == slots.count { slots.append(Scratch(count: 64 * rowWordCount)) }
    let vectors = unsafe slots[slotCount].pointer
    slotCount += 1
    unsafe writeRowVectors(
      of: masks,
      count: rows.count,
      keeping: step.bits,
      by: squares.pointer,
      into: vectors,
      wordCount: rowWordCount
    )
    let times = unsafe times(of: table, step.rows, rows, profileCount: profileCount)
    unsafe links.grow(to: linkCount + 64, keeping: linkCount)
    let first = unsafe step.number * 64
    var rest = unsafe step.bits
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      let chain = unsafe chains.pointer + (first + bit)
      unsafe links.pointer[linkCount] = PairLink(
        events: PairEvents(rows: times.rows, bits: vectors + bit * rowWordCount),
        next: chain.pointee
      )
      unsafe chain.pointee = linkCount
      linkCount += 1
      rest &= rest &- 1
    }
  }

  private func times(
    of table: FlatTable,
    _ set: RowSet,
    _ rows: TableRows,
    profileCount: Int
  ) -> PairTimes {
    if unsafe lastTable?.lanes != table.lanes || lastTable?.rows != set {
      unsafe lastTable = (table.lanes, set)
      if timelineCount == timelines.count { timelines.append(PairTimes(rowCountMax: rowCountMax)) }
      unsafe timelines[timelineCount].take(rows, table, profileCount: profileCount)
      timelineCount += 1
    }
    return timelines[timelineCount - 1]
  }

  /// Writes the vectors of all pairs, from those of their two matches.
  func finish(areAnyZone: Bool, into vectors: Scratch<UInt64>) {
    halves.finish(into: vectors)
    for index in 0..<stepCount {
      let step = unsafe steps.pointer[index]
      unsafe vectors.vector(step.node).update(repeating: 0, count: BlockVector.wordCount)
      if areAnyZone || step.isUTC {
        find(step, index, vectors)
      } else {
        // The definition may read the instants otherwise.
        doubts.append(
          EventDoubt(
            node: step.node,
            residual: step.residual,
            profiles: Array(repeating: .max, count: BlockVector.wordCount)
          )
        )
      }
    }
  }

  /// Looks at the events of profiles with both matches of a pair.
  private func find(_ step: PairStep, _ number: Int, _ vectors: Scratch<UInt64>) {
    let (first, second) = unsafe (vectors.vector(step.first), vectors.vector(step.second))
    var count = 0
    for word in 0..<BlockVector.wordCount {
      count &+= unsafe (first[word] & second[word]).nonzeroBitCount
    }
    if count == 0 { return }
    unsafe searched.pointer[number] &+= UInt64(truncatingIfNeeded: count)
    let vector = unsafe vectors.vector(step.node)
    let (chains, links) = unsafe (chains.pointer, links.pointer)
    var firstLink = unsafe chains[step.first &- conditions.firstHalf]
    while firstLink >= 0 {
      let firsts = unsafe links[firstLink].events
      var secondLink = unsafe chains[step.second &- conditions.firstHalf]
      while secondLink >= 0 {
        let seconds = unsafe links[secondLink].events
        for word in 0..<BlockVector.wordCount {
          unsafe vector[word] |= profilesWithPair(
            firsts,
            seconds,
            of: first[word] & second[word] & ~vector[word],
            from: word &* 64,
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
  /// Where the vectors of the two matches are.
  var first: Int
  var second: Int
  /// The longest time between the two.
  var gap: Int64
  var isUTC: Bool
  var residual: Int

  init(_ pair: EventConditions.Pair) {
    node = pair.node
    first = pair.first.vector
    second = pair.second.vector
    gap = pair.test.gap.upperBound
    isUTC = pair.test.isUTC
    residual = pair.test.residual
  }
}

/// Whose some rows of a table are, and when they were.
@safe private final class PairTimes {
  private let instants: Scratch<Int64>
  private let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)
  private(set) var rows: PairRows

  init(rowCountMax: Int) {
    instants = Scratch(count: rowCountMax + 64)
    unsafe rows = PairRows(
      instants: UnsafePointer(instants.pointer),
      base: 0,
      starts: UnsafePointer(starts.pointer)
    )
  }

  /// Takes rows of a table; of all of them, what the table has is read where it is.
  func take(_ rows: TableRows, _ table: FlatTable, profileCount: Int) {
    if rows.areAll, let starts = unsafe table.starts {
      unsafe self.rows.starts = starts
    } else {
      unsafe rows.writeStarts(profileCount: profileCount, into: starts.pointer)
      unsafe self.rows.starts = UnsafePointer(starts.pointer)
    }
    guard let times = unsafe table.instants else { return }
    if rows.areAll, let instants = unsafe times.milliseconds {
      unsafe (self.rows.instants, self.rows.base) = (instants, times.base)
      return
    }
    // Rows without a readable time fit no match of a pair.
    unsafe writeNumbers(
      times.numbers,
      width: times.width,
      rows.positions(times.presence),
      base: times.base,
      factor: times.unit,
      into: instants.pointer
    )
    unsafe (self.rows.instants, self.rows.base) = (UnsafePointer(instants.pointer), 0)
  }
}

/// One of the passes that may have events of a half.
@unsafe private struct PairLink: BitwiseCopyable {
  var events: PairEvents
  /// The next link of the same half; -1 when it is the last.
  var next: Int
}
