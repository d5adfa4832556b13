/// Kernels that give values their classes, numbers below 65,536.
///
/// Of a lane's values, each `width` bytes, those are read whose numbers are in `values`, and what is
/// found of the `i`th of them is written at `places[i]`. Shapes are checked by the callers.
@unsafe struct LanePositions: BitwiseCopyable {
  var values: UnsafePointer<UInt32>
  var places: UnsafePointer<UInt32>
  var count: Int
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
    for index in 0..<(unsafe positions.count) {
      unsafe classes[Int(positions.places[index])] = table[Int(codes[Int(positions.values[index])])]
    }
  case 2:
    let codes = unsafe codes.assumingMemoryBound(to: UInt16.self)
    for index in 0..<(unsafe positions.count) {
      unsafe classes[Int(positions.places[index])] = table[Int(codes[Int(positions.values[index])])]
    }
  default:
    for index in 0..<(unsafe positions.count) {
      let code = unsafe packedNumber(codes, width, Int(positions.values[index]))
      unsafe classes[Int(positions.places[index])] = table[Int(truncatingIfNeeded: code)]
    }
  }
}

/// The classes of numbers: `table[i]` for one that has reached `i` of the ascending cuts, each less
/// `base`; a number has reached a cut when it is not below it.
func writeClasses(
  ofNumbers numbers: UnsafeRawPointer,
  width: Int,
  _ positions: LanePositions,
  cuts: UnsafePointer<UInt64>,
  cutCount: Int,
  base: UInt64,
  _ table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  if cutCount == 0 {
    let only = unsafe table[0]
    for index in 0..<(unsafe positions.count) {
      unsafe classes[Int(positions.places[index])] = only
    }
    return
  }
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    unsafe writeClasses(positions, cuts, cutCount, base, table, classes) {
      unsafe UInt64(truncatingIfNeeded: numbers[$0])
    }
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    unsafe writeClasses(positions, cuts, cutCount, base, table, classes) {
      unsafe UInt64(truncatingIfNeeded: numbers[$0])
    }
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    unsafe writeClasses(positions, cuts, cutCount, base, table, classes) {
      unsafe UInt64(truncatingIfNeeded: numbers[$0])
    }
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
    unsafe writeClasses(positions, cuts, cutCount, base, table, classes) { unsafe numbers[$0] }
  }
}

/// The same for doubles, in their order.
func writeClasses(
  ofDoubles doubles: UnsafeRawPointer,
  _ positions: LanePositions,
  cuts: UnsafePointer<UInt64>,
  cutCount: Int,
  _ table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  let doubles = unsafe doubles.assumingMemoryBound(to: UInt64.self)
  unsafe writeClasses(positions, cuts, cutCount, 0, table, classes) {
    unsafe orderedBits(doubles[$0])
  }
}

/// Counts the cuts reached by halves, always in the same number of steps.
@inline(__always)
private func writeClasses(
  _ positions: LanePositions,
  _ cuts: UnsafePointer<UInt64>,
  _ cutCount: Int,
  _ base: UInt64,
  _ table: UnsafePointer<UInt16>,
  _ classes: UnsafeMutablePointer<UInt16>,
  _ number: (Int) -> UInt64
) {
  for index in 0..<(unsafe positions.count) {
    let place = unsafe base &+ number(Int(positions.values[index]))
    var reached = unsafe cuts
    var rest = cutCount
    while rest > 1 {
      let half = rest >> 1
      unsafe reached = reached[half &- 1] <= place ? reached + half : reached
      rest &-= half
    }
    let count = unsafe reached - cuts &+ (reached[0] <= place ? 1 : 0)
    unsafe classes[Int(positions.places[index])] = table[count]
  }
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
  _ table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  let words = unsafe bits.assumingMemoryBound(to: UInt64.self)
  for index in 0..<(unsafe positions.count) {
    let value = Int(unsafe positions.values[index])
    let bit = unsafe words[value &>> 6] &>> UInt64(truncatingIfNeeded: value & 63) & 1
    unsafe classes[Int(positions.places[index])] = table[Int(truncatingIfNeeded: bit)]
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
  for index in 0..<(unsafe positions.count) {
    let number = unsafe packedNumber(numbers, width, Int(positions.values[index]))
    unsafe target[Int(positions.places[index])] =
      (base &+ Int64(bitPattern: number)) &* factor
  }
}
