/// A set of small whole numbers, kept in chunks of 1,024 numbers each.
///
/// A chunk takes memory by what is in it: none when it is empty or full, two bytes a member when it
/// has few, else a bit for each of its numbers. How a chunk is kept follows from its members alone,
/// so equal sets have equal parts.
public struct Bitmap: Hashable, Sendable {
  /// For each chunk its member count in the low 16 bits, above them where its words begin.
  ///
  /// Invariant: the last chunk is not empty; the words of chunks follow each other without a gap,
  /// unless they are shared.
  var heads: [UInt64]
  /// The words of the chunks, `BitmapChunk.wordCount` for each; none when they are shared.
  var payload: [UInt64]
  /// Where the words are when other sets have theirs there too.
  let shared: SharedWords?

  init(heads: [UInt64], payload: [UInt64]) {
    self.heads = heads
    self.payload = payload
    shared = nil
    trim()
  }

  init(heads: [UInt64], shared: SharedWords) {
    self.heads = heads
    payload = []
    self.shared = shared
    trim()
  }

  /// The empty set.
  public init() {
    heads = []
    payload = []
    shared = nil
  }

  /// Takes bits as words: bit `n % 64` of word `n / 64` for member `n`.
  public init(words: [UInt64]) {
    var builder = BitmapBuilder()
    unsafe words.withUnsafeBufferPointer { words in
      if let start = words.baseAddress { unsafe builder.append(start, count: words.count * 64) }
    }
    self = builder.bitmap()
  }

  /// The numbers `0..<count`.
  public init(below count: Int) {
    var builder = BitmapBuilder()
    builder.append(full: Swift.max(0, count))
    self = builder.bitmap()
  }

  /// The given numbers, which must not be negative.
  public init(_ members: some Sequence<Int>) {
    self.init()
    for member in members { insert(member) }
  }

  public var isEmpty: Bool { heads.isEmpty }

  /// How many members there are.
  public var count: Int { heads.reduce(0) { $0 &+ BitmapChunk.count($1) } }

  /// A checksum of the members: the same for equal sets.
  public var digest: UInt32 {
    if shared != nil { return compacted().digest }
    let seed = unsafe heads.withUnsafeBytes { unsafe crc32c($0) }
    return unsafe payload.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
  }

  /// How many chunks there are up to the last member's.
  public var chunkCount: Int { heads.count }

  /// The largest member; `nil` when there is none.
  public var last: Int? {
    guard let head = heads.last else { return nil }
    let first = (heads.count - 1) * BitmapChunk.size
    if BitmapChunk.count(head) == BitmapChunk.size { return first + BitmapChunk.size - 1 }
    return unsafe withWords(ofChunk: heads.count - 1) { words in
      let count = BitmapChunk.count(head)
      if count <= BitmapChunk.sparseCountMax {
        return unsafe first + BitmapChunk.entry(count - 1, of: words)
      }
      var word = BitmapChunk.bitWordCount - 1
      while word > 0, unsafe words[word] == 0 { word -= 1 }
      return unsafe first + word * 64 + 63 - words[word].leadingZeroBitCount
    }
  }

  /// Calls a closure with each member, in ascending order.
  public func forEachMember(_ body: (Int) -> Void) {
    for chunk in heads.indices {
      let count = BitmapChunk.count(heads[chunk])
      let first = chunk * BitmapChunk.size
      if count == BitmapChunk.size {
        for place in 0..<count { body(first + place) }
        continue
      }
      unsafe withWords(ofChunk: chunk) { words in
        if count <= BitmapChunk.sparseCountMax {
          for index in 0..<count { unsafe body(first + BitmapChunk.entry(index, of: words)) }
          return
        }
        for word in 0..<BitmapChunk.bitWordCount {
          var rest = unsafe words[word]
          while rest != 0 {
            body(first + word * 64 + rest.trailingZeroBitCount)
            rest &= rest &- 1
          }
        }
      }
    }
  }

  public func contains(_ number: Int) -> Bool {
    guard number >= 0, number / BitmapChunk.size < heads.count else { return false }
    let chunk = number / BitmapChunk.size
    let place = number % BitmapChunk.size
    let count = BitmapChunk.count(heads[chunk])
    if count == 0 || count == BitmapChunk.size { return count > 0 }
    return unsafe withWords(ofChunk: chunk) { words in
      count <= BitmapChunk.sparseCountMax
        ? (0..<count).contains { unsafe BitmapChunk.entry($0, of: words) == place }
        : unsafe words[place >> 6] >> UInt64(place & 63) & 1 == 1
    }
  }

  /// How many members are below `number`.
  public func rank(_ number: Int) -> Int {
    guard number > 0 else { return 0 }
    let chunk = Swift.min(number / BitmapChunk.size, heads.count)
    var count = 0
    for index in 0..<chunk { count &+= BitmapChunk.count(heads[index]) }
    guard chunk < heads.count else { return count }
    let place = number % BitmapChunk.size
    let words = words(ofChunk: chunk)
    for index in 0..<place >> 6 { count &+= words[index].nonzeroBitCount }
    return count + (words[place >> 6] & ((1 << UInt64(place & 63)) - 1)).nonzeroBitCount
  }

