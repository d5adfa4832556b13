import Bytes
import PQL
import ProfileStore

/// Adds values of the events of each profile that fit some matches, and compares the sums.
///
/// Sums are exact (`FixedSum`); only where some value is too large or too small for that, a residual
/// has the answer. A sum over events of one type is compared as soon as the profile's last event was
/// added; others are kept by profile until all tables were gone through.
@safe final class EventSums {
  private let conditions: EventConditions
  /// The tests of all sums, and by sum where its own begin and end.
  private let checks: Scratch<SumCheck>
  private let checkStarts: [Int]
  /// Adds what it can.
  private let whole: WholeSums
  /// By sum: over several tables, and in which of them some values cannot be added exactly.
  private let isAcross: [Bool]
  private var isInDoubt: [Bool]
  /// By sum, then by profile; all 0 between blocks.
  private let sums: Scratch<Int128>
  private let counts: Scratch<UInt32>
  /// By sum, the profiles with values; of sums over one type only those in doubt are here.
  private let touched: Scratch<UInt64>
  /// By field, whether it is added over several tables; then what the sum of its magnitudes is at most.
  private let isAddedAcross: [Bool]
  private var magnitudes: [Double]
  private let rows: TableRows
  /// By row of the table, the numbers of the field that was read last.
  private let values = Scratch<Int128>(count: 0)
  private var reading: Reading?
  private(set) var doubts: [EventDoubt] = []

