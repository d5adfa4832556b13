/// Turns masks of rows into vectors of bits, 256 rows at once.
///
/// Four squares of 64 words of 64 bits are transposed side by side: lane `s` of element `i` is word
/// `i` of square `s`, before as after. Bit `j` of word `i` becomes bit `i` of word `j`. Source: H. S.
/// Warren, *Hacker's Delight*, section 7-3, with the low bit as the first column.
func transpose(_ squares: UnsafeMutablePointer<SIMD4<UInt64>>) {
  unsafe exchange(squares, 32, 0x0000_0000_FFFF_FFFF)
  unsafe exchange(squares, 16, 0x0000_FFFF_0000_FFFF)
  unsafe exchange(squares, 8, 0x00FF_00FF_00FF_00FF)
  unsafe exchange(squares, 4, 0x0F0F_0F0F_0F0F_0F0F)
  unsafe exchange(squares, 2, 0x3333_3333_3333_3333)
  unsafe exchange(squares, 1, 0x5555_5555_5555_5555)
}

/// Writes bit `j` of 1,024 masks, one for each profile, to vector `targets[j]` of those that lie one
/// after the other.
///
/// - Parameters:
///   - masks: by profile.
///   - targets: by bit, the number of its vector.
///   - count: bits that have vectors.
///   - squares: room for 64 elements.
///   - vectors: where they are written.
func writeVectors(
  of masks: UnsafePointer<UInt64>,
  _ targets: UnsafePointer<Int>,
  count: Int,
  by squares: UnsafeMutablePointer<SIMD4<UInt64>>,
  into vectors: UnsafeMutablePointer<UInt64>
) {
  let vectors = unsafe UnsafeMutableRawPointer(vectors)
    .assumingMemoryBound(to: SIMD4<UInt64>.self)
  for group in 0..<4 {
    let rows = unsafe masks + 256 &* group
    for row in 0..<64 {
      unsafe squares[row] = SIMD4(rows[row], rows[row + 64], rows[row + 128], rows[row + 192])
    }
    unsafe transpose(squares)
    for bit in 0..<count { unsafe vectors[targets[bit] &* 4 &+ group] = squares[bit] }
  }
}

@inline(__always)
private func exchange(
  _ squares: UnsafeMutablePointer<SIMD4<UInt64>>,
  _ distance: Int,
  _ mask: UInt64
) {
  let mask = SIMD4<UInt64>(repeating: mask)
  let shift = SIMD4<UInt64>(repeating: UInt64(truncatingIfNeeded: distance))
  var start = 0
  while start < 64 {
    for index in start..<start &+ distance {
      let low = unsafe squares[index]
      let high = unsafe squares[index &+ distance]
      let changed = (low &>> shift ^ high) & mask
      unsafe squares[index] = low ^ changed &<< shift
      unsafe squares[index &+ distance] = high ^ changed
    }
    start &+= 2 &* distance
  }
}
