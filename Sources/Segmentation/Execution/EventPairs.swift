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
  /// By table; more than `tableCount` are left from before.
  private var tables: [PairTable] = []
  private var tableCount = 0
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
    tableCount = 0
    linkCount = 0
    chains.fill(-1, count: halfCount)
    isMet.fill(false, count: halfCount)
  }

  /// Gives by pair the profiles whose events were looked at since this was last asked.
  func takeSearchedCounts() -> [UInt64] {
    defer { searched.fill(0, count: stepCount) }
    return (0..<stepCount).map { unsafe searched.pointer[$0] }
  }

  /// Turns to a table with events of some halves.
  func begin(_ table: FlatTable, halfCount: Int) {
    if tableCount == tables.count { unsafe tables.append(PairTable(table)) }
    unsafe tables[tableCount].begin(table, halfCount: halfCount)
    tableCount += 1
  }

  /// Keeps which rows of the table are a half.
  ///
  /// - Parameters:
  ///   - half: its number.
  ///   - rows: those rows.
  ///   - owners: knows whose the rows are.
  ///   - vectors: where it is written who has such events.
  func keep(
    _ half: Int,
    _ rows: MatchedRows,
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
    unsafe links.grow(to: linkCount + 1, keeping: linkCount)
    unsafe links.pointer[linkCount] = PairLink(
      events: tables[tableCount - 1].keep(rows, owners),
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

/// One of the tables that may have events of a half.
@unsafe private struct PairLink: BitwiseCopyable {
  var events: PairEvents
  /// The next link of the same half; -1 when it is the last.
  var next: Int
}
