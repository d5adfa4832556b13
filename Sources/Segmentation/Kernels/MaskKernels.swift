/// Kernels over masks: 64 conditions at once for each row.

/// Writes for each of a table's rows the place of its profile (`ProfilePlace`).
///
/// `starts` says where each profile's rows begin, and where the last one's end; in `places` there is
/// room for one more than the rows.
func spreadProfiles(
  _ starts: UnsafePointer<UInt32>,
  profileCount: Int,
  rowCount: Int,
  into places: UnsafeMutablePointer<UInt16>
) {
  unsafe places.update(repeating: 0, count: rowCount + 1)
  // What is beyond the rows is not read.
  for profile in 1..<max(profileCount, 1) { unsafe places[Int(starts[profile])] &+= 1 }
  var profile: UInt16 = 0
  for row in 0..<rowCount {
    unsafe profile &+= places[row]
    unsafe places[row] = profile & ~255 | (profile & 63) &<< 2 | profile &>> 6 & 3
  }
}

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

/// Takes away from each row the conditions that one more field does not fulfil.
func intersect(
  _ masks: UnsafeMutablePointer<UInt64>,
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int
) {
  for row in 0..<count { unsafe masks[row] &= table[Int(classes[row])] }
}

/// Adds to each row the conditions that one more field fulfils.
func unite(
  _ masks: UnsafeMutablePointer<UInt64>,
  _ classes: UnsafePointer<UInt16>,
  _ table: UnsafePointer<UInt64>,
  count: Int
) {
  for row in 0..<count { unsafe masks[row] |= table[Int(classes[row])] }
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

/// Moves the masks of profiles, one after the other, to their places.
func place(
  _ masks: UnsafePointer<UInt64>,
  count: Int,
  into placed: UnsafeMutablePointer<UInt64>
) {
  for profile in 0..<count { unsafe placed[ProfilePlace.place(of: profile)] = masks[profile] }
}
