import Bytes
import ProfileStore

/// Finds profiles with an event of one match and a later one of another.
final class EventPairs {
  /// Two events of a profile are looked at together up to so many times; beyond, each pair of
  /// matches goes through the events once.
  private static let combinationCountMax = 4_096

  private let uses: EventUses
  private var plans: [Int: PairPlan] = [:]
  private let firstMasks = Scratch<UInt64>(count: 1_024)
  private let secondMasks = Scratch<UInt64>(count: 1_024)
  private let firstUnited = Scratch<UInt64>(count: BlockVector.bitCount)
  private let secondUnited = Scratch<UInt64>(count: BlockVector.bitCount)
  private(set) var doubts: [EventDoubt] = []

  init(_ uses: EventUses) { self.uses = uses }

  func begin() { doubts = [] }

  /// Goes through all tables two by two.
  func run(
    _ slots: ArraySlice<TableSlot>,
    _ classifiers: [FieldClassifier],
    _ profileCount: Int,
    into vectors: Scratch<UInt64>
  ) {
    if uses.pairs.isEmpty { return }
    let areAny = slots.allSatisfy(\.isInstantInAnyZone)
    if !areAny { doubtZones() }
    for first in slots where !first.plan.firsts.isEmpty {
      for second in slots where !second.plan.seconds.isEmpty {
        for word in plan(first, second).words {
          run(word, first, second, classifiers, profileCount, into: vectors)
        }
      }
    }
  }

  /// Leaves to residuals the pairs of definitions that may read the instants otherwise.
  private func doubtZones() {
    for pair in uses.pairs where !pair.test.isUTC {
      doubts.append(
        EventDoubt(
          node: pair.node,
          residual: pair.test.residual,
          profiles: Array(repeating: .max, count: BlockVector.wordCount)
        )
      )
    }
  }

  private func plan(_ first: TableSlot, _ second: TableSlot) -> PairPlan {
    let key = first.planNumber << 32 | second.planNumber
    if let known = plans[key] { return known }
    let made = PairPlan(first.plan, second.plan, uses.pairs)
    plans[key] = made
    return made
  }

  private func run(
    _ word: PairPlan.Word,
    _ first: TableSlot,
    _ second: TableSlot,
    _ classifiers: [FieldClassifier],
    _ profileCount: Int,
    into vectors: Scratch<UInt64>
  ) {
    let (firstCount, secondCount) = (first.table.rowCount, second.table.rowCount)
    let firstMasks = unsafe firstMasks.room(for: firstCount + 64)
    let secondMasks = unsafe secondMasks.room(for: secondCount + 64)
    word.first.update(classifiers)
    unsafe word.first.write(first.pointers(), count: firstCount, into: firstMasks)
    word.second.update(classifiers)
    unsafe word.second.write(second.pointers(), count: secondCount, into: secondMasks)
    firstUnited.fill(0, count: BlockVector.bitCount)
    unsafe unite(
      firstMasks,
      of: first.places.pointer,
      count: firstCount,
      into: firstUnited.pointer
    )
    secondUnited.fill(0, count: BlockVector.bitCount)
    unsafe unite(
      secondMasks,
      of: second.places.pointer,
      count: secondCount,
      into: secondUnited.pointer
    )
    let found = unsafe firstUnited.pointer
    for profile in 0..<profileCount {
      let place = ProfilePlace.place(of: profile)
      let wanted = unsafe found[place] & secondUnited.pointer[place]
      unsafe found[place] =
        wanted == 0
        ? 0
        : pairs(
          wanted,
          Self.events(firstMasks, of: profile, first),
          Self.events(secondMasks, of: profile, second),
          word
        )
    }
    unsafe addColumns(of: found, for: word.nodes, to: vectors)
  }

  private typealias Events = (
    masks: UnsafePointer<UInt64>, instants: UnsafePointer<Int64>, rows: Range<Int>
  )

  private static func events(
    _ masks: UnsafeMutablePointer<UInt64>,
    of profile: Int,
    _ slot: TableSlot
  ) -> Events {
    let rows = unsafe Int(slot.starts.pointer[profile])..<Int(slot.starts.pointer[profile + 1])
    return unsafe (UnsafePointer(masks), UnsafePointer(slot.instants.pointer), rows)
  }

  /// Which of the wanted pairs a profile has.
  private func pairs(
    _ wanted: UInt64,
    _ firsts: Events,
    _ seconds: Events,
    _ word: PairPlan.Word
  ) -> UInt64 {
    if unsafe firsts.rows.count * seconds.rows.count > Self.combinationCountMax {
      return unsafe pairsOneByOne(wanted, firsts, seconds, word)
    }
    var found: UInt64 = 0
    for second in unsafe seconds.rows {
      let open = unsafe seconds.masks[second] & wanted & ~found
      if open == 0 { continue }
      for first in unsafe firsts.rows {
        let fitting = unsafe firsts.masks[first] & open
        let gap = unsafe seconds.instants[second] &- firsts.instants[first]
        if fitting == 0 || gap < 1 { continue }
        for (index, longest) in word.gaps.enumerated() where gap <= longest {
          found |= fitting & word.allowing[index]
          break
        }
      }
    }
    return found
  }

  /// The same for profiles with many events: the latest first event before a second one is the best.
  private func pairsOneByOne(
    _ wanted: UInt64,
    _ firsts: Events,
    _ seconds: Events,
    _ word: PairPlan.Word
  ) -> UInt64 {
    var found: UInt64 = 0
    var rest = wanted
    while rest != 0 {
      let bit: UInt64 = 1 << UInt64(rest.trailingZeroBitCount)
      rest &= rest &- 1
      let allowed = word.allowing.lastIndex { $0 & bit != 0 }.map { word.gaps[$0] } ?? 0
      var next = unsafe firsts.rows.lowerBound
      var latest: Int64?
      for second in unsafe seconds.rows where unsafe seconds.masks[second] & bit != 0 {
        let instant = unsafe seconds.instants[second]
        while unsafe next < firsts.rows.upperBound, unsafe firsts.instants[next] < instant {
          if unsafe firsts.masks[next] & bit != 0 { latest = unsafe firsts.instants[next] }
          next += 1
        }
        if let latest, instant - latest <= allowed {
          found |= bit
          break
        }
      }
    }
    return found
  }
}
