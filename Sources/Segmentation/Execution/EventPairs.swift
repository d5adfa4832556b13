import ProfileStore

/// Finds profiles with an event of one match and a later one of another.
///
/// While tables are gone through it keeps which events are which halves; when it is known who has
/// events of both kinds, only their events are looked at.
@safe final class EventPairs {
  private let firstHalf: Int
  private let halfCount: Int
  /// By half, whether some table had events of it.
  private let isMet: Scratch<Bool>
  private let owned = Scratch<UInt64>(count: BlockVector.wordCount)
  /// By table, vectors of rows; more than `slotCount` are left from before.
  private var slots: [Scratch<UInt64>] = []
  private var slotCount = 0
  /// Vectors that are taken of the last slot; the first one is that of the recent rows.
  private var vectorCount = 0
  /// Whose the rows are and when they were, by table as slots are.
  private var timelines: [PairTimes] = []
  /// The tables that may have events of a half, in chains: by half the first link, -1 for none.
  private let chains: Scratch<Int>
  private let links: Scratch<PairLink>
  private var linkCount = 0
  private let search = PairSearch()
  private let wanted = Scratch<UInt64>(count: BlockVector.wordCount)
  private let steps: Scratch<PairStep>
  private let stepCount: Int
  /// Of the steps.
  private let residuals: [Int]
  /// By pair, the profiles whose events were looked at.
  private let searched: Scratch<UInt64>
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions) {
    firstHalf = conditions.firstHalf
    halfCount = conditions.halves.count
    isMet = Scratch(count: halfCount)
    stepCount = conditions.pairs.count
    steps = Scratch(count: stepCount)
    searched = Scratch(count: stepCount)
    for (index, pair) in conditions.pairs.enumerated() {
      unsafe (steps.pointer + index).initialize(to: PairStep(pair, firstHalf: firstHalf))
    }
    residuals = conditions.pairs.map(\.test.residual)
    chains = Scratch(count: halfCount)
    unsafe links = Scratch(count: 2 * halfCount)
  }

  func begin() {
    doubts = []
    slotCount = 0
    linkCount = 0
    chains.fill(-1, count: halfCount)
    isMet.fill(false, count: halfCount)
  }

  /// Gives by pair the profiles whose events were looked at since this was last asked.
  func takeSearchedCounts() -> [UInt64] {
    defer { searched.fill(0, count: stepCount) }
    return (0..<stepCount).map { unsafe searched.pointer[$0] }
  }

  /// Turns to a table with room for vectors of some halves, and its recent rows, where they are known.
  func begin(
    _ table: FlatTable,
    halfCount: Int,
    wordCount: Int,
    recent: UnsafePointer<UInt64>?,
    profileCount: Int
  ) {
    if slotCount == slots.count {
      slots.append(Scratch(count: 0))
      timelines.append(PairTimes())
    }
    let slot = unsafe slots[slotCount].room(for: (halfCount + 1) * wordCount)
    if let recent = unsafe recent { unsafe slot.update(from: recent, count: wordCount) }
    unsafe timelines[slotCount].take(table, profileCount: profileCount)
    slotCount += 1
    vectorCount = 1
  }

  /// Keeps which rows of the table are a half.
  ///
  /// - Parameters:
  ///   - half: its number.
  ///   - rows: those rows.
  ///   - wordCount: words of a vector of all rows.
  ///   - owners: knows whose the rows are.
  ///   - vectors: where it is written who has such events.
  func keep(
    _ half: Int,
    _ rows: MatchedRows,
    wordCount: Int,
    _ owners: RowOwners,
    into vectors: Scratch<UInt64>
  ) {
    let vector = unsafe vectors.vector(firstHalf + half)
    if unsafe isMet.pointer[half] {
      unsafe owners.write(rows, into: owned.pointer)
      for word in 0..<BlockVector.wordCount { unsafe vector[word] |= owned.pointer[word] }
    } else {
      unsafe isMet.pointer[half] = true
      unsafe owners.write(rows, into: vector)
    }
    let bits = unsafe slots[slotCount - 1].pointer + vectorCount * wordCount
    unsafe bits.update(from: owners.expand(rows), count: wordCount)
    vectorCount += 1
    unsafe links.grow(to: linkCount + 1, keeping: linkCount)
    unsafe links.pointer[linkCount] = PairLink(
      events: PairEvents(
        rows: timelines[slotCount - 1].rows,
        bits: UnsafePointer(bits),
        recent: rows.areRecent ? UnsafePointer(slots[slotCount - 1].pointer) : nil
      ),
      next: chains.pointer[half]
    )
    unsafe chains.pointer[half] = linkCount
    linkCount += 1
  }

  /// Writes the vectors of all pairs, from those of their two matches.
  func finish(areAnyZone: Bool, into vectors: Scratch<UInt64>) {
    for half in 0..<halfCount where unsafe !isMet.pointer[half] {
      unsafe vectors.vector(firstHalf + half).update(repeating: 0, count: BlockVector.wordCount)
    }
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
            residual: residuals[index],
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
    var firstLink = unsafe chains[step.first &- firstHalf]
    while firstLink >= 0 {
      let firsts = unsafe links[firstLink].events
      var secondLink = unsafe chains[step.second &- firstHalf]
      while secondLink >= 0 {
        let seconds = unsafe links[secondLink].events
        for word in 0..<BlockVector.wordCount {
          unsafe wanted.pointer[word] = first[word] & second[word] & ~vector[word]
        }
        unsafe search.find(firsts, seconds, of: wanted.pointer, within: step.gap, into: vector)
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

  init(_ pair: EventConditions.Pair, firstHalf: Int) {
    node = pair.node
    first = firstHalf + pair.first
    second = firstHalf + pair.second
    gap = pair.test.gap.upperBound
    isUTC = pair.test.isUTC
  }
}

/// Whose the rows of a table are, and when they were.
@safe private final class PairTimes {
  private let instants = Scratch<Int64>(count: 1)
  private let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)
  private let places = TableRows()
  private(set) var rows: PairRows

  init() {
    unsafe rows = PairRows(
      instants: UnsafePointer(instants.pointer),
      base: 0,
      starts: UnsafePointer(starts.pointer)
    )
  }

  /// Takes a table; what it has is read where it is.
  func take(_ table: FlatTable, profileCount: Int) {
    if let starts = unsafe table.starts {
      unsafe rows.starts = starts
    } else {
      unsafe writeStarts(
        of: table.profiles,
        count: table.rowCount,
        profileCount: profileCount,
        into: starts.pointer
      )
      unsafe rows.starts = UnsafePointer(starts.pointer)
    }
    guard let times = unsafe table.instants else { return }
    if let instants = unsafe times.milliseconds {
      unsafe (rows.instants, rows.base) = (instants, times.base)
      return
    }
    let own = unsafe instants.room(for: table.rowCount + 64)
    unsafe places.take(rowCount: table.rowCount)
    // Rows without a readable time fit no match of a pair.
    unsafe writeNumbers(
      times.numbers,
      width: times.width,
      places.positions(times.presence),
      base: times.base,
      factor: times.unit,
      into: own
    )
    unsafe (rows.instants, rows.base) = (UnsafePointer(own), 0)
  }
}

/// One of the tables that may have events of a half.
@unsafe private struct PairLink: BitwiseCopyable {
  var events: PairEvents
  /// The next link of the same half; -1 when it is the last.
  var next: Int
}
