import ProfileStore

/// Adds decimals as whole numbers of their last place, and compares the sums; only where that cannot
/// tell what the exact sum of the doubles does, it adds those.
///
/// For sums over events of one type, whose rows of a profile follow each other in one table.
@safe final class WholeSums {
  /// Decimals have at most so many places.
  private static let scaleMax = 4

  /// By scale, then as `SumCheck`s lie.
  private let checks: [Scratch<WholeCheck>]
  /// By sum, whether all its checks are of sums.
  let isPossible: [Bool]
  private let values: Scratch<Int64>
  /// By bit, of the profile that rows are added for; all 0 between profiles.
  private let totals = Scratch<Int64>(count: 64)

  /// Makes room for tables of so many rows, and takes the checks of each sum.
  init(_ all: [[SumCheck]], rowCountMax: Int) {
    isPossible = all.map { $0.allSatisfy(\.isOfSum) }
    let flat = all.flatMap { $0 }
    checks = (0...Self.scaleMax).map { scale in
      let scratch = Scratch<WholeCheck>(count: flat.count)
      for (index, check) in flat.enumerated() {
        unsafe (scratch.pointer + index).initialize(to: WholeCheck(check, scale: scale))
      }
      return scratch
    }
    values = Scratch(count: all.isEmpty ? 1 : rowCountMax + 64)
  }

  /// A lane whose numbers can be added so.
  @unsafe struct Lane {
    fileprivate let lane: FlatLane
    fileprivate let scale: Int
    fileprivate let divisor: Double

    /// `nil` when some sum of `rowCount` numbers may be too large.
    init?(_ lane: FlatLane, rowCount: Int) {
      switch unsafe lane.kind {
      case .integers: unsafe scale = 0
      case .decimals: unsafe scale = Int(lane.detail)
      default: return nil
      }
      unsafe divisor = [1, 10, 100, 1_000, 10_000][scale]
      guard unsafe lane.count > 0, let span = Int64(exactly: unsafe lane.largest) else {
        return nil
      }
      let (end, isOver) = unsafe lane.base.addingReportingOverflow(span)
      let magnitude = unsafe Double(max(lane.base.magnitude, end.magnitude)) / divisor
      if isOver || magnitude * Double(rowCount) >= WholeCheck.sumMax { return nil }
      unsafe self.lane = lane
    }
  }

  /// Adds the values of events that fit some sums and says for which profiles they hold.
  ///
  /// - Parameters:
  ///   - masks: by row, the conditions it fulfils.
  ///   - kept: the bits of the sums.
  ///   - rows: the rows.
  ///   - lane: their values.
  ///   - sums: by bit, the number of its sum.
  ///   - exact: the checks by sum, and where those of each begin.
  ///   - vectors: where what holds is written.
  func add(
    _ masks: UnsafePointer<UInt64>,
    _ kept: UInt64,
    _ rows: TableRows,
    _ lane: Lane,
    sums: UnsafePointer<Int>,
    exact: (checks: UnsafePointer<SumCheck>, starts: UnsafePointer<Int>),
    into vectors: UnsafeMutablePointer<UInt64>
  ) {
    let numbers = unsafe lane.lane
    if unsafe numbers.presence != nil {
      unsafe values.pointer.update(repeating: .min, count: rows.count)
    }
    unsafe writeNumbers(
      numbers.values,
      width: numbers.width,
      rows.positions(numbers.presence),
      base: numbers.base,
      factor: 1,
      into: values.pointer
    )
    let closing = unsafe Closing(
      masks: masks,
      values: UnsafePointer(values.pointer),
      totals: totals.pointer,
      sums: sums,
      checks: UnsafePointer(checks[lane.scale].pointer),
      exact: exact.checks,
      starts: exact.starts,
      divisor: lane.divisor,
      vectors: vectors
    )
    let (values, profiles, totals) = unsafe (values.pointer, rows.profiles, totals.pointer)
    var profile = 0
    var first = 0
    var open: UInt64 = 0
    for row in 0..<rows.count {
      var bits = unsafe masks[row] & kept
      let value = unsafe values[row]
      if bits == 0 || value == .min { continue }
      let own = Int(unsafe profiles[row])
      if own != profile {
        unsafe closing.close(open, profile, first..<row)
        (profile, first, open) = (own, row, 0)
      }
      open |= bits
      while bits != 0 {
        unsafe totals[bits.trailingZeroBitCount] &+= value
        bits &= bits &- 1
      }
    }
    unsafe closing.close(open, profile, first..<rows.count)
  }
}

/// What ends the sums of one profile.
@unsafe private struct Closing {
  var masks: UnsafePointer<UInt64>
  var values: UnsafePointer<Int64>
  var totals: UnsafeMutablePointer<Int64>
  var sums: UnsafePointer<Int>
  var checks: UnsafePointer<WholeCheck>
  var exact: UnsafePointer<SumCheck>
  var starts: UnsafePointer<Int>
  var divisor: Double
  var vectors: UnsafeMutablePointer<UInt64>

  /// Compares the totals of a profile, whose rows are in a range, and forgets them.
  @inline(__always)
  func close(_ open: UInt64, _ profile: Int, _ rows: Range<Int>) {
    let place = 1 as UInt64 &<< UInt64(truncatingIfNeeded: profile & 63)
    var rest = open
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      let sum = unsafe sums[bit]
      for index in unsafe starts[sum]..<starts[sum &+ 1] {
        let check = unsafe checks[index]
        let holds = unsafe check.holds(totals[bit]) ?? holdsExactly(index, bit, rows)
        let word = unsafe vectors + (check.node &* BlockVector.wordCount &+ profile &>> 6)
        unsafe word.pointee = holds ? word.pointee | place : word.pointee & ~place
      }
      unsafe totals[bit] = 0
      rest &= rest &- 1
    }
  }

  private func holdsExactly(_ index: Int, _ bit: Int, _ rows: Range<Int>) -> Bool {
    var sum: Int128 = 0
    var count: UInt32 = 0
    for row in rows where unsafe masks[row] >> UInt64(bit) & 1 == 1 && values[row] != .min {
      // Small enough, and no multiple of a ten-thousandth but 0 is too near to 0.
      sum += unsafe FixedSum.fixed(Double(values[row]) / divisor) ?? 0
      count += 1
    }
    return unsafe exact[index].holds(sum, count)
  }
}
