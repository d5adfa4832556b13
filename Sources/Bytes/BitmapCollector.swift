/// Collects many sets of the same numbers at once, a part of each after the other.
///
/// A part covers at most 1,024 neighbouring numbers. All parts lie in one memory that only grows, so
/// that nothing is allocated or looked up when one is added.
@safe public final class BitmapCollector: @unchecked Sendable {
  /// Words of a stretch of memory.
  static let segmentWordCount = 1 << 17
  /// The most sets that get a part at once.
  public static let setsAtOnceMax = 32

  fileprivate let partCount: Int
  private let setCount: Int
  /// By part and set: the count of members, above it where its words begin.
  private let heads: UnsafeMutablePointer<UInt64>
  fileprivate private(set) var segments: [UnsafeMutablePointer<UInt64>]
  /// The last stretch, where it begins among the words of all, and how many of its words are used.
  private var last: UnsafeMutablePointer<UInt64>?
  private var lastStart = 0
  private var used = 0
  /// Of the sets that get a part, how many members it has.
  private let counts: UnsafeMutablePointer<Int>

  /// Makes room for so many parts of each of so many sets.
  public init(setCount: Int, partCount: Int) {
    self.partCount = partCount
    self.setCount = setCount
    unsafe counts = .allocate(capacity: Self.setsAtOnceMax)
    unsafe counts.initialize(repeating: 0, count: Self.setsAtOnceMax)
    unsafe heads = .allocate(capacity: max(1, setCount * partCount))
    unsafe heads.initialize(repeating: 0, count: max(1, setCount * partCount))
    unsafe segments = []
    unsafe last = nil
  }

  deinit {
    unsafe heads.deallocate()
    unsafe counts.deallocate()
    for index in unsafe segments.indices { unsafe segments[index].deallocate() }
  }

  /// Sets one part of one set.
  ///
  /// - Parameters:
  ///   - part: below the count of parts.
  ///   - set: below the count of sets.
  ///   - words: 16 words of bits; those beyond the part's numbers are not set.
  public func put(_ part: Int, of set: Int, _ words: UnsafePointer<UInt64>) {
    unsafe put(part, of: set..<set + 1, words, stride: 0)
  }

  /// Sets one part of some neighbouring sets.
  ///
  /// The processor counts the members of many before it waits for the first count.
  ///
  /// - Parameters:
  ///   - part: below the count of parts.
  ///   - sets: at most `setsAtOnceMax`.
  ///   - words: 16 words of bits of each; those beyond the part's numbers are not set.
  ///   - stride: how many words behind a set's those of the next one begin.
  public func put(
    _ part: Int,
    of sets: Range<Int>,
    _ words: UnsafePointer<UInt64>,
    stride: Int
  ) {
    let count = min(sets.count, Self.setsAtOnceMax)
    for index in 0..<count {
      unsafe counts[index] = BitmapChunk.memberCount(words + index &* stride)
    }
    let heads = unsafe heads + (part * setCount + sets.lowerBound)
    for index in 0..<count {
      let room = unsafe roomForPart()
      let (own, count) = unsafe (words + index &* stride, counts[index])
      unsafe BitmapChunk.pack(own, count: count, into: room + used)
      unsafe heads[index] = BitmapChunk.head(count: count, start: lastStart &+ used)
      used &+= BitmapChunk.wordCount(count)
    }
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

  /// Writes the heads of a set's parts, each with the same added.
  fileprivate func writeHeads(
    of set: Int,
    adding start: UInt64,
    to target: UnsafeMutablePointer<UInt64>
  ) {
    let (heads, setCount, partCount) = unsafe (heads, setCount, partCount)
    for part in 0..<partCount {
      unsafe (target + part).initialize(to: heads[part &* setCount &+ set] &+ start)
    }
  }
}

/// The sets that several collectors have parts of, one collector's after the other's.
@safe public struct CollectedBitmaps: Sendable {
  private let collectors: [BitmapCollector]
  private let partSize: Int
  private let partCount: Int
  private let words: SharedWords

  /// Takes collectors as they are; nothing may be added to them any more.
  ///
  /// - Parameters:
  ///   - collectors: each with the parts that follow those of the one before.
  ///   - partSize: numbers of a part, at most 1,024.
  public init(_ collectors: [BitmapCollector], partSize: Int) {
    self.collectors = collectors
    self.partSize = partSize
    partCount = collectors.reduce(0) { $0 + $1.partCount }
    words = SharedWords(collectors)
  }

  /// A set by its number; its words stay where the collectors have them.
  public func bitmap(of set: Int) -> Bitmap {
    let heads = unsafe [UInt64](unsafeUninitializedCapacity: partCount) { heads, count in
      guard let start = heads.baseAddress else { return }
      for (number, collector) in collectors.enumerated() {
        unsafe collector.writeHeads(of: set, adding: words.start(of: number), to: start + count)
        count += collector.partCount
      }
    }
    if partSize == BitmapChunk.size { return Bitmap(heads: heads, shared: words) }
    // Parts that are no whole chunks are put together anew.
    let parts = Bitmap(heads: heads, shared: words)
    var builder = BitmapBuilder()
    for part in heads.indices {
      let bits = part < parts.chunkCount ? parts.words(ofChunk: part) : BitmapChunk.emptyBits
      unsafe bits.withUnsafeBufferPointer { bits in
        if let start = bits.baseAddress { unsafe builder.append(start, count: partSize) }
      }
    }
    return builder.bitmap()
  }
}

/// The words of all sets that some collectors have.
@safe final class SharedWords: @unchecked Sendable {
  private let collectors: [BitmapCollector]
  /// The stretches of memory of all collectors.
  private let segments: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>>
  /// By collector, the number of its first stretch.
  private let firstSegments: [Int]

  init(_ collectors: [BitmapCollector]) {
    self.collectors = collectors
    var all: [UnsafeMutablePointer<UInt64>] = unsafe []
    var firstSegments: [Int] = []
    for collector in collectors {
      unsafe firstSegments.append(all.count)
      unsafe all += collector.segments
    }
    self.firstSegments = firstSegments
    unsafe segments = .allocate(capacity: all.count + 1)
    unsafe segments.initialize(from: all, count: all.count)
  }

  deinit { unsafe segments.deallocate() }

  /// What is added to the heads of a collector.
  func start(of collector: Int) -> UInt64 {
    BitmapChunk.head(
      count: 0,
      start: firstSegments[collector] * BitmapCollector.segmentWordCount
    )
  }

  /// The words of a chunk by its head; those of an empty or full one mean nothing.
  @inline(__always)
  func words(of head: UInt64) -> UnsafePointer<UInt64> {
    let count = BitmapChunk.count(head)
    if count == 0 || count == BitmapChunk.size { return unsafe BitmapChunk.noWords }
    return unsafe SharedWords.words(of: head, in: segments)
  }

  /// The words of a chunk that has some, in stretches of memory.
  @inline(__always)
  static func words(
    of head: UInt64,
    in segments: UnsafePointer<UnsafeMutablePointer<UInt64>>
  ) -> UnsafePointer<UInt64> {
    let start = BitmapChunk.start(head)
    let segment = unsafe segments[start / BitmapCollector.segmentWordCount]
    return unsafe UnsafePointer(segment + start % BitmapCollector.segmentWordCount)
  }

  /// Gives a closure the stretches of memory of all collectors.
  @inline(__always)
  func withSegments<Result>(
    _ body: (UnsafePointer<UnsafeMutablePointer<UInt64>>) -> Result
  ) -> Result {
    defer { withExtendedLifetime(self) {} }
    return unsafe body(segments)
  }
}
