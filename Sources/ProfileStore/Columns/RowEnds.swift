package import Bytes

/// Which rows of a table are the last ones of their profiles, and which profiles have rows.
@unsafe package struct RowEnds: BitwiseCopyable {
  /// A bit for each row, in words of 64.
  package var rows: UnsafePointer<UInt64>
  /// A bit for each profile, in words of 64; nothing for tables with a single word of rows.
  package var profiles: UnsafePointer<UInt64>?

  /// Takes what is known.
  package init(rows: UnsafePointer<UInt64>, profiles: UnsafePointer<UInt64>?) {
    unsafe self.rows = rows
    unsafe self.profiles = profiles
  }

  /// Looks for the ends among all rows of a table.
  ///
  /// - Parameters:
  ///   - owners: by row, its profile, ascending.
  ///   - rowCount: how many rows.
  ///   - profileCount: profiles of the block.
  ///   - room: owns what is found.
  package init(
    _ owners: UnsafePointer<UInt16>,
    rowCount: Int,
    profileCount: Int,
    in room: Arena
  ) {
    let ends = unsafe room.zeros(UInt64.self, count: (rowCount + 63) / 64)
    let present =
      rowCount > 64 ? unsafe room.zeros(UInt64.self, count: (profileCount + 63) / 64) : nil
    for row in 0..<rowCount {
      let profile = unsafe Int(owners[row])
      if unsafe row + 1 < rowCount && Int(owners[row + 1]) == profile { continue }
      unsafe ends[row / 64] |= 1 << UInt64(row % 64)
      if let present = unsafe present { unsafe present[profile / 64] |= 1 << UInt64(profile % 64) }
    }
    unsafe rows = UnsafePointer(ends)
    unsafe profiles = unsafe present.map { unsafe UnsafePointer($0) }
  }
}
