/// Kernels over masks: 64 conditions at once for each row.

/// A field's classes by row, and by class the conditions that hold for it.
typealias ClassMasks = (classes: UnsafePointer<UInt16>, table: UnsafePointer<UInt64>)

/// For each row the conditions that hold by the class of one field.
func masks(_ field: ClassMasks, count: Int, into masks: UnsafeMutablePointer<UInt64>) {
  for row in 0..<count { unsafe masks[row] = field.table[Int(field.classes[row])] }
}

/// The same for two fields, of which both have to agree.
func masks(
  _ first: ClassMasks,
  _ second: ClassMasks,
  count: Int,
  into masks: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count {
    unsafe masks[row] =
      first.table[Int(first.classes[row])] & second.table[Int(second.classes[row])]
  }
}

/// The same for three fields.
func masks(
  _ first: ClassMasks,
  _ second: ClassMasks,
  _ third: ClassMasks,
  count: Int,
  into masks: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count {
    unsafe masks[row] =
      first.table[Int(first.classes[row])] & second.table[Int(second.classes[row])]
      & third.table[Int(third.classes[row])]
  }
}

/// Takes away from each row the conditions that two more fields do not fulfil.
func intersect(
  _ masks: UnsafeMutablePointer<UInt64>,
  _ first: ClassMasks,
  _ second: ClassMasks,
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
  _ field: ClassMasks,
  count: Int
) {
  for row in 0..<count { unsafe masks[row] &= field.table[Int(field.classes[row])] }
}

/// Adds for each profile the conditions that the class of one field fulfils.
func uniteInPlace(
  _ field: ClassMasks,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for profile in 0..<count {
    unsafe united[profile] |= field.table[Int(field.classes[profile])]
  }
}

/// The same for two fields.
func uniteInPlace(
  _ first: ClassMasks,
  _ second: ClassMasks,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for profile in 0..<count {
    unsafe united[profile] |=
      first.table[Int(first.classes[profile])] | second.table[Int(second.classes[profile])]
  }
}

/// Unites the masks of each profile's rows, as far as some bits of them go.
///
/// Rows of a profile mostly follow each other, and each has to wait for what the one before has
/// written: four stretches of the rows are gone through side by side, so that there is something to do
/// meanwhile.
func unite(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  keeping bits: UInt64,
  into united: UnsafeMutablePointer<UInt64>
) {
  let quarter = count >> 2
  for row in 0..<quarter {
    unsafe united[Int(profiles[row])] |= masks[row] & bits
    let (second, third, fourth) = (row &+ quarter, row &+ 2 &* quarter, row &+ 3 &* quarter)
    unsafe united[Int(profiles[second])] |= masks[second] & bits
    unsafe united[Int(profiles[third])] |= masks[third] & bits
    unsafe united[Int(profiles[fourth])] |= masks[fourth] & bits
  }
  for row in 4 &* quarter..<count { unsafe united[Int(profiles[row])] |= masks[row] & bits }
}

/// Counters of 64 conditions in bit slices: bit `j` of digit `i` is digit `i` of counter `j`.
@unsafe struct MaskCounters: BitwiseCopyable {
  /// Digits that are kept at hand; counters have no fewer.
  static let digitCountMin = 4

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
  if unsafe digitCount == MaskCounters.digitCountMin {
    return unsafe Segmentation.count(
      masks,
      of: profiles,
      count: count,
      keeping: bits,
      fresh,
      united
    )
  }
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

/// The same with the least number of digits, and nothing to guess on the way.
private func count(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  keeping bits: UInt64,
  _ fresh: UnsafePointer<UInt64>,
  _ united: UnsafeMutablePointer<UInt64>
) {
  let start = unsafe (fresh[0], fresh[1], fresh[2], fresh[3])
  var digits = start
  var profile = -1
  for row in 0..<count {
    let own = Int(unsafe profiles[row])
    let kept: UInt64 = own == profile ? .max : 0
    profile = own
    digits.0 = start.0 ^ (start.0 ^ digits.0) & kept
    digits.1 = start.1 ^ (start.1 ^ digits.1) & kept
    digits.2 = start.2 ^ (start.2 ^ digits.2) & kept
    digits.3 = start.3 ^ (start.3 ^ digits.3) & kept
    let first = unsafe masks[row] & bits
    let second = first & digits.0
    let third = second & digits.1
    let fourth = third & digits.2
    let over = fourth & digits.3
    digits.0 ^= first
    digits.1 ^= second
    digits.2 ^= third
    digits.3 ^= fourth
    if over != 0 { unsafe united[own] |= over }
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
