/// Kernels that go through the values of a lane one by one.
///
/// They give values their classes, numbers below 65,536, or the values themselves as whole numbers;
/// values are `width` bytes each. Shapes are checked by the callers.

/// Where the values of a lane belong.
@unsafe struct LanePositions: BitwiseCopyable {
  /// By value its row, ascending; `nil` when value `i` is that of row `i`.
  var rows: UnsafePointer<UInt32>?
  /// How many values.
  var count: Int

  /// Writes by row what `body` makes of each value's number.
  @inline(__always)
  func write<Element>(
    into target: UnsafeMutablePointer<Element>,
    _ body: (Int) -> Element
  ) {
    let count = unsafe count
    if let rows = unsafe rows {
      for index in 0..<count { unsafe target[Int(rows[index])] = body(index) }
    } else {
      for index in 0..<count { unsafe target[index] = body(index) }
    }
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

/// The classes of codes, by a table.
func writeClasses(
  ofCodes codes: UnsafeRawPointer,
  width: Int,
  _ positions: LanePositions,
  by table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  switch width {
  case 1:
    let codes = unsafe codes.assumingMemoryBound(to: UInt8.self)
    unsafe positions.write(into: classes) { unsafe table[Int(codes[$0])] }
  case 2:
    let codes = unsafe codes.assumingMemoryBound(to: UInt16.self)
    unsafe positions.write(into: classes) { unsafe table[Int(codes[$0])] }
  default:
    unsafe positions.write(into: classes) {
      unsafe table[Int(truncatingIfNeeded: packedNumber(codes, width, $0))]
    }
  }
}

/// The classes of booleans in words of 64: `table[0]` for false, `table[1]` for true.
func writeClasses(
  ofBits bits: UnsafeRawPointer,
  _ positions: LanePositions,
  by table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  let words = unsafe bits.assumingMemoryBound(to: UInt64.self)
  unsafe positions.write(into: classes) { value in
    let bit = unsafe words[value &>> 6] &>> UInt64(truncatingIfNeeded: value & 63) & 1
    return unsafe table[Int(truncatingIfNeeded: bit)]
  }
}

/// Numbers from a base, each times a factor.
func writeNumbers(
  _ numbers: UnsafeRawPointer,
  width: Int,
  _ positions: LanePositions,
  base: Int64,
  factor: Int64,
  into target: UnsafeMutablePointer<Int64>
) {
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    unsafe positions.write(into: target) { unsafe (base &+ Int64(numbers[$0])) &* factor }
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    unsafe positions.write(into: target) { unsafe (base &+ Int64(numbers[$0])) &* factor }
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    unsafe positions.write(into: target) { unsafe (base &+ Int64(numbers[$0])) &* factor }
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: Int64.self)
    unsafe positions.write(into: target) { unsafe (base &+ numbers[$0]) &* factor }
  }
}

/// The numbers of listed rows, from a base; every row has one.
func gatherNumbers(
  _ numbers: UnsafeRawPointer,
  width: Int,
  base: Int64,
  _ listed: ListedRows,
  into target: UnsafeMutablePointer<Int64>
) {
  let (rows, count) = unsafe (listed.numbers, listed.count)
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { unsafe target[index] = base &+ Int64(numbers[Int(rows[index])]) }
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    for index in 0..<count { unsafe target[index] = base &+ Int64(numbers[Int(rows[index])]) }
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    for index in 0..<count { unsafe target[index] = base &+ Int64(numbers[Int(rows[index])]) }
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: Int64.self)
    for index in 0..<count { unsafe target[index] = base &+ numbers[Int(rows[index])] }
  }
}
