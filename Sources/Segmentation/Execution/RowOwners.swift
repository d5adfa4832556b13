import ProfileStore

/// Some rows of a table, ascending.
@unsafe struct ListedRows {
  var numbers: UnsafePointer<UInt32>
  var profiles: UnsafePointer<UInt16>
  var count: Int
}

/// The rows that fit something: a bit for each row of a table, or for each of its recent rows.
@unsafe struct MatchedRows {
  var words: UnsafePointer<UInt64>
  /// Words of the vector, with those behind the last row.
  var wordCount: Int
  var areRecent: Bool
}

/// Whose the rows of a table are.
///
/// Most conditions want events from some instant on. What is later than the earliest of these instants is
/// *recent*: mostly a small part of a table, with vectors of its own.
@safe final class RowOwners {
  /// Of so many rows one may be recent at most, so that it pays.
  private static let recentRarityMin = 2

  private let all: RowGroups
  private let recent: RowGroups
  /// Which rows are recent, and of those the last ones of their profiles.
  private var recentRows: UnsafePointer<UInt64>
  private let recentEnds: Scratch<UInt64>
  private let recentProfiles = Scratch<UInt64>(count: BlockVector.wordCount)
  private let recentNumbers: Scratch<UInt32>
  private(set) var recentCount = 0
  private var areRecentListed = false
  private let expanded: Scratch<UInt64>
  private let listed: Scratch<UInt32>
  private let listedProfiles: Scratch<UInt16>
  private let noProfiles = Scratch<UInt16>(count: 1)
  private var profiles: UnsafePointer<UInt16>
  private var ends: UnsafePointer<UInt64>
  private var rowCount = 0
  /// Words with rows.
  private var wordCount = 0
  /// There is but one word of rows, which are brought to their profiles one by one.
  private var isSmall = true

  init(rowCountMax: Int) {
    all = RowGroups(rowCountMax: rowCountMax)
    recent = RowGroups(rowCountMax: rowCountMax)
    let wordCount = rowVectorWordCount(rowCountMax)
    recentEnds = Scratch(count: wordCount)
    expanded = Scratch(count: wordCount)
    unsafe recentRows = UnsafePointer(expanded.pointer)
    unsafe ends = UnsafePointer(expanded.pointer)
    recentNumbers = Scratch(count: rowCountMax + 64)
    listed = Scratch(count: rowCountMax + 64)
    listedProfiles = Scratch(count: rowCountMax + 128)
    unsafe profiles = UnsafePointer(noProfiles.pointer)
  }

  /// Turns to a table of events.
  func begin(_ table: FlatTable, profileCount: Int) {
    unsafe begin(
      profiles: table.profiles,
      ends: table.ends,
      rowCount: table.rowCount,
      profileCount: profileCount
    )
  }

  /// Turns to some rows, by row their profile, ascending, and where profiles end.
  func begin(
    profiles: UnsafePointer<UInt16>,
    ends: RowEnds,
    rowCount: Int,
    profileCount: Int
  ) {
    unsafe self.profiles = profiles
    unsafe self.ends = ends.rows
    self.rowCount = rowCount
    wordCount = (rowCount + 63) / 64
    isSmall = true
    guard let present = unsafe ends.profiles else { return }
    isSmall = false
    unsafe all.begin(
      ends: ends.rows,
      profiles: present,
      profileWordCount: (profileCount + 63) / 64,
      rowCount: rowCount
    )
  }

  /// Takes the rows that are recent, valid until the next table.
  ///
  /// - Returns: how many there are; `nil` when it does not pay to have vectors of their own, or when they
  ///   are not the last rows of their profiles.
  func takeRecent(_ rows: UnsafePointer<UInt64>, ends: RowEnds) -> Int? {
    var count = 0
    for word in 0..<wordCount { count &+= unsafe rows[word].nonzeroBitCount }
    if isSmall || count * Self.recentRarityMin > rowCount { return nil }
    let own = unsafe expanded.pointer
    guard unsafe writeLastRows(rows, ends.rows, wordCount: wordCount, into: own) else { return nil }
    unsafe recentRows = rows
    recentCount = count
    areRecentListed = false
    unsafe compress(own, by: rows, wordCount: wordCount, into: recentEnds.pointer)
    unsafe all.write(rows, into: recentProfiles.pointer)
    unsafe recent.begin(
      ends: recentEnds.pointer,
      profiles: recentProfiles.pointer,
      profileWordCount: BlockVector.wordCount,
      rowCount: count
    )
    return count
  }

