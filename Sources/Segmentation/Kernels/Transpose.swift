/// Turns masks of rows into vectors of bits, 256 rows at once.
///
/// Four squares of 64 words of 64 bits are transposed side by side: lane `s` of element `i` is word
/// `i` of square `s`, before as after. Bit `j` of word `i` becomes bit `i` of word `j`. Source: H. S.
/// Warren, *Hacker's Delight*, section 7-3, with the low bit as the first column.
func transpose(_ squares: UnsafeMutablePointer<SIMD4<UInt64>>) {
  unsafe exchange(squares, (32, 0x0000_0000_FFFF_FFFF), (16, 0x0000_FFFF_0000_FFFF))
  unsafe exchange(squares, (8, 0x00FF_00FF_00FF_00FF), (4, 0x0F0F_0F0F_0F0F_0F0F))
  unsafe exchange(squares, (2, 0x3333_3333_3333_3333), (1, 0x5555_5555_5555_5555))
}

/// Writes some bits of masks, one for each row, to vectors that lie one after the other: bit `j` of
/// mask `i` becomes bit `i` of vector `j`.
///
/// - Parameters:
///   - masks: by row; up to 255 behind the last one are read.
///   - count: how many rows.
///   - bits: those that are written.
///   - squares: room for 64 elements.
///   - vectors: where they are written.
///   - wordCount: words of each vector, at least `rowVectorWordCount(count)`.
func writeRowVectors(
  of masks: UnsafePointer<UInt64>,
  count: Int,
  keeping bits: UInt64,
  by squares: UnsafeMutablePointer<SIMD4<UInt64>>,
  into vectors: UnsafeMutablePointer<UInt64>,
  wordCount: Int
) {
  for group in 0..<(count &+ 255) >> 8 {
    unsafe load(masks + 256 &* group, into: squares)
    unsafe transpose(squares)
    var rest = bits
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      let place: Int = bit &* wordCount &+ 4 &* group
      let words = unsafe UnsafeMutableRawPointer(vectors + place)
      unsafe words.storeBytes(of: squares[bit], as: SIMD4<UInt64>.self)
      rest &= rest &- 1
    }
  }
}

/// Lays 256 masks out as four squares side by side.
@inline(__always)
private func load(
  _ masks: UnsafePointer<UInt64>,
  into squares: UnsafeMutablePointer<SIMD4<UInt64>>
) {
  for row in 0..<64 {
    unsafe squares[row] = SIMD4(masks[row], masks[row + 64], masks[row + 128], masks[row + 192])
  }
}

/// Two steps at once, the second one over half the distance of the first, so that elements are read
/// and written once for both.
@inline(__always)
private func exchange(
  _ squares: UnsafeMutablePointer<SIMD4<UInt64>>,
  _ first: (distance: Int, mask: UInt64),
  _ second: (distance: Int, mask: UInt64)
) {
  let (far, near) = (first.distance, second.distance)
  var start = 0
  while start < 64 {
    for index in start..<start &+ near {
      var a = unsafe squares[index]
      var b = unsafe squares[index &+ near]
      var c = unsafe squares[index &+ far]
      var d = unsafe squares[index &+ far &+ near]
      exchange(&a, &c, first)
      exchange(&b, &d, first)
      exchange(&a, &b, second)
      exchange(&c, &d, second)
      unsafe squares[index] = a
      unsafe squares[index &+ near] = b
      unsafe squares[index &+ far] = c
      unsafe squares[index &+ far &+ near] = d
    }
    start &+= 2 &* far
  }
}

@inline(__always)
private func exchange(
  _ low: inout SIMD4<UInt64>,
  _ high: inout SIMD4<UInt64>,
  _ step: (distance: Int, mask: UInt64)
) {
  let shift = SIMD4<UInt64>(repeating: UInt64(truncatingIfNeeded: step.distance))
  let changed = (low &>> shift ^ high) & SIMD4<UInt64>(repeating: step.mask)
  low ^= changed &<< shift
  high ^= changed
}
