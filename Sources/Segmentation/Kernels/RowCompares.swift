import ProfileStore

#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// Kernels that compare all numbers of a lane with one, and set a bit for each that fits, in words of
/// 64. Bits behind the last number are not set.

/// Sets a bit for each number, of `width` bytes, that is equal to another.
func writeEqual(
  _ numbers: UnsafeRawPointer,
  width: Int,
  count: Int,
  to other: UInt64,
  into words: UnsafeMutablePointer<UInt64>
) {
  switch width {
  case 1: unsafe writeBits(numbers, count, other, into: words) { unsafe equalBits($0, $1 as UInt8) }
  case 2:
    unsafe writeBits(numbers, count, other, into: words) { unsafe equalBits($0, $1 as UInt16) }
  case 4:
    unsafe writeBits(numbers, count, other, into: words) { numbers, other in
      unsafe bits(numbers) { $0 == other as UInt32 }
    }
  default:
    unsafe writeBits(numbers, count, other, into: words) { numbers, other in
      unsafe bits(numbers) { $0 == other as UInt64 }
    }
  }
}

/// Sets a bit for each number, of `width` bytes, that is at least `floor`.
func writeReached(
  _ floor: UInt64,
  _ numbers: UnsafeRawPointer,
  width: Int,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  switch width {
  case 1:
    unsafe writeBits(numbers, count, floor, into: words) { unsafe reachedBits($0, $1 as UInt8) }
  case 2:
    unsafe writeBits(numbers, count, floor, into: words) { unsafe reachedBits($0, $1 as UInt16) }
  case 4:
    unsafe writeBits(numbers, count, floor, into: words) { unsafe reachedBits($0, $1 as UInt32) }
  default:
    unsafe writeBits(numbers, count, floor, into: words) { numbers, floor in
      unsafe bits(numbers) { $0 >= floor as UInt64 }
    }
  }
}

/// The same for wide numbers of which mostly the high parts decide.
func writeReached(
  _ floor: UInt64,
  _ numbers: UnsafePointer<UInt64>,
  _ highParts: HighParts,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  let floorPart = unsafe UInt16(clamping: floor &>> highParts.shift)
  for word in 0..<(count &+ 63) >> 6 {
    let first = word &* 64
    let parts = unsafe highParts.numbers + first
    var bits = unsafe reachedBits(parts, floorPart)
    if unsafe hasEqual(parts, floorPart) {
      var rest = unsafe equalBits(parts, floorPart)
      while rest != 0 {
        let row = first &+ rest.trailingZeroBitCount
        if unsafe row < count && numbers[row] < floor { bits &= ~(rest & (0 &- rest)) }
        rest &= rest &- 1
      }
    }
    unsafe words[word] = bits
  }
  if count & 63 > 0 {
    unsafe words[count >> 6] &= 1 &<< UInt64(truncatingIfNeeded: count & 63) &- 1
  }
}

/// Sets a bit for each double whose place in the order of doubles is at least `floor`.
func writeReached(
  _ floor: UInt64,
  ofDoubles numbers: UnsafeRawPointer,
  count: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
  unsafe writeBits(numbers, count, into: words) {
    unsafe bits($0) { orderedBits($0) >= floor }
  }
}

