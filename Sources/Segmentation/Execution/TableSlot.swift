import Bytes
import Domain
import ProfileStore

/// One event table of the block at hand, with the classes of its rows.
final class TableSlot {
  var table: EventTable
  var plan: TablePlan
  /// Number of the plan.
  var planNumber: Int
  let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)
  /// By row, the place of its profile.
  let places = Scratch<UInt16>(count: 1_024)
  /// By row, in milliseconds; only where pairs need them.
  let instants = Scratch<Int64>(count: 1_024)
  /// By field, then by row.
  private(set) var classes: [Scratch<UInt16>]

  init(_ table: EventTable, _ plan: TablePlan, _ planNumber: Int, fieldCount: Int) {
    self.table = table
    self.plan = plan
    self.planNumber = planNumber
    classes = (0..<fieldCount).map { _ in Scratch(count: 64) }
  }

  /// By field; what a plan does not need points to anything.
  func pointers() -> [UnsafeMutablePointer<UInt16>] { unsafe classes.map { unsafe $0.pointer } }

  /// Reads where profiles' rows are, from the block's bytes.
  func readRows(_ bytes: UnsafeRawPointer, profileCount: Int) {
    let numbers = table.starts
    let start = unsafe bytes + numbers.offset
    let starts = unsafe starts.pointer
    for index in 0..<numbers.count {
      unsafe starts[index] = UInt32(
        truncatingIfNeeded: packedNumber(start, numbers.width, index)
      )
    }
    unsafe spreadProfiles(
      starts,
      profileCount: profileCount,
      rowCount: table.rowCount,
      into: places.room(for: table.rowCount + 64)
    )
  }

  /// Reads when the rows' events happened; rows without a readable time get any.
  func readInstants(_ bytes: UnsafeRawPointer) {
    let instants = unsafe instants.room(for: table.rowCount + 64)
    guard case .integers(let base, let packed) = table.instants.values else { return }
    let start = unsafe bytes + packed.offset
    let unit = table.instantUnit
    switch table.instants.presence {
    case .all:
      for row in 0..<table.rowCount {
        let number = unsafe Int64(bitPattern: packedNumber(start, packed.width, row))
        unsafe instants[row] = (base &+ number) &* unit
      }
    case .some(let bits, _):
      let words = unsafe (bytes + bits.offset).assumingMemoryBound(to: UInt64.self)
      var next = 0
      for row in 0..<table.rowCount {
        let isPresent = unsafe words[row / 64] >> UInt64(row % 64) & 1 == 1
        let number =
          isPresent ? unsafe Int64(bitPattern: packedNumber(start, packed.width, next)) : 0
        unsafe instants[row] = (base &+ number) &* unit
        next += isPresent ? 1 : 0
      }
    }
  }

  /// Whether every zone reads the rows' timestamps as the same instants.
  var isInstantInAnyZone: Bool {
    guard let timestamps = table.columns.field(.timestamp) else { return true }
    return timestamps.lanes.allSatisfy { lane in
      switch lane.values {
      case .instantTexts(let style, _, _): style != .date
      case .integers, .decimals, .doubles: true
      default: false
      }
    }
  }
}
