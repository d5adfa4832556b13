import Bytes
import ProfileStore

/// Reads the numbers of a field as whole multiples of a ten-thousandth.
///
/// So sums of them are exact, as long as they are small enough.
@safe final class ColumnNumbers {
  static let unitsPerOne: Int64 = 10_000
  /// Stands for a row whose value is missing or no number.
  static let missing = Int64.min
  /// Sums of magnitudes below this are whole numbers that doubles hold, and so far apart from what
  /// their parts' rounding can change that only the two next to a bound are in doubt.
  static let sumMax: Int64 = 1 << 51

  /// What is known of a column's numbers.
  struct Range {
    /// The largest magnitude there may be, in ten-thousandths.
    var magnitudeMax: Int64 = 0
    /// All are whole ones.
    var areWhole = true
  }

  fileprivate var bytes: UnsafeRawPointer
  private var rooms = [Scratch<Int64>(count: 1_024)]

  init() { unsafe bytes = UnsafeRawPointer(rooms[0].pointer) }

  /// Turns to a block's columns, which must live until the next one.
  func begin(_ columns: BlockColumns) { unsafe bytes = columns.bytes }

  /// Writes each row's number.
  ///
  /// - Returns: `nil` when some cannot be written so, or the way to them is through arrays or maps.
  func write(
    _ column: Column,
    _ names: ArraySlice<Text>,
    into numbers: UnsafeMutablePointer<Int64>,
    depth: Int = 0
  ) -> Range? {
    unsafe numbers.update(repeating: ColumnNumbers.missing, count: column.rowCount)
    var range = Range()
    for lane in column.lanes {
      let inner: Range?
      switch (names.first, lane.values) {
      case (.some, .maps): return nil
      case (.some(let name), .objects(let fields)):
        guard let field = fields.first(where: { $0.name == name }) else { continue }
        let rest = names.dropFirst()
        inner = unsafe write(lane, column.rowCount, into: numbers, depth) { target in
          unsafe write(field.column, rest, into: target, depth: depth + 1)
        }
      case (nil, .integers(let base, let packed)):
        inner = unsafe write(lane, column.rowCount, into: numbers, depth) { target in
          unsafe write(packed, base, scale: 0, into: target)
        }
      case (nil, .decimals(let scale, let base, let packed)):
        inner = unsafe write(lane, column.rowCount, into: numbers, depth) { target in
          unsafe write(packed, base, scale: scale, into: target)
        }
      case (nil, .doubles(let packed)):
        inner = unsafe write(lane, column.rowCount, into: numbers, depth) { target in
          unsafe write(doubles: packed, into: target)
        }
      default: continue
      }
      guard let inner else { return nil }
      range.magnitudeMax = max(range.magnitudeMax, inner.magnitudeMax)
      range.areWhole = range.areWhole && inner.areWhole
    }
    return range
  }

  /// Writes a lane's numbers and spreads them over the rows that have one.
  private func write(
    _ lane: Column.Lane,
    _ rowCount: Int,
    into numbers: UnsafeMutablePointer<Int64>,
    _ depth: Int,
    _ body: (UnsafeMutablePointer<Int64>) -> Range?
  ) -> Range? {
    guard case .some(let bits, _) = lane.presence else { return unsafe body(numbers) }
    while rooms.count <= depth { rooms.append(Scratch(count: 1_024)) }
    let present = unsafe rooms[depth].room(for: lane.count + 64)
    guard let range = unsafe body(present) else { return nil }
    let words = unsafe (bytes + bits.offset).assumingMemoryBound(to: UInt64.self)
    unsafe spread(present, over: words, rowCount: rowCount, into: numbers)
    return range
  }

  private func write(
    _ packed: PackedNumbers,
    _ base: Int64,
    scale: Int,
    into numbers: UnsafeMutablePointer<Int64>
  ) -> Range? {
    let factor = [10_000, 1_000, 100, 10, 1][scale] as Int64
    let span = packed.width == 8 ? Int64.max : Int64(1) << Int64(8 * packed.width)
    let (end, isOver) = base.addingReportingOverflow(span)
    let (magnitude, isTooLarge) = Int64(clamping: max(base.magnitude, end.magnitude))
      .multipliedReportingOverflow(by: factor)
    guard packed.count > 0 else { return Range() }
    if isOver || isTooLarge || magnitude >= ColumnNumbers.sumMax { return nil }
    let start = unsafe bytes + packed.offset
    for index in 0..<packed.count {
      let number = unsafe Int64(truncatingIfNeeded: packedNumber(start, packed.width, index))
      unsafe numbers[index] = (base &+ number) &* factor
    }
    return Range(magnitudeMax: magnitude, areWhole: scale == 0)
  }
}

extension ColumnNumbers {
  /// Writes doubles that are whole multiples of a ten-thousandth, each as that double would be read.
  private func write(
    doubles packed: PackedNumbers,
    into numbers: UnsafeMutablePointer<Int64>
  ) -> Range? {
    let start = unsafe bytes + packed.offset
    let units = Double(ColumnNumbers.unitsPerOne)
    var range = Range()
    for index in 0..<packed.count {
      let value = Double(bitPattern: unsafe packedNumber(start, 8, index))
      let scaled = (value * units).rounded()
      guard scaled.magnitude < Double(ColumnNumbers.sumMax), scaled / units == value else {
        return nil
      }
      unsafe numbers[index] = Int64(scaled)
      range.magnitudeMax = max(range.magnitudeMax, Int64(scaled.magnitude))
      range.areWhole = range.areWhole && value == value.rounded()
    }
    return range
  }
}

/// A number of `width` bytes.
@inline(__always)
func packedNumber(_ start: UnsafeRawPointer, _ width: Int, _ index: Int) -> UInt64 {
  switch width {
  case 1: unsafe UInt64(start.load(fromByteOffset: index, as: UInt8.self))
  case 2: unsafe UInt64(start.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
  case 4: unsafe UInt64(start.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
  default: unsafe start.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
  }
}
