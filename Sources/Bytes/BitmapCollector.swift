/// Collects many sets of the same numbers at once, a part of each after the other.
///
/// A part covers at most 1,024 neighbouring numbers. All parts lie in one memory that only grows, so
/// that nothing is allocated or looked up when one is added.
@safe public final class BitmapCollector: @unchecked Sendable {
  /// Words of a stretch of memory.
  private static let segmentWordCount = 1 << 17

  private let partCount: Int
  /// By set and part: the count of members, above it where its words begin.
  private let heads: UnsafeMutablePointer<UInt64>
  private var segments: [UnsafeMutablePointer<UInt64>]
  /// The last stretch, where it begins among the words of all, and how many of its words are used.
  private var last: UnsafeMutablePointer<UInt64>?
  private var lastStart = 0
  private var used = 0

  /// Makes room for so many parts of each of so many sets.
  public init(setCount: Int, partCount: Int) {
    self.partCount = partCount
    unsafe heads = .allocate(capacity: max(1, setCount * partCount))
    unsafe heads.initialize(repeating: 0, count: max(1, setCount * partCount))
    unsafe segments = []
    unsafe last = nil
  }

  deinit {
    unsafe heads.deallocate()
    for index in unsafe segments.indices { unsafe segments[index].deallocate() }
  }

  /// Sets one part of one set.
  ///
  /// - Parameters:
  ///   - part: below the count of parts.
  ///   - set: below the count of sets.
  ///   - words: 16 words of bits; those beyond the part's numbers are not set.
  public func put(_ part: Int, of set: Int, _ words: UnsafePointer<UInt64>) {
    let room = unsafe roomForPart()
    let count = unsafe BitmapChunk.pack(words, into: room + used)
    unsafe heads[set * partCount + part] = BitmapChunk.head(count: count, start: lastStart + used)
    used += BitmapChunk.wordCount(count)
  }

  /// The stretch of memory that has room for one more part.
  private func roomForPart() -> UnsafeMutablePointer<UInt64> {
    if let last = unsafe last, used + BitmapChunk.bitWordCount <= Self.segmentWordCount {
      return unsafe last
    }
    let next = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.segmentWordCount)
    lastStart = unsafe segments.count * Self.segmentWordCount
    unsafe segments.append(next)
    unsafe last = next
    used = 0
    return unsafe next
  }

  /// Puts a set together from the parts that several collectors have, one after the other.
  ///
  /// - Parameters:
  ///   - set: its number in each of them.
  ///   - collectors: each with the parts that follow those of the one before.
  ///   - partSize: numbers of a part, at most 1,024.
  /// - Returns: the set.
  public static func bitmap(
    of set: Int,
    from collectors: [BitmapCollector],
    partSize: Int
  ) -> Bitmap {
    if partSize == BitmapChunk.size { return joined(set, collectors) }
    var builder = BitmapBuilder()
    var words = [UInt64](repeating: 0, count: BitmapChunk.bitWordCount)
    for collector in collectors {
      for part in 0..<collector.partCount {
        unsafe words.withUnsafeMutableBufferPointer { words in
          guard let start = words.baseAddress else { return }
          let (count, packed) = unsafe collector.part(part, of: set)
          let payload = unsafe UnsafeBufferPointer(
            start: packed,
            count: BitmapChunk.wordCount(count)
          )
          unsafe BitmapChunk.expand(
            BitmapChunk.head(count: count, start: 0),
            of: payload,
            into: start
          )
          unsafe builder.append(start, count: partSize)
        }
      }
    }
    return builder.bitmap()
  }

  private static func joined(_ set: Int, _ collectors: [BitmapCollector]) -> Bitmap {
    var partCount = 0
    var wordCount = 0
    for collector in collectors {
      partCount += collector.partCount
      for part in 0..<collector.partCount {
        unsafe wordCount += BitmapChunk.wordCount(collector.part(part, of: set).count)
      }
    }
    var heads: [UInt64] = []
    heads.reserveCapacity(partCount)
    let payload = unsafe [UInt64](unsafeUninitializedCapacity: wordCount) { words, initialized in
      guard var next = words.baseAddress else { return }
      for collector in collectors {
        for part in 0..<collector.partCount {
          let (count, packed) = unsafe collector.part(part, of: set)
          heads.append(BitmapChunk.head(count: count, start: initialized))
          let size = BitmapChunk.wordCount(count)
          if let packed = unsafe packed {
            for index in 0..<size { unsafe next[index] = packed[index] }
          }
          unsafe next += size
          initialized += size
        }
      }
    }
    return Bitmap(heads: heads, payload: payload)
  }

  private func part(_ part: Int, of set: Int) -> (count: Int, words: UnsafePointer<UInt64>?) {
    let head = unsafe heads[set * partCount + part]
    let count = BitmapChunk.count(head)
    let start = BitmapChunk.start(head)
    if BitmapChunk.wordCount(count) == 0 { return (count, nil) }
    let segment = unsafe segments[start / Self.segmentWordCount]
    return unsafe (count, UnsafePointer(segment + start % Self.segmentWordCount))
  }
}