  public mutating func insert(_ number: Int) { set(number, to: true) }

  public mutating func remove(_ number: Int) { set(number, to: false) }

  private mutating func set(_ number: Int, to isMember: Bool) {
    precondition(number >= 0, "a bitmap holds no \(number)")
    if shared != nil { self = compacted() }
    let chunk = number / BitmapChunk.size
    if chunk >= heads.count {
      guard isMember else { return }
      let head = BitmapChunk.head(count: 0, start: payload.count)
      heads.append(contentsOf: repeatElement(head, count: chunk + 1 - heads.count))
    }
    var words = words(ofChunk: chunk)
    let place = number % BitmapChunk.size
    let bit: UInt64 = 1 << UInt64(place & 63)
    guard (words[place >> 6] & bit != 0) != isMember else { return }
    words[place >> 6] ^= bit
    replace(chunk, with: words)
    if !isMember { trim() }
  }

  /// How many of the 1,024 numbers of a chunk are members.
  public func count(ofChunk chunk: Int) -> Int { BitmapChunk.count(heads[chunk]) }

  /// The bits of a chunk, 16 words.
  public func words(ofChunk chunk: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: BitmapChunk.bitWordCount)
    unsafe words.withUnsafeMutableBufferPointer { words in
      if let start = words.baseAddress { unsafe expand(chunk, into: start) }
    }
    return words
  }

  /// Writes the bits of a chunk to 16 words.
  func expand(_ chunk: Int, into words: UnsafeMutablePointer<UInt64>) {
    let count = BitmapChunk.count(heads[chunk])
    unsafe withWords(ofChunk: chunk) { packed in
      unsafe BitmapChunk.expand(packed, count: count, into: words)
    }
  }

  /// Gives a closure the words of a chunk; those of an empty or full one mean nothing.
  @inline(__always)
  func withWords<Result>(
    ofChunk chunk: Int,
    _ body: (UnsafePointer<UInt64>) -> Result
  ) -> Result {
    if let shared {
      return unsafe body(shared.words(of: heads[chunk]))
    }
    let start = BitmapChunk.start(heads[chunk])
    return unsafe payload.withUnsafeBufferPointer { payload in
      unsafe body(payload.baseAddress.map { unsafe $0 + start } ?? BitmapChunk.noWords)
    }
  }

  /// The same set with words of its own, so that it keeps no memory of others.
  public func compacted() -> Bitmap {
    guard shared != nil else { return self }
    let counts = heads.map(BitmapChunk.count)
    let wordCount = counts.reduce(0) { $0 + BitmapChunk.wordCount($1) }
    var heads: [UInt64] = []
    heads.reserveCapacity(counts.count)
    let payload = unsafe [UInt64](unsafeUninitializedCapacity: wordCount) { words, initialized in
      for (chunk, count) in counts.enumerated() {
        heads.append(BitmapChunk.head(count: count, start: initialized))
        let size = BitmapChunk.wordCount(count)
        unsafe withWords(ofChunk: chunk) { packed in
          for index in 0..<size { unsafe words[initialized + index] = packed[index] }
        }
        initialized += size
      }
    }
    return Bitmap(heads: heads, payload: payload)
  }

  private mutating func replace(_ chunk: Int, with words: [UInt64]) {
    let old = heads[chunk]
    let start = BitmapChunk.start(old)
    let oldWordCount = BitmapChunk.wordCount(BitmapChunk.count(old))
    var packed: [UInt64] = []
    let count = unsafe words.withUnsafeBufferPointer { words in
      guard let first = words.baseAddress else { return 0 }
      return unsafe BitmapChunk.pack(first, onto: &packed)
    }
    heads[chunk] = BitmapChunk.head(count: count, start: start)
    if packed.count == oldWordCount {
      for index in packed.indices { payload[start + index] = packed[index] }
      return
    }
    payload.replaceSubrange(start..<start + oldWordCount, with: packed)
    for later in chunk + 1..<Swift.max(heads.count, chunk + 1) {
      heads[later] = BitmapChunk.head(
        count: BitmapChunk.count(heads[later]),
        start: BitmapChunk.start(heads[later]) + packed.count - oldWordCount
      )
    }
  }

  mutating func trim() {
    while let last = heads.last, BitmapChunk.count(last) == 0 { heads.removeLast() }
  }
}

extension Bitmap: Sequence {
  /// Gives the members in ascending order.
  public struct Iterator: IteratorProtocol {
    private let bitmap: Bitmap
    private var chunk = -1
    private var words: [UInt64] = []
    private var index = 0
    private var rest: UInt64 = 0

    init(_ bitmap: Bitmap) { self.bitmap = bitmap }

    public mutating func next() -> Int? {
      while rest == 0 {
        index += 1
        if index >= words.count {
          chunk += 1
          guard chunk < bitmap.heads.count else { return nil }
          if BitmapChunk.count(bitmap.heads[chunk]) == 0 { continue }
          words = bitmap.words(ofChunk: chunk)
          index = 0
        }
        rest = words[index]
      }
      let bit = rest.trailingZeroBitCount
      rest &= rest &- 1
      return chunk * BitmapChunk.size + index * 64 + bit
    }
  }

  public func makeIterator() -> Iterator { Iterator(self) }
}
