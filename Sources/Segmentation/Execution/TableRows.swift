import ProfileStore

/// The rows of a table that something goes through, and whose they are.
@safe final class TableRows {
  /// How many rows.
  private(set) var count = 0
  /// By row its number in the table.
  private(set) var numbers: UnsafePointer<UInt32>
  /// By row its profile, ascending; not for attributes.
  private(set) var profiles: UnsafePointer<UInt16>

  private let chosenProfiles: Scratch<UInt16>
  private let chosen: Scratch<UInt32>
  private let bits: Scratch<UInt64>
  private let presentBits: Scratch<UInt64>
  /// All numbers from 0 on.
  private let everyNumber: UnsafePointer<UInt32>
  /// Values of lanes that not every row has, for the presence that was looked at last.
  private let values: Scratch<UInt32>
  private let valuePlaces: Scratch<UInt32>
  private var presence: UnsafePointer<UInt64>?
  private var presentCount = 0
  private var wordCount = 0

  /// Makes room for tables of so many rows; `everyNumber` has as many numbers, from 0.
  init(rowCountMax: Int, everyNumber: UnsafePointer<UInt32>) {
    unsafe self.everyNumber = everyNumber
    unsafe numbers = everyNumber
    chosenProfiles = Scratch(count: rowCountMax + 64)
    unsafe profiles = UnsafePointer(chosenProfiles.pointer)
    chosen = Scratch(count: rowCountMax + 64)
    bits = Scratch(count: rowCountMax / 64 + 64)
    presentBits = Scratch(count: rowCountMax / 64 + 64)
    values = Scratch(count: rowCountMax + 64)
    valuePlaces = Scratch(count: rowCountMax + 64)
  }

  /// Whether they are all rows of the table.
  var areAll: Bool { unsafe numbers == everyNumber }

  /// Takes all rows of a table of attributes, of which row `i` is profile `i`.
  func takeProfiles(_ count: Int) {
    self.count = count
    wordCount = (count + 63) / 64
    unsafe numbers = everyNumber
    unsafe presence = nil
  }

  /// Takes all events of a table.
  func takeAll(_ table: FlatTable) {
    count = unsafe table.rowCount
    wordCount = (count + 63) / 64
    unsafe numbers = everyNumber
    unsafe presence = nil
    unsafe profiles = table.profiles
  }

  /// Takes the events of a table whose place in a lane of times is at least `floor`.
  ///
  /// What the lane's least and largest time decide is not looked at row by row.
  func take(_ table: FlatTable, from floor: UInt64, in lane: FlatLane) {
    let base = unsafe ValueOrder.place(of: lane.base)
    let relative = floor > base ? floor - base : 0
    if unsafe relative > lane.largest || lane.count == 0 {
      count = 0
      return
    }
    if unsafe relative == 0 && lane.presence == nil { return unsafe takeAll(table) }
    wordCount = unsafe (table.rowCount + 63) / 64
    unsafe self.presence = nil
    let reached = unsafe lane.presence == nil ? bits : presentBits
    if let highParts = unsafe lane.highParts {
      let numbers = unsafe lane.values.assumingMemoryBound(to: UInt64.self)
      unsafe reaches(relative, numbers, highParts, count: lane.count, into: reached.pointer)
    } else {
      unsafe reaches(
        relative,
        lane.values,
        width: lane.width,
        count: lane.count,
        into: reached.pointer
      )
    }
    if let presence = unsafe lane.presence {
      unsafe spread(presentBits.pointer, over: presence, wordCount: wordCount, into: bits.pointer)
    }
    unsafe takeBits(of: table)
  }

  /// Takes the events of profiles for which `wanted` is not 0; nearly all of a table stand for all.
  func take(_ table: FlatTable, ofWanted wanted: UnsafePointer<UInt64>) {
    wordCount = unsafe (table.rowCount + 63) / 64
    unsafe presence = nil
    unsafe choose(wanted, table.profiles, count: table.rowCount, into: bits.pointer)
    unsafe takeBits(of: table)
    if unsafe count * 4 > table.rowCount * 3 { unsafe takeAll(table) }
  }

  /// Takes the events whose bits are set.
  private func takeBits(of table: FlatTable) {
    count = unsafe list(bits.pointer, wordCount: wordCount, into: chosen.pointer)
    unsafe numbers = UnsafePointer(chosen.pointer)
    unsafe writeProfiles(table.profiles, numbers, count: count, into: chosenProfiles.pointer)
    unsafe profiles = UnsafePointer(chosenProfiles.pointer)
  }

  /// Writes by profile where its rows begin, and behind the last one where they end.
  func writeStarts(profileCount: Int, into starts: UnsafeMutablePointer<UInt32>) {
    unsafe Segmentation.writeStarts(
      of: profiles,
      count: count,
      profileCount: profileCount,
      into: starts
    )
  }

  /// Where the rows' values are in a lane with a presence; `nil` stands for one that every row has a
  /// value in.
  func positions(_ presence: UnsafePointer<UInt64>?) -> LanePositions {
    guard let presence = unsafe presence else {
      return unsafe LanePositions(
        form: areAll ? .all : .chosen,
        values: numbers,
        places: everyNumber,
        count: count
      )
    }
    if unsafe self.presence != presence {
      unsafe self.presence = presence
      presentCount =
        areAll
        ? unsafe list(presence, wordCount: wordCount, into: valuePlaces.pointer)
        : unsafe Segmentation.positions(
          presence,
          of: bits.pointer,
          wordCount: wordCount,
          values: values.pointer,
          places: valuePlaces.pointer
        )
    }
    return unsafe LanePositions(
      form: areAll ? .spread : .scattered,
      values: UnsafePointer(values.pointer),
      places: UnsafePointer(valuePlaces.pointer),
      count: presentCount
    )
  }
}
