#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// The bits of a word where `mask` has bits, next to each other from the lowest place on.
@inline(__always)
func extract(_ word: UInt64, where mask: UInt64) -> UInt64 {
  #if arch(x86_64)
    _pext_u64(word, mask)
  #else
    extractOneByOne(word, where: mask)
  #endif
}

/// The same for any processor.
func extractOneByOne(_ word: UInt64, where mask: UInt64) -> UInt64 {
  var extracted: UInt64 = 0
  var place: UInt64 = 1
  var rest = mask
  while rest != 0 {
    if word & rest & (0 &- rest) != 0 { extracted |= place }
    place = place &<< 1
    rest &= rest &- 1
  }
  return extracted
}

/// The lowest bits of a word at the places where `mask` has bits.
@inline(__always)
func deposit(_ word: UInt64, where mask: UInt64) -> UInt64 {
  #if arch(x86_64)
    _pdep_u64(word, mask)
  #else
    depositOneByOne(word, where: mask)
  #endif
}

/// The same for any processor.
func depositOneByOne(_ word: UInt64, where mask: UInt64) -> UInt64 {
  var deposited: UInt64 = 0
  var place: UInt64 = 1
  var rest = mask
  while rest != 0 {
    if word & place != 0 { deposited |= rest & (0 &- rest) }
    place = place &<< 1
    rest &= rest &- 1
  }
  return deposited
}
