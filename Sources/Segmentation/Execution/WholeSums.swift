import ProfileStore

/// Adds decimals as whole numbers of their last place, and compares the sums; only where that cannot
/// tell what the exact sum of the doubles does, it adds those.
///
/// For sums over events of one type, whose rows of a profile follow each other in one table.
@safe final class WholeSums {
  /// By scale, then as `SumCheck`s lie.
  private let checks: [Scratch<WholeCheck>]
  /// By sum, whether all its checks are of sums.
  let isPossible: [Bool]
  /// Of listed events.
  private let values: Scratch<Int64>
  /// By row, of the last lane that not every row has a value in.
  private let allValues = Scratch<Int64>(count: 0)
  private var lastLane: (values: UnsafeRawPointer, rowCount: Int)?

  /// Makes room for tables of so many rows, and takes the checks of each sum.
  init(_ all: SumChecks, rowCountMax: Int) {
    isPossible = all.areOfSums
    checks = all.whole.map { checks in
      let scratch = Scratch<WholeCheck>(count: checks.count)
      unsafe scratch.pointer.update(from: checks, count: checks.count)
      return scratch
    }
    values = Scratch(count: all.areOfSums.isEmpty ? 1 : rowCountMax + 64)
    unsafe lastLane = nil
  }

  /// Turns to another table.
  func begin() { unsafe lastLane = nil }

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

  /// Adds the values of events that fit a sum and says for which profiles it holds.
  ///
  /// - Parameters:
  ///   - listed: the events.
  ///   - lane: the values of all rows.
  ///   - rows: where the lane has them.
  ///   - range: the checks of the sum.
  ///   - exact: the same checks of doubles.
  ///   - vectors: where what holds is written.
  func add(
    _ listed: ListedRows,
    _ lane: Lane,
    _ rows: TableRows,
    checks range: Range<Int>,
    exact: UnsafePointer<SumCheck>,
    into vectors: UnsafeMutablePointer<UInt64>
  ) {
    let values = unsafe values.pointer
    unsafe write(lane.lane, listed, rows)
    let closing = unsafe Closing(
      values: UnsafePointer(values),
      checks: UnsafePointer(checks[lane.scale].pointer),
      exact: exact,
      range: range,
      divisor: lane.divisor,
      vectors: vectors
    )
    var profile = -1
    var first = 0
    var total: Int64 = 0
    for index in 0..<(unsafe listed.count) {
      let value = unsafe values[index]
      if value == .min { continue }
      let own = Int(unsafe listed.profiles[index])
      if own != profile {
        if profile >= 0 { unsafe closing.close(total, profile, first..<index) }
        (profile, first, total) = (own, index, 0)
      }
      total &+= value
    }
    if profile >= 0 { unsafe closing.close(total, profile, first..<listed.count) }
  }

  /// Writes the listed events' values; the least number where there is none.
  private func write(_ lane: FlatLane, _ listed: ListedRows, _ rows: TableRows) {
    let values = unsafe values.pointer
    guard unsafe lane.presence != nil else {
      return unsafe gatherNumbers(
        lane.values,
        width: lane.width,
        base: lane.base,
        listed,
        into: values
      )
    }
    let all = unsafe allValues.room(for: rows.count)
    if unsafe lastLane?.values != lane.values || lastLane?.rowCount != rows.count {
      unsafe lastLane = (lane.values, rows.count)
      unsafe all.update(repeating: .min, count: rows.count)
      unsafe writeNumbers(
        lane.values,
        width: lane.width,
        rows.positions(lane.presence),
        base: lane.base,
        factor: 1,
        into: all
      )
    }
    for index in 0..<(unsafe listed.count) {
      unsafe values[index] = all[Int(listed.numbers[index])]
    }
  }
}

/// What ends the sum of one profile.
@unsafe private struct Closing {
  /// Of the listed events.
  var values: UnsafePointer<Int64>
  var checks: UnsafePointer<WholeCheck>
  var exact: UnsafePointer<SumCheck>
  /// The checks of the sum.
  var range: Range<Int>
  var divisor: Double
  var vectors: UnsafeMutablePointer<UInt64>

  /// Compares the total of a profile, whose events are in a range.
  @inline(__always)
  func close(_ total: Int64, _ profile: Int, _ events: Range<Int>) {
    let place = 1 as UInt64 &<< UInt64(truncatingIfNeeded: profile & 63)
    for index in unsafe range {
      let check = unsafe checks[index]
      let holds = unsafe check.holds(total) ?? holdsExactly(index, events)
      let word = unsafe vectors + (check.node &* BlockVector.wordCount &+ profile &>> 6)
      unsafe word.pointee = holds ? word.pointee | place : word.pointee & ~place
    }
  }

  private func holdsExactly(_ index: Int, _ events: Range<Int>) -> Bool {
    var sum: Int128 = 0
    var count: UInt32 = 0
    for event in events where unsafe values[event] != .min {
      // Small enough, and no multiple of a ten-thousandth but 0 is too near to 0.
      sum += unsafe FixedSum.fixed(Double(values[event]) / divisor) ?? 0
      count += 1
    }
    return unsafe exact[index].holds(sum, count)
  }
}
