/// How the members among 1,024 neighbouring numbers are kept.
///
/// ```
/// members     words
/// 0, 1,024    none
/// 1 … 32      four entries a word, ascending, each 16 bits, the low ones first, the rest zero
/// 33 … 1,023  16: a bit for each number
/// ```
enum BitmapChunk {
  /// Numbers of a chunk.
  static let size = 1_024
  /// Words for a bit for each number.
  static let bitWordCount = size / 64
  /// The most members that are listed.
  static let sparseCountMax = 32

  /// Words that a chunk of so many members takes.
  static func wordCount(_ count: Int) -> Int {
    if count == 0 || count == size { return 0 }
    return count <= sparseCountMax ? (count + 3) / 4 : bitWordCount
  }

  static func head(count: Int, start: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: count) | UInt64(truncatingIfNeeded: start) << 16
  }

  static func count(_ head: UInt64) -> Int { Int(truncatingIfNeeded: head & 0xFFFF) }

  static func start(_ head: UInt64) -> Int { Int(truncatingIfNeeded: head >> 16) }

  /// A listed member.
  @inline(__always)
  static func entry(_ index: Int, of words: UnsafePointer<UInt64>) -> Int {
    Int(truncatingIfNeeded: unsafe words[index / 4] >> UInt64(index % 4 * 16) & 0xFFFF)
  }

  /// The bits of an empty chunk.
  static let emptyBits = [UInt64](repeating: 0, count: bitWordCount)

  /// Stands for the words of chunks that have none.
  nonisolated(unsafe) static let noWords: UnsafePointer<UInt64> = {
    let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    unsafe word.initialize(to: 0)
    return unsafe UnsafePointer(word)
  }()

  /// Appends the words of a chunk, given as 16 words of bits.
  ///
  /// - Parameters:
  ///   - words: the bits.
  ///   - payload: what the words are appended to.
  /// - Returns: how many members there are.
  static func pack(_ words: UnsafePointer<UInt64>, onto payload: inout [UInt64]) -> Int {
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: bitWordCount) { packed in
      guard let start = packed.baseAddress else { return 0 }
      let count = unsafe pack(words, into: start)
      unsafe payload.append(contentsOf: packed[..<wordCount(count)])
      return count
    }
  }

  /// Writes the words of a chunk, given as 16 words of bits, where there is room for 16 words.
  ///
  /// - Parameters:
  ///   - words: the bits.
  ///   - packed: where the words are written.
  /// - Returns: how many members there are.
  static func pack(
    _ words: UnsafePointer<UInt64>,
    into packed: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let count = unsafe memberCount(words)
    unsafe pack(words, count: count, into: packed)
    return count
  }

  /// Members of a chunk, given as 16 words of bits.
  @inline(__always)
  static func memberCount(_ words: UnsafePointer<UInt64>) -> Int {
    var count = 0
    for index in 0..<bitWordCount { count &+= unsafe words[index].nonzeroBitCount }
    return count
  }

  /// Writes the words of a chunk of so many members, where there is room for 16 words.
  @inline(__always)
  static func pack(
    _ words: UnsafePointer<UInt64>,
    count: Int,
    into packed: UnsafeMutablePointer<UInt64>
  ) {
    if count == 0 || count == size { return }
    if count > sparseCountMax {
      unsafe packed.update(from: words, count: bitWordCount)
      return
    }
    let entries = unsafe UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt16.self)
    var next = 0
    for index in 0..<bitWordCount {
      var rest = unsafe words[index]
      // Two are listed without asking whether they are there; mostly a word has no more.
      for _ in 0..<2 {
        let entry = UInt16(truncatingIfNeeded: index &* 64 &+ rest.trailingZeroBitCount)
        unsafe entries[next] = entry.littleEndian
        next &+= rest == 0 ? 0 : 1
        rest &= rest &- 1
      }
      while rest != 0 {
        let entry = UInt16(truncatingIfNeeded: index &* 64 &+ rest.trailingZeroBitCount)
        unsafe entries[next] = entry.littleEndian
        next &+= 1
        rest &= rest &- 1
      }
    }
    for place in 0..<3 { unsafe entries[count &+ place] = 0 }
  }

  /// Writes the bits of a chunk to 16 words.
  ///
  /// - Parameters:
  ///   - packed: the chunk's words.
  ///   - count: its members.
  ///   - words: where the bits are written.
  static func expand(
    _ packed: UnsafePointer<UInt64>,
    count: Int,
    into words: UnsafeMutablePointer<UInt64>
  ) {
    if count > sparseCountMax, count < size {
      for index in 0..<bitWordCount { unsafe words[index] = packed[index] }
      return
    }
    unsafe words.update(repeating: count == size ? .max : 0, count: bitWordCount)
    if count == size { return }
    for index in 0..<count {
      let entry = unsafe entry(index, of: packed)
      unsafe words[entry >> 6] |= 1 << UInt64(entry & 63)
    }
  }
}
