import ProfileStore

/// The rows of a table, and where lanes have their values.
@safe final class TableRows {
  /// How many rows.
  private(set) var count = 0
  /// The rows with values in the lane whose presence was looked at last.
  private let places = Scratch<UInt32>(count: 0)
  private var presence: UnsafePointer<UInt64>?
  private var presentCount = 0

  /// Turns to another table.
  func take(rowCount: Int) {
    count = rowCount
    unsafe presence = nil
  }

  /// Where the values of a lane with a presence belong; `nil` stands for one that every row has a value
  /// in.
  func positions(_ presence: UnsafePointer<UInt64>?) -> LanePositions {
    guard let presence = unsafe presence else {
      return unsafe LanePositions(rows: nil, count: count)
    }
    if unsafe self.presence != presence {
      unsafe self.presence = presence
      presentCount = unsafe list(
        presence,
        wordCount: (count + 63) / 64,
        into: places.room(for: count + 64)
      )
    }
    return unsafe LanePositions(rows: UnsafePointer(places.pointer), count: presentCount)
  }
}
