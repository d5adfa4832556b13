/// Exchanges rows and columns of 64 words of 64 bits, in place.
///
/// Bit `j` of word `i` becomes bit `i` of word `j`. Source: H. S. Warren, *Hacker's Delight*,
/// section 7-3, with the low bit as the first column.
func transpose(_ words: UnsafeMutablePointer<UInt64>) {
  unsafe exchange(words, 32, 0x0000_0000_FFFF_FFFF)
  unsafe exchange(words, 16, 0x0000_FFFF_0000_FFFF)
  unsafe exchange(words, 8, 0x00FF_00FF_00FF_00FF)
  unsafe exchange(words, 4, 0x0F0F_0F0F_0F0F_0F0F)
  unsafe exchange(words, 2, 0x3333_3333_3333_3333)
  unsafe exchange(words, 1, 0x5555_5555_5555_5555)
}

@inline(__always)
private func exchange(_ words: UnsafeMutablePointer<UInt64>, _ distance: Int, _ mask: UInt64) {
  let shift = UInt64(truncatingIfNeeded: distance)
  var start = 0
  while start < 64 {
    for index in start..<start &+ distance {
      let low = unsafe words[index]
      let high = unsafe words[index &+ distance]
      let changed = (low &>> shift ^ high) & mask
      unsafe words[index] = low ^ changed &<< shift
      unsafe words[index &+ distance] = high ^ changed
    }
    start &+= 2 &* distance
  }
}
