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

/// Adds at each profile's place the conditions that the class of one field fulfils.
func uniteInPlace(
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for profile in 0..<count {
    unsafe united[ProfilePlace.place(of: profile)] |= table[Int(classes[profile])]
  }
}

/// Unites the masks of each profile's rows at the profile's place.
func unite(
  _ masks: UnsafePointer<UInt64>,
  of places: UnsafePointer<UInt16>,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count { unsafe united[Int(places[row])] |= masks[row] }
}

/// Counts the masks of each profile's rows, bit by bit, and unites the bits whose counters overflow.
///
/// A counter's binary digits are spread over `planeCount` words at the profile's place: bit `j` of
/// word `i` is digit `i` of the counter of bit `j`.
func count(
  _ masks: UnsafePointer<UInt64>,
  of places: UnsafePointer<UInt16>,
  count: Int,
  planes: UnsafeMutablePointer<UInt64>,
  planeCount: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count {
    var carry = unsafe masks[row]
    if carry == 0 { continue }
    let place = Int(unsafe places[row])
    let digits = unsafe planes + place &* planeCount
    var index = 0
    while index < planeCount && carry != 0 {
      let old = unsafe digits[index]
      unsafe digits[index] = old ^ carry
      carry &= old
      index &+= 1
    }
    unsafe united[place] |= carry
  }
}
