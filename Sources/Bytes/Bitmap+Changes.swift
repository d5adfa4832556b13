extension Bitmap {
  /// What makes another set of this one: who is in the other one alone, and who in this one alone.
  ///
  /// Chunks that are the same in both are passed over.
  public func changes(to other: Bitmap) -> (entered: Bitmap, left: Bitmap) {
    var entered = ChangedChunks()
    var left = ChangedChunks()
    unsafe withUnsafeTemporaryAllocation(
      of: UInt64.self,
      capacity: 2 * BitmapChunk.bitWordCount
    ) { room in
      guard let before = room.baseAddress else { return }
      let after = unsafe before + BitmapChunk.bitWordCount
      forEachChange(to: other) { chunk in
        unsafe copyWords(ofChunk: chunk, into: before)
        unsafe other.copyWords(ofChunk: chunk, into: after)
        for word in 0..<BitmapChunk.bitWordCount {
          let was = unsafe before[word]
          let isNow = unsafe after[word]
          unsafe before[word] = was & ~isNow
          unsafe after[word] = isNow & ~was
        }
        unsafe left.put(before, at: chunk)
        unsafe entered.put(after, at: chunk)
      }
    }
    return (entered.bitmap, left.bitmap)
  }

  /// Calls a closure with each chunk that is not the same in both sets.
  private func forEachChange(to other: Bitmap, _ body: (Int) -> Void) {
    unsafe withChunks { own in
      unsafe other.withChunks { others in
        let (count, otherCount) = unsafe (own.count, others.count)
        let common = Swift.min(count, otherCount)
        for chunk in 0..<common where unsafe !own.isEqual(to: others, in: chunk) { body(chunk) }
        for chunk in common..<Swift.max(count, otherCount) { body(chunk) }
      }
    }
  }

  /// The set after some entered and some left.
  ///
  /// - Parameters:
  ///   - entered: none of them is in the set.
  ///   - left: all of them are.
  /// - Returns: the set; `nil` when that is not so.
  public func applying(entered: Bitmap, left: Bitmap) -> Bitmap? {
    if shared != nil { return compacted().applying(entered: entered, left: left) }
    if entered.isEmpty, left.isEmpty { return self }
    let chunkCount = Swift.max(heads.count, entered.heads.count)
    guard left.heads.count <= chunkCount else { return nil }
    var changed = Bitmap()
    changed.heads.reserveCapacity(chunkCount)
    changed.payload.reserveCapacity(payload.count + entered.payload.count)
    let wordCount = BitmapChunk.bitWordCount
    let isSound = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 3 * wordCount) {
      room in
      guard let members = room.baseAddress else { return false }
      let added = unsafe members + wordCount
      let removed = unsafe added + wordCount
      for chunk in 0..<chunkCount {
        let start = changed.payload.count
        if entered.isEmpty(inChunk: chunk), left.isEmpty(inChunk: chunk) {
          let head = chunk < heads.count ? heads[chunk] : 0
          let count = BitmapChunk.count(head)
          let own = BitmapChunk.start(head)
          changed.payload += payload[own..<own + BitmapChunk.wordCount(count)]
          changed.heads.append(BitmapChunk.head(count: count, start: start))
          continue
        }
        unsafe copyWords(ofChunk: chunk, into: members)
        unsafe entered.copyWords(ofChunk: chunk, into: added)
        unsafe left.copyWords(ofChunk: chunk, into: removed)
        var contradictions: UInt64 = 0
        for word in 0..<wordCount {
          unsafe contradictions |= members[word] & added[word] | ~members[word] & removed[word]
          unsafe members[word] = (members[word] | added[word]) & ~removed[word]
        }
        guard contradictions == 0 else { return false }
        let count = unsafe BitmapChunk.pack(members, onto: &changed.payload)
        changed.heads.append(BitmapChunk.head(count: count, start: start))
      }
      return true
    }
    guard isSound else { return nil }
    changed.trim()
    return changed
  }

  private func isEmpty(inChunk chunk: Int) -> Bool {
    chunk >= heads.count || BitmapChunk.count(heads[chunk]) == 0
  }
}

/// A set of which few chunks are given, in ascending order.
private struct ChangedChunks {
  private var heads: [UInt64] = []
  private var payload: [UInt64] = []

  /// Takes the bits of a chunk.
  mutating func put(_ words: UnsafePointer<UInt64>, at chunk: Int) {
    let start = payload.count
    let count = unsafe BitmapChunk.pack(words, onto: &payload)
    guard count > 0 else { return }
    let empty = BitmapChunk.head(count: 0, start: start)
    for _ in heads.count..<chunk { heads.append(empty) }
    heads.append(BitmapChunk.head(count: count, start: start))
  }

  var bitmap: Bitmap { Bitmap(heads: heads, payload: payload) }
}
