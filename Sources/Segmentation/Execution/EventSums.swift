import Bytes
import PQL
import ProfileStore

/// Adds values of the events of each profile that fit some matches, and compares the sums.
///
/// Sums are exact (`FixedSum`); only where some value is too large or too small for that, a residual
/// has the answer.
final class EventSums {
  private let conditions: EventConditions
  private let values: Scratch<Int128>
  /// By sum, then by profile; all 0 between blocks.
  private let sums: Scratch<Int128>
  private let counts: Scratch<UInt32>
  /// By sum: the profiles with values.
  private let touched: Scratch<UInt64>
  /// By field that is added, what the sum of its magnitudes in the block is at most; `nil` when some
  /// cannot be added exactly.
  private var magnitudes: [Double?]
  /// By group, the numbers of its sums.
  private let groups: [Scratch<Int>]
  private(set) var doubts: [EventDoubt] = []

  init(_ conditions: EventConditions, rowCountMax: Int) {
    self.conditions = conditions
    let count = max(1, conditions.sums.count)
    values = Scratch(count: conditions.sums.isEmpty ? 1 : rowCountMax + 64)
    sums = Scratch(count: count * BlockVector.bitCount)
    counts = Scratch(count: count * BlockVector.bitCount)
    touched = Scratch(count: count * BlockVector.wordCount)
    magnitudes = Array(repeating: 0, count: conditions.values.count)
    groups = conditions.sumGroups.map { group in
      let numbers = Scratch<Int>(count: 64)
      for (bit, sum) in group.sums.enumerated() { unsafe numbers.pointer[bit] = sum }
      return numbers
    }
  }

  func begin() {
    doubts = []
    for value in magnitudes.indices { magnitudes[value] = 0 }
  }

  /// Adds the events of a table that fit the sums of a group.
  func add(
    _ masks: UnsafePointer<UInt64>,
    _ step: PassStep,
    _ table: FlatTable,
    _ rows: TableRows
  ) {
    let group = unsafe step.number
    let value = conditions.sumGroups[group].value
    let numbers = unsafe groups[group].pointer
    let values = unsafe values.pointer
    let lanes = unsafe step.firstLane..<step.firstLane + step.laneCount
    let found =
      unsafe step.isWithin ? nil : EventNumbers.write(table, lanes: lanes, rows, into: values)
    guard let found, let known = magnitudes[value],
      known + found * Double(rows.count) < FixedSum.sumMax
    else {
      magnitudes[value] = nil
      return unsafe touch(masks, rows, numbers)
    }
    magnitudes[value] = known + found * Double(rows.count)
    let profiles = unsafe rows.places.pointer
    let (sums, counts, touched) = unsafe (sums.pointer, counts.pointer, touched.pointer)
    for row in 0..<rows.count {
      var bits = unsafe masks[row]
      let value = unsafe values[row]
      if bits == 0 || value == FixedSum.missing { continue }
      let profile = ProfilePlace.profile(at: Int(unsafe profiles[row]))
      while bits != 0 {
        let sum = unsafe numbers[bits.trailingZeroBitCount]
        let place = sum &* BlockVector.bitCount &+ profile
        unsafe sums[place] &+= value
        unsafe counts[place] &+= 1
        let word = sum &* BlockVector.wordCount &+ profile &>> 6
        unsafe touched[word] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
        bits &= bits &- 1
      }
    }
  }

  /// Notes who has events that fit, where their values cannot be added.
  private func touch(
    _ masks: UnsafePointer<UInt64>,
    _ rows: TableRows,
    _ numbers: UnsafePointer<Int>
  ) {
    for row in 0..<rows.count {
      var bits = unsafe masks[row]
      let profile = ProfilePlace.profile(at: Int(unsafe rows.places.pointer[row]))
      while bits != 0 {
        let sum = unsafe numbers[bits.trailingZeroBitCount]
        let place = sum * BlockVector.wordCount + profile / 64
        unsafe touched.pointer[place] |= 1 << UInt64(profile % 64)
        bits &= bits &- 1
      }
    }
  }

  /// Compares the sums and forgets them.
  func finish(into vectors: Scratch<UInt64>) {
    for number in conditions.sums.indices { finish(number, into: vectors) }
  }

  private func finish(_ number: Int, into vectors: Scratch<UInt64>) {
    let words = unsafe touched.pointer + number * BlockVector.wordCount
    let isExact = magnitudes[conditions.sums[number].value] != nil
    for (node, test) in conditions.sums[number].nodes {
      unsafe finish(test, number, isExact: isExact, node, vectors.vector(node))
    }
    for word in 0..<BlockVector.wordCount {
      var bits = unsafe words[word]
      unsafe words[word] = 0
      while bits != 0 {
        let place = number * BlockVector.bitCount + 64 * word + bits.trailingZeroBitCount
        unsafe sums.pointer[place] = 0
        unsafe counts.pointer[place] = 0
        bits &= bits &- 1
      }
    }
  }

  private func finish(
    _ test: SumTest,
    _ number: Int,
    isExact: Bool,
    _ node: Int,
    _ vector: UnsafeMutablePointer<UInt64>
  ) {
    let ofNothing = test.aggregate == .sum && test.comparison.holds(0, test.bound)
    var doubts: [UInt64] = []
    for word in 0..<BlockVector.wordCount {
      var bits = unsafe touched.pointer[number * BlockVector.wordCount + word]
      var answer: UInt64 = ofNothing ? ~bits : 0
      let inDoubt = isExact ? 0 : bits
      bits &= ~inDoubt
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        let index = number * BlockVector.bitCount + 64 * word + bit
        if unsafe test.holds(sums.pointer[index], of: counts.pointer[index]) {
          answer |= 1 << UInt64(bit)
        }
        bits &= bits &- 1
      }
      unsafe vector[word] = answer
      if inDoubt != 0 {
        if doubts.isEmpty { doubts = Array(repeating: 0, count: BlockVector.wordCount) }
        doubts[word] = inDoubt
      }
    }
    if doubts.isEmpty { return }
    self.doubts.append(EventDoubt(node: node, residual: test.residual, profiles: doubts))
  }
}

/// Profiles of a block for which a node's vector says nothing; a residual has the answer.
struct EventDoubt {
  var node: Int
  var residual: Int
  /// A vector.
  var profiles: [UInt64]
}

extension SumTest {
  /// Whether the test holds for a sum of some numbers.
  fileprivate func holds(_ sum: Int128, of count: UInt32) -> Bool {
    let total = FixedSum.rounded(sum)
    return comparison.holds(aggregate == .average ? total / Double(count) : total, bound)
  }
}
