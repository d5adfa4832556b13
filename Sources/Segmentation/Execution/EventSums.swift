import Bytes
import PQL
import ProfileStore

/// Adds values of the events of each profile that fit some matches, and compares the sums.
///
/// Sums are whole numbers of ten-thousandths, so they are exact; what the language wants is the exact
/// sum of the doubles, which differs from that by far less than one. Only where the bound is so near
/// that this could matter the answer is in doubt.
final class EventSums {
  private let uses: EventUses
  private let numbers = ColumnNumbers()
  private let values = Scratch<Int64>(count: 1_024)
  /// By use that adds, then by profile; all 0 between blocks.
  private let sums: Scratch<Int64>
  private let counts: Scratch<UInt32>
  /// By use that adds: the profiles with values.
  private let touched: Scratch<UInt64>
  /// By field that is added, what is known of its values so far in the block.
  private var ranges: [ColumnNumbers.Range?]
  private(set) var doubts: [EventDoubt] = []

  init(_ uses: EventUses) {
    self.uses = uses
    let count = max(1, uses.addingCount)
    sums = Scratch(count: count * BlockVector.bitCount)
    counts = Scratch(count: count * BlockVector.bitCount)
    touched = Scratch(count: count * BlockVector.wordCount)
    ranges = Array(repeating: ColumnNumbers.Range(), count: uses.values.count)
  }

  func begin(_ columns: BlockColumns) {
    numbers.begin(columns)
    doubts = []
    for value in ranges.indices { ranges[value] = ColumnNumbers.Range() }
  }

  /// Adds the events of a table.
  func add(_ masks: UnsafePointer<UInt64>, _ slot: TableSlot, _ value: Int, for word: [Int]) {
    let rowCount = slot.table.rowCount
    let values = unsafe values.room(for: rowCount + 64)
    let found = unsafe numbers.write(
      slot.table.columns,
      uses.values[value].names[...],
      into: values
    )
    guard let found, let known = ranges[value] else {
      ranges[value] = nil
      return unsafe touch(masks, slot, for: word)
    }
    let (most, isOver) = found.magnitudeMax.multipliedReportingOverflow(by: Int64(rowCount))
    let (total, isTooLarge) = known.magnitudeMax.addingReportingOverflow(most)
    if isOver || isTooLarge || total >= ColumnNumbers.sumMax {
      ranges[value] = nil
      return unsafe touch(masks, slot, for: word)
    }
    ranges[value] = ColumnNumbers.Range(
      magnitudeMax: total,
      areWhole: known.areWhole && found.areWhole
    )
    let places = word.map { uses.uses[$0].place }
    let profiles = unsafe slot.places.pointer
    let (sums, counts, touched) = unsafe (sums.pointer, counts.pointer, touched.pointer)
    unsafe places.withUnsafeBufferPointer { places in
      for row in 0..<rowCount {
        var bits = unsafe masks[row]
        let value = unsafe values[row]
        if bits == 0 || value == ColumnNumbers.missing { continue }
        let profile = ProfilePlace.profile(at: Int(unsafe profiles[row]))
        while bits != 0 {
          let use = unsafe places[bits.trailingZeroBitCount]
          let place = use &* BlockVector.bitCount &+ profile
          unsafe sums[place] &+= value
          unsafe counts[place] &+= 1
          let word = use &* BlockVector.wordCount &+ profile &>> 6
          unsafe touched[word] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
          bits &= bits &- 1
        }
      }
    }
  }

  /// Notes who has events that fit, where their values cannot be added.
  private func touch(_ masks: UnsafePointer<UInt64>, _ slot: TableSlot, for word: [Int]) {
    let profiles = unsafe slot.places.pointer
    for row in 0..<slot.table.rowCount {
      var bits = unsafe masks[row]
      while bits != 0 {
        let profile = ProfilePlace.profile(at: Int(unsafe profiles[row]))
        let use = uses.uses[word[bits.trailingZeroBitCount]].place
        let place = use * BlockVector.wordCount + profile / 64
        unsafe touched.pointer[place] |= 1 << UInt64(profile % 64)
        bits &= bits &- 1
      }
    }
  }

  /// Compares the sums and forgets them.
  func finish(into vectors: Scratch<UInt64>) {
    for use in uses.uses {
      guard case .sum(let value) = use.purpose else { continue }
      for case .sum(let node, let test) in use.nodes {
        unsafe finish(test, use.place, ranges[value], node, vectors.vector(node))
      }
      for word in 0..<BlockVector.wordCount {
        var bits = unsafe touched.pointer[use.place * BlockVector.wordCount + word]
        unsafe touched.pointer[use.place * BlockVector.wordCount + word] = 0
        while bits != 0 {
          let place = use.place * BlockVector.bitCount + 64 * word + bits.trailingZeroBitCount
          unsafe sums.pointer[place] = 0
          unsafe counts.pointer[place] = 0
          bits &= bits &- 1
        }
      }
    }
  }

  private func finish(
    _ test: SumTest,
    _ place: Int,
    _ range: ColumnNumbers.Range?,
    _ node: Int,
    _ vector: UnsafeMutablePointer<UInt64>
  ) {
    let ofNothing = test.aggregate == .sum && test.comparison.holds(0, test.bound)
    var doubt = EventDoubt(node: node, residual: test.residual, profiles: [])
    for word in 0..<BlockVector.wordCount {
      var bits = unsafe touched.pointer[place * BlockVector.wordCount + word]
      var answer: UInt64 = ofNothing ? ~bits : 0
      var inDoubt: UInt64 = range == nil ? bits : 0
      bits &= ~inDoubt
      while bits != 0 {
        let bit = bits.trailingZeroBitCount
        let index = place * BlockVector.bitCount + 64 * word + bit
        let holds = unsafe test.holds(sums.pointer[index], of: counts.pointer[index], range)
        if holds == nil { inDoubt |= 1 << UInt64(bit) }
        if holds == true { answer |= 1 << UInt64(bit) }
        bits &= bits &- 1
      }
      unsafe vector[word] = answer
      doubt.profiles.append(inDoubt)
    }
    if doubt.profiles.contains(where: { $0 != 0 }) { doubts.append(doubt) }
  }
}

extension SumTest {
  /// Whether the test holds for a sum of ten-thousandths; `nil` when it is too near to tell.
  fileprivate func holds(
    _ sum: Int64,
    of count: UInt32,
    _ range: ColumnNumbers.Range?
  ) -> Bool? {
    let units = Double(ColumnNumbers.unitsPerOne)
    if range?.areWhole ?? false {
      // Whole numbers are added without rounding, and divided once.
      let total = Double(sum / ColumnNumbers.unitsPerOne)
      return comparison.holds(aggregate == .average ? total / Double(count) : total, bound)
    }
    let reference = bound * (aggregate == .average ? Double(count) : 1) * units
    let difference = Double(sum) - reference
    guard difference.magnitude >= 2 else { return nil }
    return comparison.holds(difference, 0)
  }
}
