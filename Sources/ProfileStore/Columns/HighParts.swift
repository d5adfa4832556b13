import Bytes

/// The upper bits of wide numbers, which decide most comparisons.
///
/// Times of a year take eight bytes in milliseconds; whoever compares all of them with one time reads
/// two bytes of each, and the whole number only where those are equal.
@unsafe package struct HighParts: BitwiseCopyable {
  /// By number, what is left of it without its lower bits.
  package let numbers: UnsafePointer<UInt16>
  /// How many lower bits are left out.
  package let shift: UInt64

  /// Numbers that a kernel may read behind the last one.
  private static let padding = 64

  package init(numbers: UnsafePointer<UInt16>, shift: UInt64) {
    unsafe self.numbers = numbers
    unsafe self.shift = shift
  }

  /// Takes the upper bits of a lane of instants that every row has; `nil` for others.
  init?(_ lane: FlatLane, in room: Arena) {
    guard unsafe lane.kind == .instantTexts, unsafe lane.width == 8, unsafe lane.presence == nil,
      unsafe lane.count > 0
    else { return nil }
    let shift = unsafe UInt64(max(0, 48 - lane.largest.leadingZeroBitCount))
    let numbers = unsafe room.zeros(UInt16.self, count: lane.count + Self.padding)
    for index in 0..<(unsafe lane.count) {
      unsafe numbers[index] = UInt16(truncatingIfNeeded: lane.number(index) >> shift)
    }
    unsafe self.numbers = UnsafePointer(numbers)
    unsafe self.shift = shift
  }
}
