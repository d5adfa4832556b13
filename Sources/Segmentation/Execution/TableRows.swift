import ProfileStore

/// The rows of a table that something goes through, and whose they are.
@safe final class TableRows {
  /// How many rows.
  private(set) var count = 0
  /// By row its number in the table.
  private(set) var numbers: UnsafePointer<UInt32>
  /// By row the place of its profile.
  let places: Scratch<UInt16>
  /// By profile where its rows begin, and behind the last one where they end.
  let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)

  private let chosen: Scratch<UInt32>
  private let bits: Scratch<UInt64>
  private let presentBits: Scratch<UInt64>
  /// 0, 1, 2 …
  private let everyNumber: UnsafePointer<UInt32>
  /// Values of lanes that not every row has, for the presence that was looked at last.
  private let values: Scratch<UInt32>
  private let valuePlaces: Scratch<UInt32>
  private var presence: UnsafePointer<UInt64>?
  private var presentCount = 0

  /// Makes room for tables of so many rows; `everyNumber` has as many numbers, from 0.
  init(rowCountMax: Int, everyNumber: UnsafePointer<UInt32>) {
    unsafe self.everyNumber = everyNumber
    unsafe numbers = everyNumber
    places = Scratch(count: rowCountMax + 64)
    chosen = Scratch(count: rowCountMax + 64)
    bits = Scratch(count: rowCountMax / 64 + 64)
    presentBits = Scratch(count: rowCountMax / 64 + 64)
    values = Scratch(count: rowCountMax + 64)
    valuePlaces = Scratch(count: rowCountMax + 64)
  }

  /// Takes all rows of a table of attributes, of which row `i` is profile `i`.
  func takeProfiles(_ count: Int) {
    self.count = count
    unsafe numbers = everyNumber
    unsafe presence = nil
  }

  /// Takes all events of a table.
  func takeAll(_ table: FlatTable, profileCount: Int) {
    count = unsafe table.rowCount
    unsafe numbers = everyNumber
    unsafe presence = nil
    unsafe widen(
      table.starts,
      width: table.startWidth,
      count: profileCount + 1,
      into: starts.pointer
    )
    unsafe spreadProfiles(
      starts.pointer,
      profileCount: profileCount,
      rowCount: count,
      into: places.pointer
    )
  }

  /// Takes the events of a table whose place in a lane of times is at least `floor`.
  func take(_ table: FlatTable, from floor: UInt64, in lane: FlatLane, profileCount: Int) {
    let wordCount = unsafe (table.rowCount + 63) / 64
    let base = unsafe ValueOrder.place(of: lane.base)
    let relative = floor > base ? floor - base : 0
    unsafe presence = nil
    let words: UnsafePointer<UInt64>
    if let presence = unsafe lane.presence {
      unsafe reaches(
        relative,
        lane.values,
        width: lane.width,
        count: lane.count,
        into: presentBits.pointer
      )
      unsafe spread(presentBits.pointer, over: presence, wordCount: wordCount, into: bits.pointer)
    } else {
      unsafe reaches(
        relative,
        lane.values,
        width: lane.width,
        count: table.rowCount,
        into: bits.pointer
      )
    }
    unsafe words = UnsafePointer(bits.pointer)
    count = unsafe list(words, wordCount: wordCount, into: chosen.pointer)
    unsafe numbers = UnsafePointer(chosen.pointer)
    if count == 0 { return }
    unsafe widen(
      table.starts,
      width: table.startWidth,
      count: profileCount + 1,
      into: starts.pointer
    )
    unsafe ranks(of: words, starts.pointer, count: profileCount + 1)
    unsafe spreadProfiles(
      starts.pointer,
      profileCount: profileCount,
      rowCount: count,
      into: places.pointer
    )
  }

  /// Where the rows' values are in a lane with a presence; `nil` stands for one that every row has a
  /// value in.
  func positions(_ presence: UnsafePointer<UInt64>?) -> LanePositions {
    guard let presence = unsafe presence else {
      return unsafe LanePositions(values: numbers, places: everyNumber, count: count)
    }
    if unsafe self.presence != presence {
      unsafe self.presence = presence
      presentCount = unsafe Segmentation.positions(
        presence,
        of: numbers,
        count: count,
        values: values.pointer,
        places: valuePlaces.pointer
      )
    }
    return unsafe LanePositions(
      values: UnsafePointer(values.pointer),
      places: UnsafePointer(valuePlaces.pointer),
      count: presentCount
    )
  }
}
