package import Bytes

/// Which of 64 rows of a table are the last ones of their profiles, and which profiles those are.
package struct RowEnds: BitwiseCopyable, Sendable {
  /// A bit for each row.
  package private(set) var rows: UInt64 = 0
  /// A bit for each of the profiles, from the first one on; 0 when they are too far from each other.
  package private(set) var profiles: UInt64 = 0
  /// The first of the profiles.
  package private(set) var first = 0

  /// Looks for the ends among all rows of a table.
  ///
  /// - Parameters:
  ///   - profiles: by row, its profile, ascending.
  ///   - rowCount: how many rows.
  ///   - room: owns what is found.
  /// - Returns: one for every 64 rows.
  package static func all(
    _ profiles: UnsafePointer<UInt16>,
    rowCount: Int,
    in room: Arena
  ) -> UnsafePointer<RowEnds> {
    let wordCount = (rowCount + 63) / 64
    let memory = unsafe room.room(byteCount: wordCount * MemoryLayout<RowEnds>.stride)
    let found = unsafe memory.bindMemory(to: RowEnds.self, capacity: max(1, wordCount))
    unsafe found.initialize(repeating: RowEnds(), count: wordCount)
    for word in 0..<wordCount {
      for row in 64 * word..<min(64 * word + 64, rowCount) {
        let profile = unsafe profiles[row]
        if unsafe row + 1 == rowCount || profiles[row + 1] != profile {
          unsafe found[word].add(row % 64, Int(profile))
        }
      }
    }
    return unsafe UnsafePointer(found)
  }

  private mutating func add(_ row: Int, _ profile: Int) {
    if rows == 0 {
      first = profile
      profiles = 1
    } else if profile - first > 63 {
      profiles = 0
    } else if profiles != 0 {
      profiles |= 1 << UInt64(profile - first)
    }
    rows |= 1 << UInt64(row)
  }
}
