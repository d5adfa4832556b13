extension Bitmap {
  /// Writes the bits of a chunk to 16 words; none behind the last chunk.
  public func copyWords(ofChunk chunk: Int, into words: UnsafeMutablePointer<UInt64>) {
    if chunk < heads.count {
      unsafe expand(chunk, into: words)
    } else {
      unsafe words.update(repeating: 0, count: BitmapChunk.bitWordCount)
    }
  }

  /// Numbers of a chunk, a bit each in its words.
  public static var chunkSize: Int { BitmapChunk.size }
}