/// Marks the profiles that are listed often enough.
///
/// - Parameters:
///   - profiles: ascending; 64 behind the last one are read.
///   - count: how many.
///   - atLeast: how often one has to be there.
///   - vector: where bits are set.
func markFrequent(
  _ profiles: UnsafePointer<UInt16>,
  count: Int,
  atLeast: Int,
  into vector: UnsafeMutablePointer<UInt64>
) {
  // The same profile stands so far behind its first place.
  let distance = atLeast &- 1
  var first = 0
  while first &+ distance < count {
    var rest = unsafe equalPairs(profiles + first, profiles + (first &+ distance))
    let left = count &- distance &- first
    if left < 64 { rest &= 1 &<< UInt64(truncatingIfNeeded: left) &- 1 }
    while rest != 0 {
      let profile = Int(unsafe profiles[first &+ rest.trailingZeroBitCount])
      unsafe vector[profile >> 6] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
      rest &= rest &- 1
    }
    first &+= 64
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

// MARK: Words

/// Writes a word for every 64 numbers; nothing behind the last one is read.
@inline(__always)
private func writeBits<Number: BitwiseCopyable & FixedWidthInteger>(
  _ numbers: UnsafePointer<Number>,
  _ count: Int,
  into words: UnsafeMutablePointer<UInt64>,
  _ bits: (UnsafePointer<Number>) -> UInt64
) {
  let whole = count >> 6
  for word in 0..<whole { unsafe words[word] = bits(numbers + word &* 64) }
  let rest = count & 63
  if rest == 0 { return }
  let shift = UInt64(truncatingIfNeeded: 64 &- rest)
  if whole > 0 {
    // The last 64 numbers, without those that have a word.
    unsafe words[whole] = bits(numbers + (count &- 64)) &>> shift
    return
  }
  unsafe withUnsafeTemporaryAllocation(of: Number.self, capacity: 64) { copy in
    guard let start = copy.baseAddress else { return }
    unsafe start.initialize(repeating: 0, count: 64)
    unsafe start.update(from: numbers, count: rest)
    unsafe words[whole] = (bits(start) &<< shift) &>> shift
  }
}

/// Writes a word for every 64 numbers that are compared with another; none fits what is more than they
/// can be.
@inline(__always)
private func writeBits<Number: BitwiseCopyable & FixedWidthInteger>(
  _ numbers: UnsafeRawPointer,
  _ count: Int,
  _ other: UInt64,
  into words: UnsafeMutablePointer<UInt64>,
  _ bits: (UnsafePointer<Number>, Number) -> UInt64
) {
  guard let other = Number(exactly: other) else {
    return unsafe words.update(repeating: 0, count: (count &+ 63) >> 6)
  }
  let numbers = unsafe numbers.assumingMemoryBound(to: Number.self)
  unsafe writeBits(numbers, count, into: words) { unsafe bits($0, other) }
}

/// Of 64 numbers, one by one.
@inline(__always)
private func bits<Number: BitwiseCopyable>(
  _ numbers: UnsafePointer<Number>,
  _ fits: (Number) -> Bool
) -> UInt64 {
  var bits: UInt64 = 0
  for index in 0..<64 {
    bits |= (fits(unsafe numbers[index]) ? 1 : 0) &<< UInt64(truncatingIfNeeded: index)
  }
  return bits
}

#if arch(x86_64)
  @inline(__always)
  private func load<Number>(_ numbers: UnsafePointer<Number>, _ byte: Int) -> SIMD4<Int64> {
    unsafe UnsafeRawPointer(numbers).loadUnaligned(fromByteOffset: byte, as: SIMD4<Int64>.self)
  }

  /// A bit for each of 32 answers of a byte.
  @inline(__always)
  private func bits(_ answers: SIMD4<Int64>) -> UInt64 {
    UInt64(UInt32(bitPattern: _mm256_movemask_epi8(answers)))
  }

  @inline(__always)
  private func equalBits(_ numbers: UnsafePointer<UInt8>, _ other: UInt8) -> UInt64 {
    let every = _mm256_set1_epi8(CChar(bitPattern: other))
    let low = unsafe bits(_mm256_cmpeq_epi8(load(numbers, 0), every))
    return unsafe low | bits(_mm256_cmpeq_epi8(load(numbers, 32), every)) &<< 32
  }

  @inline(__always)
  private func reachedBits(_ numbers: UnsafePointer<UInt8>, _ floor: UInt8) -> UInt64 {
    let every = _mm256_set1_epi8(CChar(bitPattern: floor))
    let (low, high) = unsafe (load(numbers, 0), load(numbers, 32))
    return bits(_mm256_cmpeq_epi8(_mm256_max_epu8(low, every), low))
      | bits(_mm256_cmpeq_epi8(_mm256_max_epu8(high, every), high)) &<< 32
  }

  @inline(__always)
  private func equalBits(_ numbers: UnsafePointer<UInt16>, _ other: UInt16) -> UInt64 {
    let every = _mm256_set1_epi16(Int16(bitPattern: other))
    var found: UInt64 = 0
    for part in 0..<2 {
      let (low, high) = unsafe (load(numbers, 64 &* part), load(numbers, 64 &* part &+ 32))
      let packed = packed(_mm256_cmpeq_epi16(low, every), _mm256_cmpeq_epi16(high, every))
      found |= bits(packed) &<< UInt64(truncatingIfNeeded: 32 &* part)
    }
    return found
  }

  @inline(__always)
  private func reachedBits(_ numbers: UnsafePointer<UInt16>, _ floor: UInt16) -> UInt64 {
    let every = _mm256_set1_epi16(Int16(bitPattern: floor))
    var found: UInt64 = 0
    for part in 0..<2 {
      let (low, high) = unsafe (load(numbers, 64 &* part), load(numbers, 64 &* part &+ 32))
      let packed = packed(
        _mm256_cmpeq_epi16(_mm256_max_epu16(low, every), low),
        _mm256_cmpeq_epi16(_mm256_max_epu16(high, every), high)
      )
      found |= bits(packed) &<< UInt64(truncatingIfNeeded: 32 &* part)
    }
    return found
  }

  /// Whether one of 64 numbers is equal to another.
  @inline(__always)
  private func hasEqual(_ numbers: UnsafePointer<UInt16>, _ other: UInt16) -> Bool {
    let every = _mm256_set1_epi16(Int16(bitPattern: other))
    var any = SIMD4<Int64>.zero
    for part in 0..<4 { any |= unsafe _mm256_cmpeq_epi16(load(numbers, 32 &* part), every) }
    return _mm256_movemask_epi8(any) != 0
  }

  /// A byte for each of twice 16 answers.
  @inline(__always)
  private func packed(_ low: SIMD4<Int64>, _ high: SIMD4<Int64>) -> SIMD4<Int64> {
    // Halves of 128 bits are packed one by one.
    let packed = _mm256_packs_epi16(low, high)
    return SIMD4(packed[0], packed[2], packed[1], packed[3])
  }

  @inline(__always)
  private func reachedBits(_ numbers: UnsafePointer<UInt32>, _ floor: UInt32) -> UInt64 {
    let every = _mm256_set1_epi32(Int32(bitPattern: floor))
    var found: UInt64 = 0
    for part in 0..<8 {
      let own = unsafe load(numbers, 32 &* part)
      let reached = _mm256_cmpeq_epi32(_mm256_max_epu32(own, every), own)
      let bits = _mm256_movemask_ps(unsafe unsafeBitCast(reached, to: SIMD8<Float>.self))
      found |= UInt64(UInt32(bitPattern: bits)) &<< UInt64(truncatingIfNeeded: 8 &* part)
    }
    return found
  }

  /// Of 64 numbers, those that are equal to as many others one by one.
  @inline(__always)
  private func equalPairs(
    _ numbers: UnsafePointer<UInt16>,
    _ others: UnsafePointer<UInt16>
  ) -> UInt64 {
    var found: UInt64 = 0
    for part in 0..<2 {
      let byte = 64 &* part
      let low = unsafe _mm256_cmpeq_epi16(load(numbers, byte), load(others, byte))
      let high = unsafe _mm256_cmpeq_epi16(load(numbers, byte &+ 32), load(others, byte &+ 32))
      found |= bits(packed(low, high)) &<< UInt64(truncatingIfNeeded: 32 &* part)
    }
    return found
  }
#else
  @inline(__always)
  private func hasEqual(_ numbers: UnsafePointer<UInt16>, _ other: UInt16) -> Bool {
    (0..<64).contains { unsafe numbers[$0] == other }
  }

  @inline(__always)
  private func equalBits<Number: FixedWidthInteger & BitwiseCopyable>(
    _ numbers: UnsafePointer<Number>,
    _ other: Number
  ) -> UInt64 {
    unsafe bits(numbers) { $0 == other }
  }

  @inline(__always)
  private func reachedBits<Number: FixedWidthInteger & BitwiseCopyable>(
    _ numbers: UnsafePointer<Number>,
    _ floor: Number
  ) -> UInt64 {
    unsafe bits(numbers) { $0 >= floor }
  }

  @inline(__always)
  private func equalPairs(
    _ numbers: UnsafePointer<UInt16>,
    _ others: UnsafePointer<UInt16>
  ) -> UInt64 {
    var found: UInt64 = 0
    for index in 0..<64 {
      let isEqual = unsafe numbers[index] == others[index]
      found |= (isEqual ? 1 : 0) &<< UInt64(truncatingIfNeeded: index)
    }
    return found
  }
#endif
