/// Which values of a lane a kernel reads, and where it writes what it finds of each.
///
/// Kernels here give values their classes, numbers below 65,536, or the values themselves as whole
/// numbers; values are `width` bytes each. Shapes are checked by the callers.
@unsafe struct LanePositions: BitwiseCopyable {
  enum Form {
    /// Value `i` at place `i`.
    case all
    /// Value `values[i]` at place `i`.
    case chosen
    /// Value `i` at place `places[i]`.
    case spread
    /// Value `values[i]` at place `places[i]`.
    case scattered
  }

  var form: Form
  var values: UnsafePointer<UInt32>
  var places: UnsafePointer<UInt32>
  var count: Int

  /// Writes what `body` makes of each value's number.
  @inline(__always)
  func write<Element>(
    into target: UnsafeMutablePointer<Element>,
    _ body: (Int) -> Element
  ) {
    let (count, values, places) = unsafe (count, values, places)
    switch unsafe form {
    case .all: for index in 0..<count { unsafe target[index] = body(index) }
    case .chosen: for index in 0..<count { unsafe target[index] = body(Int(values[index])) }
    case .spread: for index in 0..<count { unsafe target[Int(places[index])] = body(index) }
    case .scattered:
      for index in 0..<count { unsafe target[Int(places[index])] = body(Int(values[index])) }
    }
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

/// The classes of numbers from a base.
func writeClasses(
  ofNumbers numbers: UnsafeRawPointer,
  width: Int,
  base: UInt64,
  _ positions: LanePositions,
  by cuts: LaneCuts,
  into classes: UnsafeMutablePointer<UInt16>
) {
  if unsafe cuts.bucketCount == 0 {
    let only = unsafe cuts.classes[0]
    return unsafe positions.write(into: classes) { _ in only }
  }
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    unsafe positions.write(into: classes) { unsafe cuts.classOf(base &+ UInt64(numbers[$0])) }
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    unsafe positions.write(into: classes) { unsafe cuts.classOf(base &+ UInt64(numbers[$0])) }
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    unsafe positions.write(into: classes) { unsafe cuts.classOf(base &+ UInt64(numbers[$0])) }
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
    unsafe positions.write(into: classes) { unsafe cuts.classOf(base &+ numbers[$0]) }
  }
}

/// The classes of doubles.
func writeClasses(
  ofDoubles doubles: UnsafeRawPointer,
  _ positions: LanePositions,
  by cuts: LaneCuts,
  into classes: UnsafeMutablePointer<UInt16>
) {
  if unsafe cuts.bucketCount == 0 {
    let only = unsafe cuts.classes[0]
    return unsafe positions.write(into: classes) { _ in only }
  }
  let doubles = unsafe doubles.assumingMemoryBound(to: UInt64.self)
  unsafe positions.write(into: classes) { unsafe cuts.classOf(orderedBits(doubles[$0])) }
}

/// The place of a double in the order of doubles, by its bit pattern: flipped bits, with one zero.
@inline(__always)
func orderedBits(_ bits: UInt64) -> UInt64 {
  // Minus zero is zero.
  let bits = bits == 1 &<< 63 ? 0 : bits
  let sign = UInt64(bitPattern: Int64(bitPattern: bits) &>> 63)
  return bits ^ (sign | 1 &<< 63)
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
