extension Bitmap {
  public static func == (one: Bitmap, other: Bitmap) -> Bool {
    if one.shared == nil, other.shared == nil {
      return one.heads == other.heads && one.payload == other.payload
    }
    return one.heads.count == other.heads.count
      && one.heads.indices.allSatisfy { one.isEqual(to: other, inChunk: $0) }
  }

  public func hash(into hasher: inout Hasher) {
    for head in heads { hasher.combine(BitmapChunk.count(head)) }
  }

  /// Whether a chunk, which both have, has the same members.
  func isEqual(to other: Bitmap, inChunk chunk: Int) -> Bool {
    let count = BitmapChunk.count(heads[chunk])
    guard count == BitmapChunk.count(other.heads[chunk]) else { return false }
    return unsafe withWords(ofChunk: chunk) { own in
      unsafe other.withWords(ofChunk: chunk) { others in
        var differences: UInt64 = 0
        for word in 0..<BitmapChunk.wordCount(count) {
          unsafe differences |= own[word] ^ others[word]
        }
        return differences == 0
      }
    }
  }
}
