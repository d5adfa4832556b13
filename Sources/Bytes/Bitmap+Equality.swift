extension Bitmap {
  public static func == (one: Bitmap, other: Bitmap) -> Bool {
    if one.shared == nil, other.shared == nil {
      return one.heads == other.heads && one.payload == other.payload
    }
    guard one.heads.count == other.heads.count else { return false }
    return unsafe one.withChunks { chunks in
      unsafe other.withChunks { others in
        unsafe (0..<chunks.count).allSatisfy { unsafe chunks.isEqual(to: others, in: $0) }
      }
    }
  }

  public func hash(into hasher: inout Hasher) {
    for head in heads { hasher.combine(BitmapChunk.count(head)) }
  }
}
