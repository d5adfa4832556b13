/// A set of small whole numbers, kept in chunks of 1,024 numbers each.
///
/// A chunk takes memory by what is in it: none when it is empty or full, two bytes a member when it
/// has few, else a bit for each of its numbers. How a chunk is kept follows from its members alone,
/// so equal sets have equal parts.
public struct Bitmap: Hashable, Sendable {
  /// For each chunk its member count in the low 16 bits, above them where its words begin.
  ///
  /// Invariant: the last chunk is not empty; the words of chunks follow each other without a gap.
  var heads: [UInt64]
  /// The words of the chunks, `BitmapChunk.wordCount` for each.
  var payload: [UInt64]

  init(heads: [UInt64], payload: [UInt64]) {
    self.heads = heads
    self.payload = payload
    trim()
  }

  /// The empty set.
  public init() {
    heads = []
    payload = []
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
    let seed = unsafe heads.withUnsafeBytes { unsafe crc32c($0) }
    return unsafe payload.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
  }

  /// How many chunks there are up to the last member's.
  public var chunkCount: Int { heads.count }

  /// The largest member; `nil` when there is none.
  public var last: Int? {
    guard let head = heads.last else { return nil }
    let count = BitmapChunk.count(head)
    let start = BitmapChunk.start(head)
    let first = (heads.count - 1) * BitmapChunk.size
    if count == BitmapChunk.size { return first + count - 1 }
    if count <= BitmapChunk.sparseCountMax {
      return first + BitmapChunk.entry(count - 1, of: payload, at: start)
    }
    var word = BitmapChunk.bitWordCount - 1
    while word > 0, payload[start + word] == 0 { word -= 1 }
    return first + word * 64 + 63 - payload[start + word].leadingZeroBitCount
  }

  /// Calls a closure with each member, in ascending order.
  public func forEachMember(_ body: (Int) -> Void) {
    for (chunk, head) in heads.enumerated() {
      let count = BitmapChunk.count(head)
      let start = BitmapChunk.start(head)
      let first = chunk * BitmapChunk.size
      if count == BitmapChunk.size {
        for place in 0..<count { body(first + place) }
      } else if count <= BitmapChunk.sparseCountMax {
        for index in 0..<count { body(first + BitmapChunk.entry(index, of: payload, at: start)) }
      } else {
        for word in 0..<BitmapChunk.bitWordCount {
          var rest = payload[start + word]
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
    let head = heads[number / BitmapChunk.size]
    let place = number % BitmapChunk.size
    let start = BitmapChunk.start(head)
    switch BitmapChunk.count(head) {
    case 0: return false
    case BitmapChunk.size: return true
    case let count where count <= BitmapChunk.sparseCountMax:
      return (0..<count).contains { BitmapChunk.entry($0, of: payload, at: start) == place }
    default: return payload[start + place >> 6] >> UInt64(place & 63) & 1 == 1
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
    let head = heads[chunk]
    unsafe payload.withUnsafeBufferPointer { payload in
      unsafe BitmapChunk.expand(head, of: payload, into: words)
    }
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
