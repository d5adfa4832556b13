#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// Compares 64 numbers with one: bit `i` of the answers tells of number `i` whether it is at least the
/// other, and whether it is equal.
@inline(__always)
func compare(
  _ numbers: UnsafePointer<UInt16>,
  with other: UInt16
) -> (reached: UInt64, equal: UInt64) {
  #if arch(x86_64)
    var (reached, equal): (UInt64, UInt64) = (0, 0)
    let every = _mm_set1_epi16(Int16(bitPattern: other))
    for part in 0..<4 {
      let place = unsafe UnsafeRawPointer(numbers + 16 &* part)
      let low = unsafe place.loadUnaligned(as: SIMD2<Int64>.self)
      let high = unsafe place.loadUnaligned(fromByteOffset: 16, as: SIMD2<Int64>.self)
      let shift = UInt64(truncatingIfNeeded: 16 &* part)
      reached |=
        bits(
          _mm_cmpeq_epi16(_mm_max_epu16(low, every), low),
          _mm_cmpeq_epi16(_mm_max_epu16(high, every), high)
        ) &<< shift
      equal |= bits(_mm_cmpeq_epi16(low, every), _mm_cmpeq_epi16(high, every)) &<< shift
    }
    return (reached, equal)
  #else
    return unsafe compareOneByOne(numbers, with: other)
  #endif
}

#if arch(x86_64)
  /// A bit for each of twice eight answers.
  @inline(__always)
  private func bits(_ low: SIMD2<Int64>, _ high: SIMD2<Int64>) -> UInt64 {
    UInt64(UInt32(bitPattern: _mm_movemask_epi8(_mm_packs_epi16(low, high))))
  }
#endif

/// The same for any processor.
func compareOneByOne(
  _ numbers: UnsafePointer<UInt16>,
  with other: UInt16
) -> (reached: UInt64, equal: UInt64) {
  var (reached, equal): (UInt64, UInt64) = (0, 0)
  for index in 0..<64 {
    let (bit, number) = unsafe (1 as UInt64 &<< UInt64(truncatingIfNeeded: index), numbers[index])
    if number >= other { reached |= bit }
    if number == other { equal |= bit }
  }
  return (reached, equal)
}
