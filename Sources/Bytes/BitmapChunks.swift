/// Where the chunks of a set are, to go through many of them at once.
///
/// Valid in the closure that it is given to.
@unsafe struct BitmapChunks {
  private let heads: UnsafeBufferPointer<UInt64>
  /// The words of all chunks, unless they are shared with other sets.
  private let payload: UnsafePointer<UInt64>
  /// Stretches of memory where shared words are.
  private let shared: UnsafePointer<UnsafeMutablePointer<UInt64>>?

  fileprivate init(
    _ heads: UnsafeBufferPointer<UInt64>,
    _ payload: UnsafePointer<UInt64>,
    _ shared: UnsafePointer<UnsafeMutablePointer<UInt64>>?
  ) {
    unsafe self.heads = heads
    unsafe self.payload = payload
    unsafe self.shared = shared
  }

  var count: Int { unsafe heads.count }

  /// The words of a chunk that has some, by its head.
  @inline(__always)
  private func words(_ head: UInt64) -> UnsafePointer<UInt64> {
    if let shared = unsafe shared { return unsafe SharedWords.words(of: head, in: shared) }
    return unsafe payload + BitmapChunk.start(head)
  }

  /// Whether a chunk, which both have, has the same members.
  @inline(__always)
  func isEqual(to other: BitmapChunks, in chunk: Int) -> Bool {
    let (head, otherHead) = unsafe (heads[chunk], other.heads[chunk])
    let count = BitmapChunk.count(head)
    guard count == BitmapChunk.count(otherHead) else { return false }
    let wordCount = BitmapChunk.wordCount(count)
    if wordCount == 0 { return true }
    let (own, others) = unsafe (words(head), other.words(otherHead))
    var differences: UInt64 = 0
    for word in 0..<wordCount { unsafe differences |= own[word] ^ others[word] }
    return differences == 0
  }
}

extension Bitmap {
  /// Gives a closure the chunks of the set.
  @inline(__always)
  func withChunks<Result>(_ body: (BitmapChunks) -> Result) -> Result {
    unsafe heads.withUnsafeBufferPointer { heads in
      if let shared {
        return unsafe shared.withSegments { segments in
          unsafe body(BitmapChunks(heads, BitmapChunk.noWords, segments))
        }
      }
      return unsafe payload.withUnsafeBufferPointer { payload in
        unsafe body(BitmapChunks(heads, payload.baseAddress ?? BitmapChunk.noWords, nil))
      }
    }
  }
}
