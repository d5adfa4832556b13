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

  private let ends: Scratch<UInt64>
  private let windows: Scratch<ProfileWindow>
  private let left: Scratch<UInt64>
  private let listed: Scratch<UInt32>
  private let listedProfiles: Scratch<UInt16>
  /// One word more than the profiles need.
  private let found = Scratch<UInt64>(count: BlockVector.wordCount + 1)
  private let noProfiles = Scratch<UInt16>(count: 1)
  private var profiles: UnsafePointer<UInt16>
  private var rowCount = 0
  /// Words with rows.
  private var wordCount = 0
  private var isReady = false

  init(rowCountMax: Int) {
    let wordCount = rowVectorWordCount(rowCountMax)
    ends = Scratch(count: wordCount)
    windows = Scratch(count: wordCount)
    left = Scratch(count: wordCount)
    listed = Scratch(count: rowCountMax + 64)
    listedProfiles = Scratch(count: rowCountMax + 128)
    unsafe profiles = UnsafePointer(noProfiles.pointer)
  }

  /// Turns to another table of events, by row its profile, ascending.
  func begin(profiles: UnsafePointer<UInt16>, rowCount: Int) {
    unsafe self.profiles = profiles
    self.rowCount = rowCount
    wordCount = (rowCount + 63) / 64
    isReady = false
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
    if !isReady { makeReady() }
    let (ends, windows, found) = unsafe (ends.pointer, windows.pointer, found.pointer)
    unsafe found.update(repeating: 0, count: BlockVector.wordCount + 1)
    var carry = false
    for word in 0..<wordCount {
      let (own, end) = unsafe (rows[word], ends[word])
      let last = (carried(own, end, &carry) | own) & end
      if last == 0 { continue }
      let window = unsafe windows[word]
      if window.profiles == 0 {
        unsafe mark(last, word, found)
        continue
      }
      let bits = deposit(extract(last, where: end), where: window.profiles)
      let place = unsafe found + Int(window.first >> 6)
      let shift = UInt64(truncatingIfNeeded: window.first & 63)
      unsafe place[0] |= bits &<< shift
      unsafe place[1] |= (bits &>> 1) &>> (63 &- shift)
    }
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
    if !isReady { makeReady() }
    var source = unsafe rows
    for _ in 1..<atLeast {
      let isAny = unsafe removeFirstRows(
        source,
        ends.pointer,
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

  private func makeReady() {
    isReady = true
    unsafe writeRowEnds(profiles, count: rowCount, into: ends.pointer)
    for word in 0..<wordCount {
      unsafe windows.pointer[word] = window(ends.pointer[word], word)
    }
  }

  /// The profiles that end in a word.
  private func window(_ ends: UInt64, _ word: Int) -> ProfileWindow {
    var window = ProfileWindow()
    if ends == 0 { return window }
    let rows = unsafe profiles + word &* 64
    let first = unsafe rows[ends.trailingZeroBitCount]
    if unsafe rows[63 &- ends.leadingZeroBitCount] &- first > 63 { return window }
    window.first = first
    var rest = ends
    while rest != 0 {
      let place = unsafe rows[rest.trailingZeroBitCount] &- first
      window.profiles |= 1 &<< UInt64(place)
      rest &= rest &- 1
    }
    return window
  }
}

/// The profiles whose last rows are in one word of a vector.
private struct ProfileWindow: BitwiseCopyable {
  /// The first of them.
  var first: UInt16 = 0
  /// A bit for each, from the first one on; 0 when they are too far from each other.
  var profiles: UInt64 = 0
}
