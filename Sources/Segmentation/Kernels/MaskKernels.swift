/// Kernels over masks: 64 conditions at once for each row.

/// Writes for each of a table's rows which profile it is of.
///
/// `starts` says where each profile's rows begin, and where the last one's end; in `profiles` there is
/// room for one more than the rows.
func spreadProfiles(
  _ starts: UnsafePointer<UInt32>,
  profileCount: Int,
  rowCount: Int,
  into profiles: UnsafeMutablePointer<UInt16>
) {
  unsafe profiles.update(repeating: 0, count: rowCount + 1)
  // What is beyond the rows is not read.
  for profile in 1..<max(profileCount, 1) { unsafe profiles[Int(starts[profile])] &+= 1 }
  var profile: UInt16 = 0
  for row in 0..<rowCount {
    unsafe profile &+= profiles[row]
    unsafe profiles[row] = profile
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

/// Unites the masks of each profile's rows.
func unite(
  _ masks: UnsafePointer<UInt64>,
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  into united: UnsafeMutablePointer<UInt64>
) {
  for row in 0..<count { unsafe united[Int(profiles[row])] |= masks[row] }
}
