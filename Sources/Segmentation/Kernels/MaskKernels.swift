/// Kernels over masks: 64 conditions at once for each row.

/// For each row the conditions that hold by the class of one field.
func masks(
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int,
  into masks: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count { unsafe masks[row] = table[Int(classes[row])] }
}

/// The same for two fields, of which both have to agree.
func masks(
  _ first: (classes: UnsafePointer<UInt16>, table: UnsafePointer<UInt64>),
  _ second: (classes: UnsafePointer<UInt16>, table: UnsafePointer<UInt64>),
  count: Int,
  into masks: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count {
    unsafe masks[row] =
      first.table[Int(first.classes[row])] & second.table[Int(second.classes[row])]
  }
}

/// Takes away from each row the conditions that two more fields do not fulfil.
func intersect(
  _ masks: UnsafeMutablePointer<UInt64>,
  _ first: (classes: UnsafePointer<UInt16>, table: UnsafePointer<UInt64>),
  _ second: (classes: UnsafePointer<UInt16>, table: UnsafePointer<UInt64>),
  count: Int
) {
  for row in 0..<count {
    unsafe masks[row] &=
      first.table[Int(first.classes[row])] & second.table[Int(second.classes[row])]
  }
}

/// Takes away from each row the conditions that one more field does not fulfil.
func intersect(
  _ masks: UnsafeMutablePointer<UInt64>,
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int
) {
  for row in 0..<count { unsafe masks[row] &= table[Int(classes[row])] }
}

/// Adds for each profile the conditions that the class of one field fulfils.
func uniteInPlace(
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for profile in 0..<count {
    unsafe united[profile] |= table[Int(classes[profile])]
  }
}

/// Unites the masks of each profile's rows, as far as some bits of them go.
func unite(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  keeping bits: UInt64,
  into united: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count { unsafe united[Int(profiles[row])] |= masks[row] & bits }
}

/// Counters of 64 conditions in bit slices: bit `j` of digit `i` is digit `i` of counter `j`.
@unsafe struct MaskCounters: BitwiseCopyable {
  /// Digits of the counters at the beginning.
  var fresh: UnsafePointer<UInt64>
  var digitCount: Int
}

/// Counts some bits of the masks of each profile's rows, and unites those whose counters overflow.
///
/// - Parameters:
///   - masks: by row.
///   - profiles: by row, its profile, ascending.
///   - count: how many rows.
///   - bits: those that count.
///   - counters: how counters begin.
///   - digits: room for the digits of one profile.
///   - united: by profile.
func count(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  keeping bits: UInt64,
  _ counters: MaskCounters,
  digits: UnsafeMutablePointer<UInt64>,
  into united: UnsafeMutablePointer<UInt64>
) {
  let (fresh, digitCount) = unsafe (counters.fresh, counters.digitCount)
  var profile = -1
  for row in 0..<count {
    let mask = unsafe masks[row] & bits
    if mask == 0 { continue }
    let own = Int(unsafe profiles[row])
    if own != profile {
      profile = own
      for index in 0..<digitCount { unsafe digits[index] = fresh[index] }
    }
    unsafe united[own] |= add(mask, to: digits, digitCount)
  }
}

/// The same where a profile's rows may be in several tables: the digits of all profiles lie one after
/// the other, begun before.
func count(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  keeping bits: UInt64,
  allDigits: UnsafeMutablePointer<UInt64>,
  digitCount: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count {
    let mask = unsafe masks[row] & bits
    if mask == 0 { continue }
    let profile = Int(unsafe profiles[row])
    unsafe united[profile] |= add(mask, to: allDigits + profile &* digitCount, digitCount)
  }
}

/// Adds one to some counters and says which of them overflow.
@inline(__always)
private func add(
  _ mask: UInt64,
  to digits: UnsafeMutablePointer<UInt64>,
  _ digitCount: Int
) -> UInt64 {
  var carry = mask
  var index = 0
  while index < digitCount && carry != 0 {
    let old = unsafe digits[index]
    unsafe digits[index] = old ^ carry
    carry &= old
    index &+= 1
  }
  return carry
}
