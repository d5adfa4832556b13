import Bytes
import PQL
import ProfileStore

/// Adds values of the events of each profile that fit some matches, and compares the sums.
///
/// Sums are exact (`FixedSum`); only where some value is too large or too small for that, a residual
/// has the answer. A sum over events of one type is compared as soon as the profile's last event was
/// added; others are kept by profile until all tables were gone through.
final class EventSums {
  private let conditions: EventConditions
  private let values: Scratch<Int128>
  /// By word of conditions, for each bit the number of its sum.
  private let numbers: [Scratch<Int>]
  /// The tests of all sums, and by sum where its own begin and end.
  private let checks: Scratch<SumCheck>
  private let checkStarts: Scratch<Int>
  /// By bit, of the profile that rows are added for; all 0 between profiles.
  private let totals = Scratch<Int128>(count: 64)
  /// Adds what it can.
  private let whole: WholeSums
  private let totalCounts = Scratch<UInt32>(count: 64)
  /// By sum: over several tables, and in which of them some values cannot be added exactly.
  private let isAcross: [Bool]
  private var isInDoubt: [Bool]
  /// By sum, then by profile; all 0 between blocks.
  private let sums: Scratch<Int128>
  private let counts: Scratch<UInt32>
  /// By sum, the profiles with values; of sums over one type only those in doubt are here.
  private let touched: Scratch<UInt64>
  /// By field that is added over several tables, what the sum of its magnitudes is at most.
  private var magnitudes: [Double]
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    let count = conditions.sums.count
    values = Scratch(count: count == 0 ? 1 : rowCountMax + 64)
    var isAcross = [Bool](repeating: false, count: count)
    numbers = conditions.words.map { word in
      let numbers = Scratch<Int>(count: 64)
      for (bit, condition) in word.bits.enumerated() {
        guard case .sum(let sum) = condition.purpose else { continue }
        unsafe numbers.pointer[bit] = sum
        isAcross[sum] = !condition.isOfOneType
      }
      return numbers
    }
    self.isAcross = isAcross
    let all = conditions.sums.map { sum in sum.nodes.map { SumCheck($0.test, node: $0.node) } }
    whole = WholeSums(all, rowCountMax: rowCountMax)
    checks = Scratch(count: all.reduce(0) { $0 + $1.count })
    checkStarts = Scratch(count: count + 1)
    for (sum, own) in all.enumerated() {
      let start = unsafe checkStarts.pointer[sum]
      unsafe checkStarts.pointer[sum + 1] = start + own.count
      for (index, check) in own.enumerated() {
        unsafe (checks.pointer + start + index).initialize(to: check)
      }
    }
    isInDoubt = Array(repeating: false, count: count)
    let size = isAcross.contains(true) ? count : 0
    sums = Scratch(count: size * BlockVector.bitCount)
    counts = Scratch(count: size * BlockVector.bitCount)
    touched = Scratch(count: count * BlockVector.wordCount)
    magnitudes = Array(repeating: 0, count: conditions.values.count)
  }

  /// Begins a block: so far nobody has an event that fits.
  func begin(_ vectors: Scratch<UInt64>) {
    doubts = []
    for value in magnitudes.indices { magnitudes[value] = 0 }
    for index in 0..<(unsafe checkStarts.pointer[conditions.sums.count]) {
      let check = unsafe checks.pointer[index]
      unsafe vectors.vector(check.node)
        .update(repeating: check.ofNothing ? .max : 0, count: BlockVector.wordCount)
    }
  }

  /// Adds the values of a table's events that fit some sums of a word.
  func add(
    _ masks: UnsafePointer<UInt64>,
    _ step: SumStep,
    word: Int,
    _ table: FlatTable,
    _ rows: TableRows,
    into vectors: Scratch<UInt64>
  ) {
    let numbers = unsafe numbers[word].pointer
    let kept = unsafe addWhole(masks, step, table, rows, numbers, vectors)
    var any: UInt64 = 0
    for row in 0..<rows.count { any |= unsafe masks[row] }
    if any & kept == 0 { return }
    let lanes = unsafe step.firstLane..<step.firstLane + step.laneCount
    let found =
      unsafe step.isWithin
      ? nil : EventNumbers.write(table, lanes: lanes, rows, into: values.pointer)
    let before = unsafe step.isOfOneType ? 0 : magnitudes[step.value]
    guard let found, before + found * Double(rows.count) < FixedSum.sumMax else {
      return unsafe doubt(masks, kept, rows, numbers)
    }
    if unsafe step.isOfOneType {
      unsafe addOfOneType(masks, kept, rows, numbers, vectors)
    } else {
      unsafe magnitudes[step.value] = before + found * Double(rows.count)
      unsafe addAcross(masks, kept, rows, numbers)
    }
  }

  /// Adds as whole numbers what can be added so, and returns the bits of the other sums.
  private func addWhole(
    _ masks: UnsafePointer<UInt64>,
    _ step: SumStep,
    _ table: FlatTable,
    _ rows: TableRows,
    _ numbers: UnsafePointer<Int>,
    _ vectors: Scratch<UInt64>
  ) -> UInt64 {
    let bits = unsafe step.bits
    guard unsafe step.isOfOneType && step.laneCount == 1 && !step.isWithin,
      let lane = unsafe WholeSums.Lane(table.lanes[step.firstLane], rowCount: rows.count)
    else { return bits }
    var possible: UInt64 = 0
    var rest = bits
    while rest != 0 {
      if whole.isPossible[unsafe numbers[rest.trailingZeroBitCount]] {
        possible |= rest & (0 &- rest)
      }
      rest &= rest &- 1
    }
    unsafe whole.add(
      masks,
      possible,
      rows,
      lane,
      sums: numbers,
      exact: (UnsafePointer(checks.pointer), UnsafePointer(checkStarts.pointer)),
      into: vectors.pointer
    )
    return bits & ~possible
  }

  private func addOfOneType(
    _ masks: UnsafePointer<UInt64>,
    _ kept: UInt64,
    _ rows: TableRows,
    _ numbers: UnsafePointer<Int>,
    _ vectors: Scratch<UInt64>
  ) {
    let (values, profiles) = unsafe (values.pointer, rows.profiles)
    let (totals, totalCounts) = unsafe (totals.pointer, totalCounts.pointer)
    var profile = 0
    var open: UInt64 = 0
    for row in 0..<rows.count {
      var bits = unsafe masks[row] & kept
      if bits == 0 { continue }
      let value = unsafe values[row]
      if value == FixedSum.missing { continue }
      let own = Int(unsafe profiles[row])
      if own != profile {
        unsafe close(open, profile, numbers, vectors)
        (profile, open) = (own, 0)
      }
      open |= bits
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        unsafe totals[bit] &+= value
        unsafe totalCounts[bit] &+= 1
        bits &= bits &- 1
      }
    }
    unsafe close(open, profile, numbers, vectors)
  }

  /// Compares the totals of a profile and forgets them.
  @inline(__always)
  private func close(
    _ open: UInt64,
    _ profile: Int,
    _ numbers: UnsafePointer<Int>,
    _ vectors: Scratch<UInt64>
  ) {
    let (totals, totalCounts) = unsafe (totals.pointer, totalCounts.pointer)
    let (checks, checkStarts) = unsafe (checks.pointer, checkStarts.pointer)
    var rest = open
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      let sum = unsafe numbers[bit]
      for index in unsafe checkStarts[sum]..<checkStarts[sum + 1] {
        let holds = unsafe checks[index].holds(totals[bit], totalCounts[bit])
        let word = unsafe vectors.vector(checks[index].node) + profile &>> 6
        let place = 1 as UInt64 &<< UInt64(truncatingIfNeeded: profile & 63)
        unsafe word.pointee = holds ? word.pointee | place : word.pointee & ~place
      }
      unsafe totals[bit] = 0
      unsafe totalCounts[bit] = 0
      rest &= rest &- 1
    }
  }

  // MARK: Several tables

  private func addAcross(
    _ masks: UnsafePointer<UInt64>,
    _ kept: UInt64,
    _ rows: TableRows,
    _ numbers: UnsafePointer<Int>
  ) {
    let (values, profiles) = unsafe (values.pointer, rows.profiles)
    let (sums, counts) = unsafe (sums.pointer, counts.pointer)
    for row in 0..<rows.count {
      var bits = unsafe masks[row] & kept
      let value = unsafe values[row]
      if bits == 0 || value == FixedSum.missing { continue }
      let profile = Int(unsafe profiles[row])
      while bits != 0 {
        let sum = unsafe numbers[bits.trailingZeroBitCount]
        let place = sum &* BlockVector.bitCount &+ profile
        unsafe sums[place] &+= value
        unsafe counts[place] &+= 1
        touch(sum, profile)
        bits &= bits &- 1
      }
    }
  }

  /// Notes who has events that fit, where their values cannot be added.
  private func doubt(
    _ masks: UnsafePointer<UInt64>,
    _ kept: UInt64,
    _ rows: TableRows,
    _ numbers: UnsafePointer<Int>
  ) {
    for row in 0..<rows.count {
      var bits = unsafe masks[row] & kept
      while bits != 0 {
        let sum = unsafe numbers[bits.trailingZeroBitCount]
        isInDoubt[sum] = true
        touch(sum, Int(unsafe rows.profiles[row]))
        bits &= bits &- 1
      }
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
      if isAcross[number] { compare(number, into: vectors) }
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

  private func compare(_ number: Int, into vectors: Scratch<UInt64>) {
    let (checks, checkStarts) = unsafe (checks.pointer, checkStarts.pointer)
    for word in 0..<BlockVector.wordCount {
      var bits = unsafe touched.pointer[number * BlockVector.wordCount + word]
      while bits != 0 {
        let place = bits & (0 &- bits)
        let index = number * BlockVector.bitCount + 64 * word + bits.trailingZeroBitCount
        for check in unsafe checkStarts[number]..<checkStarts[number + 1] {
          let holds = unsafe checks[check].holds(sums.pointer[index], counts.pointer[index])
          let vector = unsafe vectors.vector(checks[check].node) + word
          unsafe vector.pointee = holds ? vector.pointee | place : vector.pointee & ~place
        }
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
