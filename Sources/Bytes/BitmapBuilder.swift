/// Makes a bitmap from its bits in ascending order.
public struct BitmapBuilder: Sendable {
  private var heads: [UInt64] = []
  private var payload: [UInt64] = []
  /// The bits of a chunk that is not full yet, and a word more that the next one begins with.
  private var pending: [UInt64]
  private var pendingCount = 0

  public init() {
    pending = Array(repeating: 0, count: BitmapChunk.bitWordCount + 1)
  }

  /// Makes room for the heads of so many chunks.
  public mutating func reserve(chunkCount: Int) { heads.reserveCapacity(chunkCount) }

  /// How many bits there are so far, set or not.
  public var count: Int { heads.count * BitmapChunk.size + pendingCount }

  /// Appends bits: bit `i % 64` of word `i / 64` is the next but `i`.
  ///
  /// At a multiple of 1,024 bits this is fast.
  ///
  /// - Parameters:
  ///   - words: the bits; those past `count` are not looked at.
  ///   - count: how many bits.
  public mutating func append(_ words: UnsafePointer<UInt64>, count: Int) {
    var position = 0
    if pendingCount == 0 {
      while count - position >= BitmapChunk.size {
        unsafe appendChunk(words + position / 64)
        position += BitmapChunk.size
      }
    }
    while position < count {
      let added = min(64, count - position)
      let word = unsafe words[position / 64]
      push(added == 64 ? word : word & ((1 << UInt64(added)) - 1), count: added)
      position += 64
    }
  }

  /// Appends `count` bits that are set.
  public mutating func append(full count: Int) {
    var rest = count
    while rest > 0 {
      if pendingCount == 0, rest >= BitmapChunk.size {
        heads.append(BitmapChunk.head(count: BitmapChunk.size, start: payload.count))
        rest -= BitmapChunk.size
      } else {
        let added = min(64, rest)
        push(added == 64 ? .max : (1 << UInt64(added)) - 1, count: added)
        rest -= added
      }
    }
  }

  /// Appends `count` bits that are not set.
  public mutating func append(empty count: Int) {
    var rest = count
    while rest > 0 {
      if pendingCount == 0, rest >= BitmapChunk.size {
        heads.append(BitmapChunk.head(count: 0, start: payload.count))
        rest -= BitmapChunk.size
      } else {
        let added = min(64, rest)
        push(0, count: added)
        rest -= added
      }
    }
  }

  /// Appends the bits of another builder, fast at a multiple of 1,024 bits.
  public mutating func append(_ other: BitmapBuilder) {
    if pendingCount == 0 {
      let offset = UInt64(truncatingIfNeeded: payload.count) << 16
      heads.reserveCapacity(heads.count + other.heads.count)
      for head in other.heads { heads.append(head &+ offset) }
      payload.append(contentsOf: other.payload)
    } else {
      let chunks = Bitmap(heads: other.heads, payload: other.payload)
      for chunk in 0..<chunks.chunkCount {
        for word in chunks.words(ofChunk: chunk) { push(word, count: 64) }
      }
      append(empty: (other.heads.count - chunks.chunkCount) * BitmapChunk.size)
    }
    var rest = other.pendingCount
    for word in other.pending where rest > 0 {
      push(word, count: min(64, rest))
      rest -= 64
    }
  }

  /// The set of the bits so far that are set.
  public func bitmap() -> Bitmap {
    var builder = self
    if builder.pendingCount > 0 { builder.flush() }
    return Bitmap(heads: builder.heads, payload: builder.payload)
  }

  /// Appends a word's low bits, all others of which are zero.
  private mutating func push(_ word: UInt64, count: Int) {
    let shift = UInt64(pendingCount & 63)
    pending[pendingCount >> 6] |= word << shift
    if shift > 0 { pending[pendingCount >> 6 + 1] |= word >> (64 - shift) }
    pendingCount += count
    if pendingCount >= BitmapChunk.size { flush() }
  }

  private mutating func flush() {
    let count = unsafe pending.withUnsafeBufferPointer { words in
      guard let start = words.baseAddress else { return 0 }
      return unsafe BitmapChunk.pack(start, onto: &payload)
    }
    appendHead(count)
    let carried = pending[BitmapChunk.bitWordCount]
    for index in pending.indices { pending[index] = 0 }
    pending[0] = carried
    pendingCount = max(0, pendingCount - BitmapChunk.size)
  }

  private mutating func appendChunk(_ words: UnsafePointer<UInt64>) {
    appendHead(unsafe BitmapChunk.pack(words, onto: &payload))
  }

  /// Appends the head of a chunk whose words were just appended.
  private mutating func appendHead(_ count: Int) {
    heads.append(
      BitmapChunk.head(count: count, start: payload.count - BitmapChunk.wordCount(count))
    )
  }
}
