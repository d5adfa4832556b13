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

/// Writes bit `j` of 1,024 masks, each at its profile's place, to vector `targets[j]` of those that lie
/// one after the other.
///
/// The masks are destroyed.
func writeVectors(
  of masks: UnsafeMutablePointer<UInt64>,
  _ targets: UnsafePointer<Int>,
  count: Int,
  into vectors: UnsafeMutablePointer<UInt64>
) {
  let squares = unsafe UnsafeMutableRawPointer(masks).assumingMemoryBound(to: SIMD4<UInt64>.self)
  let vectors = unsafe UnsafeMutableRawPointer(vectors)
    .assumingMemoryBound(to: SIMD4<UInt64>.self)
  for group in 0..<4 {
    let rows = unsafe squares + 64 &* group
    unsafe transpose(rows)
    for bit in 0..<count { unsafe vectors[targets[bit] &* 4 &+ group] = rows[bit] }
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

/// Where masks of a block's profiles lie so that they can be transposed 256 at once: each place is
/// that of one profile.
enum ProfilePlace {
  /// The place of a profile.
  @inline(__always)
  static func place(of profile: Int) -> Int {
    profile & ~255 | (profile & 63) &<< 2 | profile &>> 6 & 3
  }

  /// The profile at a place.
  @inline(__always)
  static func profile(at place: Int) -> Int {
    place & ~255 | (place & 3) &<< 6 | place &>> 2 & 63
  }
}
