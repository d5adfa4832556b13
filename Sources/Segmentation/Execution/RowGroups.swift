import ProfileStore

/// Rows by profile: it turns a vector with a bit for each row into one with a bit for each profile.
@safe final class RowGroups {
  /// How often profiles need a row, up to which rows are taken out of the vector one after the other.
  static let removalCountMax = 16

  /// A bit for the last row of each profile.
  private var ends: UnsafePointer<UInt64>
  /// By word, how many rows are the last ones in the words before, and one more.
  private let endCounts: Scratch<UInt32>
  private let left: Scratch<UInt64>
  /// The profiles that have rows, and by word how many there are in the words before.
  private let present = Scratch<UInt64>(count: BlockVector.wordCount)
  private let presentCounts = Scratch<UInt32>(count: BlockVector.wordCount)
  /// A bit for each profile that has rows, one after the other.
  private let dense = Scratch<UInt64>(count: BlockVector.wordCount + 2)
  private let noRows = Scratch<UInt64>(count: 1)
  /// Words with rows.
  private(set) var wordCount = 0

  init(rowCountMax: Int) {
    let wordCount = rowVectorWordCount(rowCountMax)
    endCounts = Scratch(count: wordCount + 1)
    left = Scratch(count: wordCount)
    unsafe ends = UnsafePointer(noRows.pointer)
  }

  /// Turns to other rows.
  ///
  /// - Parameters:
  ///   - ends: a bit for the last row of each profile, valid as long as these rows are asked about.
  ///   - profiles: a bit for each profile that has rows.
  ///   - profileWordCount: words of the profiles.
  ///   - rowCount: how many rows.
  func begin(
    ends: UnsafePointer<UInt64>,
    profiles: UnsafePointer<UInt64>,
    profileWordCount: Int,
    rowCount: Int
  ) {
    unsafe self.ends = ends
    wordCount = (rowCount + 63) / 64
    var count: UInt32 = 0
    for word in 0..<wordCount {
      unsafe endCounts.pointer[word] = count
      count &+= unsafe UInt32(truncatingIfNeeded: ends[word].nonzeroBitCount)
    }
    unsafe endCounts.pointer[wordCount] = count
    count = 0
    for word in 0..<BlockVector.wordCount {
      let own = unsafe word < profileWordCount ? profiles[word] : 0
      unsafe present.pointer[word] = own
      unsafe presentCounts.pointer[word] = count
      count &+= UInt32(truncatingIfNeeded: own.nonzeroBitCount)
    }
  }

  /// Notes where the rows of each profile are.
  func write(to index: RowIndex) {
    unsafe index.take(profiles: present.pointer, ends: ends, wordCount: wordCount)
  }

  /// Writes who has a row of a vector.
  func write(_ rows: UnsafePointer<UInt64>, into vector: UnsafeMutablePointer<UInt64>) {
    let (ends, endCounts) = unsafe (ends, endCounts.pointer)
    let (dense, present) = unsafe (dense.pointer, present.pointer)
    let presentCounts = unsafe presentCounts.pointer
    var carry: UInt8 = 0
    var any: UInt64 = 0
    var part: UInt64 = 0
    for word in 0..<wordCount {
      let (own, end) = unsafe (rows[word], ends[word])
      let last = (carried(own, end, &carry) | own) & end
      any |= last
      let bits = extract(last, where: end)
      let first = Int(unsafe endCounts[word])
      let shift = UInt64(truncatingIfNeeded: first & 63)
      part |= bits &<< shift
      if unsafe first >> 6 != Int(endCounts[word &+ 1]) >> 6 {
        unsafe dense[first >> 6] = part
        part = (bits &>> 1) &>> (63 &- shift)
      }
    }
    if any == 0 { return unsafe vector.update(repeating: 0, count: BlockVector.wordCount) }
    unsafe dense[Int(endCounts[wordCount]) >> 6] = part
    for word in 0..<BlockVector.wordCount {
      let first = Int(unsafe presentCounts[word])
      let shift = UInt64(truncatingIfNeeded: first & 63)
      let place = unsafe dense + first >> 6
      let bits = unsafe place[0] &>> shift | (place[1] &<< 1) &<< (63 &- shift)
      unsafe vector[word] = deposit(bits, where: present[word])
    }
  }

  /// Writes who has at least so many rows of a vector, from two to `removalCountMax`.
  func write(
    _ rows: UnsafePointer<UInt64>,
    atLeast: Int,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    var source = unsafe rows
    for _ in 1..<atLeast {
      let isAny = unsafe removeFirstRows(source, ends, wordCount: wordCount, into: left.pointer)
      if !isAny {
        return unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
      }
      unsafe source = UnsafePointer(left.pointer)
    }
    unsafe write(source, into: vector)
  }
}