  /// All rows of the table that fit, valid until this is asked again.
  func expand(_ rows: MatchedRows) -> UnsafePointer<UInt64> {
    if unsafe !rows.areRecent { return unsafe rows.words }
    let own = unsafe expanded.pointer
    unsafe own.update(repeating: 0, count: rowVectorWordCount(rowCount))
    unsafe spread(rows.words, over: recentRows, wordCount: wordCount, into: own)
    return unsafe UnsafePointer(own)
  }

  /// The numbers of the recent rows, valid until the next table.
  func listRecent() -> UnsafePointer<UInt32> {
    let numbers = unsafe recentNumbers.pointer
    if !areRecentListed {
      areRecentListed = true
      _ = unsafe Segmentation.list(recentRows, wordCount: wordCount, into: numbers)
    }
    return unsafe UnsafePointer(numbers)
  }

  /// Notes where the rows of each profile are, among all rows or the recent ones.
  func write(to index: RowIndex, areRecent: Bool) {
    if areRecent { return recent.write(to: index) }
    if !isSmall { return all.write(to: index) }
    let present = unsafe recentProfiles.pointer
    unsafe writeOneByOne(.max &>> UInt64(truncatingIfNeeded: 64 &- rowCount), into: present)
    unsafe index.take(profiles: present, ends: ends, wordCount: wordCount)
  }

  /// Lists the rows that fit and their profiles, valid until this is asked again.
  func list(_ rows: MatchedRows) -> ListedRows {
    let (listed, listedProfiles) = unsafe (listed.pointer, listedProfiles.pointer)
    let count = unsafe Segmentation.list(
      rows.words,
      wordCount: rows.wordCount,
      into: listed
    )
    if unsafe rows.areRecent {
      let numbers = unsafe listRecent()
      for index in 0..<count { unsafe listed[index] = numbers[Int(listed[index])] }
    }
    for index in 0..<count { unsafe listedProfiles[index] = profiles[Int(listed[index])] }
    return unsafe ListedRows(
      numbers: UnsafePointer(listed),
      profiles: UnsafePointer(listedProfiles),
      count: count
    )
  }

  /// Writes who has a row that fits.
  func write(_ rows: MatchedRows, into vector: UnsafeMutablePointer<UInt64>) {
    if isSmall {
      unsafe writeOneByOne(rows.words[0], into: vector)
    } else if unsafe rows.areRecent {
      unsafe recent.write(rows.words, into: vector)
    } else {
      unsafe all.write(rows.words, into: vector)
    }
  }

  /// Writes who has at least so many rows that fit, two or more.
  func write(_ rows: MatchedRows, atLeast: Int, into vector: UnsafeMutablePointer<UInt64>) {
    if isSmall || atLeast > RowGroups.removalCountMax {
      let listed = unsafe list(rows)
      unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
      unsafe markFrequent(listed.profiles, count: listed.count, atLeast: atLeast, into: vector)
    } else if unsafe rows.areRecent {
      unsafe recent.write(rows.words, atLeast: atLeast, into: vector)
    } else {
      unsafe all.write(rows.words, atLeast: atLeast, into: vector)
    }
  }

  private func writeOneByOne(_ rows: UInt64, into vector: UnsafeMutablePointer<UInt64>) {
    unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
    var rest = rows
    while rest != 0 {
      let profile = Int(unsafe profiles[rest.trailingZeroBitCount])
      unsafe vector[profile >> 6] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
      rest &= rest &- 1
    }
  }
}