  /// The numbers of a field were read for the table's events.
  private struct Reading {
    var value: Int
    /// They can be added exactly; of several tables, with those of the tables before.
    var isExact: Bool
  }

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    let count = conditions.sums.count
    isAcross = conditions.sums.map { !$0.isOfOneType }
    whole = WholeSums(conditions.sumChecks, rowCountMax: rowCountMax)
    let exact = conditions.sumChecks.exact
    checks = Scratch(count: exact.count)
    unsafe checks.pointer.update(from: exact, count: exact.count)
    checkStarts = conditions.sumChecks.starts
    isInDoubt = Array(repeating: false, count: count)
    let size = isAcross.contains(true) ? count : 0
    sums = Scratch(count: size * BlockVector.bitCount)
    counts = Scratch(count: size * BlockVector.bitCount)
    touched = Scratch(count: count * BlockVector.wordCount)
    magnitudes = Array(repeating: 0, count: conditions.values.count)
    isAddedAcross = conditions.values.indices.map { value in
      conditions.sums.contains { $0.value == value && !$0.isOfOneType }
    }
    rows = TableRows()
  }

  /// Begins a block: so far nobody has an event that fits.
  func begin(_ vectors: Scratch<UInt64>) {
    doubts = []
    for value in magnitudes.indices { magnitudes[value] = 0 }
    for index in 0..<checkStarts[conditions.sums.count] {
      let check = unsafe checks.pointer[index]
      unsafe vectors.vector(check.node)
        .update(repeating: check.ofNothing ? .max : 0, count: BlockVector.wordCount)
    }
  }

  /// Turns to a table.
  func begin(_ table: FlatTable) {
    unsafe rows.take(rowCount: table.rowCount)
    reading = nil
    whole.begin()
  }

  /// Adds the values of events of the table that fit a sum.
  func add(
    _ listed: ListedRows,
    _ step: SumStep,
    _ table: FlatTable,
    into vectors: Scratch<UInt64>
  ) {
    if unsafe step.isOfOneType && step.laneCount == 1 && whole.isPossible[step.sum],
      let lane = unsafe WholeSums.Lane(table.lanes[step.firstLane], rowCount: rows.count)
    {
      return unsafe whole.add(
        listed,
        lane,
        rows,
        checks: checkStarts[step.sum]..<checkStarts[step.sum + 1],
        exact: UnsafePointer(checks.pointer),
        into: vectors.pointer
      )
    }
    guard unsafe read(step, table).isExact else {
      isInDoubt[unsafe step.sum] = true
      for index in 0..<(unsafe listed.count) {
        touch(unsafe step.sum, Int(unsafe listed.profiles[index]))
      }
      return
    }
    if unsafe step.isOfOneType {
      unsafe addOfOneType(listed, step.sum, vectors)
    } else {
      unsafe addAcross(listed, step.sum)
    }
  }

  /// Reads the numbers of a sum's field for all events of the table, if they were not read before.
  private func read(_ step: SumStep, _ table: FlatTable) -> Reading {
    let value = unsafe step.value
    if let reading, reading.value == value { return reading }
    let lanes = unsafe step.firstLane..<step.firstLane + step.laneCount
    let found =
      unsafe step.isWithin
      ? nil
      : EventNumbers.write(table, lanes: lanes, rows, into: values.room(for: rows.count))
    var made = Reading(value: value, isExact: false)
    if let found {
      let before = isAddedAcross[value] ? magnitudes[value] : 0
      let most = before + found * Double(rows.count)
      made.isExact = most < FixedSum.sumMax
      if made.isExact { magnitudes[value] = most }
    }
    reading = made
    return made
  }

  private func addOfOneType(_ listed: ListedRows, _ sum: Int, _ vectors: Scratch<UInt64>) {
    let values = unsafe values.pointer
    var profile = 0
    var total: Int128 = 0
    var count: UInt32 = 0
    for index in 0..<(unsafe listed.count) {
      let value = unsafe values[Int(listed.numbers[index])]
      if value == FixedSum.missing { continue }
      let own = Int(unsafe listed.profiles[index])
      if own != profile {
        if count > 0 { compare(sum, total, count, profile, vectors) }
        (profile, total, count) = (own, 0, 0)
      }
      total &+= value
      count &+= 1
    }
    if count > 0 { compare(sum, total, count, profile, vectors) }
  }

  /// Says for which of a sum's nodes a profile's total holds.
  private func compare(
    _ sum: Int,
    _ total: Int128,
    _ count: UInt32,
    _ profile: Int,
    _ vectors: Scratch<UInt64>
  ) {
    let place = 1 as UInt64 &<< UInt64(truncatingIfNeeded: profile & 63)
    for index in checkStarts[sum]..<checkStarts[sum + 1] {
      let check = unsafe checks.pointer[index]
      let holds = check.holds(total, count)
      let word = unsafe vectors.vector(check.node) + profile &>> 6
      unsafe word.pointee = holds ? word.pointee | place : word.pointee & ~place
    }
  }

  // MARK: Several tables

  private func addAcross(_ listed: ListedRows, _ sum: Int) {
    let (values, sums, counts) = unsafe (values.pointer, sums.pointer, counts.pointer)
    for index in 0..<(unsafe listed.count) {
      let value = unsafe values[Int(listed.numbers[index])]
      if value == FixedSum.missing { continue }
      let profile = Int(unsafe listed.profiles[index])
      let place = sum &* BlockVector.bitCount &+ profile
      unsafe sums[place] &+= value
      unsafe counts[place] &+= 1
      touch(sum, profile)
    }
  }

  @inline(__always)
  private func touch(_ sum: Int, _ profile: Int) {
    let word = sum &* BlockVector.wordCount &+ profile &>> 6
    unsafe touched.pointer[word] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
  }

  /// Compares the sums over several tables and forgets them, and says what is in doubt.
  func finish(into vectors: Scratch<UInt64>) {
    for number in conditions.sums.indices where isAcross[number] || isInDoubt[number] {
      if isAcross[number] { compareAcross(number, into: vectors) }
      let words = unsafe touched.pointer + number * BlockVector.wordCount
      if isInDoubt[number] {
        isInDoubt[number] = false
        for (node, test) in conditions.sums[number].nodes {
          doubts.append(
            EventDoubt(
              node: node,
              residual: test.residual,
              profiles: (0..<BlockVector.wordCount).map { unsafe words[$0] }
            )
          )
        }
      }
      unsafe words.update(repeating: 0, count: BlockVector.wordCount)
    }
  }

  private func compareAcross(_ number: Int, into vectors: Scratch<UInt64>) {
    for word in 0..<BlockVector.wordCount {
      var bits = unsafe touched.pointer[number * BlockVector.wordCount + word]
      while bits != 0 {
        let profile = 64 * word + bits.trailingZeroBitCount
        let index = number * BlockVector.bitCount + profile
        unsafe compare(number, sums.pointer[index], counts.pointer[index], profile, vectors)
        unsafe sums.pointer[index] = 0
        unsafe counts.pointer[index] = 0
        bits &= bits &- 1
      }
    }
  }
}

/// Profiles of a block for which a node's vector says nothing; a residual has the answer.
struct EventDoubt {
  var node: Int
  var residual: Int
  /// A vector.
  var profiles: [UInt64]
}
