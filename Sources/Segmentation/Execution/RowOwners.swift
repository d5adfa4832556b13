import ProfileStore

/// Some rows of a table, ascending.
@unsafe struct ListedRows {
  var numbers: UnsafePointer<UInt32>
  var profiles: UnsafePointer<UInt16>
  var count: Int
}

/// Whose the rows of a table are: it turns a vector with a bit for each row into one with a bit for each
/// profile.
@safe final class RowOwners {
  /// How often profiles need a row, up to which rows are taken out of the vector one after the other.
  private static let removalCountMax = 16

  private let left: Scratch<UInt64>
  private let listed: Scratch<UInt32>
  private let listedProfiles: Scratch<UInt16>
  /// One word more than the profiles need.
  private let found = Scratch<UInt64>(count: BlockVector.wordCount + 1)
  private let noEnds = Scratch<RowEnds>(count: 1)
  private let noProfiles = Scratch<UInt16>(count: 1)
  private var ends: UnsafePointer<RowEnds>
  private var profiles: UnsafePointer<UInt16>
  private var rowCount = 0
  /// Words with rows.
  private var wordCount = 0

  init(rowCountMax: Int) {
    unsafe ends = UnsafePointer(noEnds.pointer)
    unsafe profiles = UnsafePointer(noProfiles.pointer)
    left = Scratch(count: rowVectorWordCount(rowCountMax))
    listed = Scratch(count: rowCountMax + 64)
    listedProfiles = Scratch(count: rowCountMax + 128)
  }

  /// Turns to another table of events.
  func begin(_ table: FlatTable) {
    unsafe begin(profiles: table.profiles, ends: table.ends, rowCount: table.rowCount)
  }

  /// Turns to some rows, by row their profile, ascending, and where profiles end.
  func begin(
    profiles: UnsafePointer<UInt16>,
    ends: UnsafePointer<RowEnds>,
    rowCount: Int
  ) {
    unsafe self.profiles = profiles
    unsafe self.ends = ends
    self.rowCount = rowCount
    wordCount = (rowCount + 63) / 64
  }

  /// Lists the rows of a vector, ascending, and their profiles; valid until the next call.
  func list(_ rows: UnsafePointer<UInt64>) -> ListedRows {
    let (listed, listedProfiles) = unsafe (listed.pointer, listedProfiles.pointer)
    let count = unsafe Segmentation.list(rows, wordCount: wordCount, into: listed)
    for index in 0..<count { unsafe listedProfiles[index] = profiles[Int(listed[index])] }
    return unsafe ListedRows(
      numbers: UnsafePointer(listed),
      profiles: UnsafePointer(listedProfiles),
      count: count
    )
  }

  /// Writes who has a row of a vector.
  func write(_ rows: UnsafePointer<UInt64>, into vector: UnsafeMutablePointer<UInt64>) {
    let (ends, found) = unsafe (ends, found.pointer)
    unsafe found.update(repeating: 0, count: BlockVector.wordCount + 1)
    var carry = false
    // What is known of a word of profiles and of the next one.
    var place = 0
    var (low, high): (UInt64, UInt64) = (0, 0)
    for word in 0..<wordCount {
      let (own, end) = unsafe (rows[word], ends[word])
      let last = (carried(own, end.rows, &carry) | own) & end.rows
      if end.profiles == 0 {
        if last != 0 { unsafe mark(last, word, found) }
        continue
      }
      if place != end.first >> 6 {
        unsafe found[place] |= low
        unsafe found[place &+ 1] |= high
        place = end.first >> 6
        (low, high) = (0, 0)
      }
      let bits = deposit(extract(last, where: end.rows), where: end.profiles)
      let shift = UInt64(truncatingIfNeeded: end.first & 63)
      low |= bits &<< shift
      high |= (bits &>> 1) &>> (63 &- shift)
    }
    unsafe found[place] |= low
    unsafe found[place &+ 1] |= high
    unsafe vector.update(from: found, count: BlockVector.wordCount)
  }

  /// Writes who has at least so many rows of a vector, two or more.
  func write(
    _ rows: UnsafePointer<UInt64>,
    atLeast: Int,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    if atLeast > Self.removalCountMax {
      let listed = unsafe list(rows)
      unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
      return unsafe markFrequent(
        listed.profiles,
        count: listed.count,
        atLeast: atLeast,
        into: vector
      )
    }
    var source = unsafe rows
    for _ in 1..<atLeast {
      let isAny = unsafe removeFirstRows(
        source,
        ends,
        wordCount: wordCount,
        into: left.pointer
      )
      if !isAny {
        return unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
      }
      unsafe source = UnsafePointer(left.pointer)
    }
    unsafe write(source, into: vector)
  }

  /// Marks the profiles of some rows of a word.
  private func mark(_ rows: UInt64, _ word: Int, _ vector: UnsafeMutablePointer<UInt64>) {
    var rest = rows
    while rest != 0 {
      let profile = Int(unsafe profiles[word &* 64 &+ rest.trailingZeroBitCount])
      unsafe vector[profile >> 6] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
      rest &= rest &- 1
    }
  }
}
