/// A bitmap as bytes.
///
/// ```
/// 0 empty
/// 1 full     varint count: the members are 0..<count
/// 2 sparse   varint count, then for each member the varint distance from the number after the one before
/// 3 chunks   varint chunk count; for each chunk of 1,024 numbers its kind and member count as UInt16;
///            then what each chunk's kind asks for
///
/// kind and member count   what follows
/// 0, 1,024                nothing: no number, every number
/// 1 … 32                  each member as UInt16, ascending
/// 33 … 1,023              16 words of 8 bytes: bit `n % 64` of word `n / 64`
/// 0x8000 + the count      runs: UInt16 how many, then each as UInt16 start and UInt16 length less 1
/// ```
///
/// A set is full when it can be, else sparse when it has at most one member a chunk on average, else
/// chunks; runs stand where they are shorter. So equal bitmaps have equal bytes.
extension Bitmap {
  enum Form {
    static let empty: UInt8 = 0
    static let full: UInt8 = 1
    static let sparse: UInt8 = 2
    static let chunks: UInt8 = 3
  }

  static let runsFlag: UInt16 = 0x8000

  public func encode(into writer: inout ByteWriter) {
    if shared != nil { return compacted().encode(into: &writer) }
    guard let last else { return writer.write(Form.empty) }
    let count = count
    if count == last + 1 {
      writer.write(Form.full)
      writer.writeVarint(count)
    } else if count <= chunkCount {
      writer.write(Form.sparse)
      writer.writeVarint(count)
      var next = 0
      forEachMember { member in
        writer.writeVarint(member - next)
        next = member + 1
      }
    } else {
      encodeChunks(into: &writer)
    }
  }

  private func encodeChunks(into writer: inout ByteWriter) {
    writer.write(Form.chunks)
    writer.writeVarint(chunkCount)
    let kinds = writer.count
    writer.writeRaw(repeatElement(0, count: 2 * chunkCount))
    for (chunk, head) in heads.enumerated() {
      var kind = UInt16(truncatingIfNeeded: BitmapChunk.count(head))
      if let runCount = shorterRunCount(chunk) {
        kind |= Bitmap.runsFlag
        writer.write(UInt16(truncatingIfNeeded: runCount))
        forEachRun(ofChunk: chunk) { start, end in
          writer.write(UInt16(truncatingIfNeeded: start))
          writer.write(UInt16(truncatingIfNeeded: end - 1 - start))
        }
      } else {
        let start = BitmapChunk.start(head)
        let wordCount = BitmapChunk.wordCount(BitmapChunk.count(head))
        let byteCount =
          wordCount == BitmapChunk.bitWordCount ? 8 * wordCount : 2 * BitmapChunk.count(head)
        unsafe payload[start..<start + wordCount].withUnsafeBytes { words in
          unsafe writer.bytes.append(contentsOf: words.prefix(byteCount))
        }
      }
      writer.bytes[kinds + 2 * chunk] = UInt8(truncatingIfNeeded: kind)
      writer.bytes[kinds + 2 * chunk + 1] = UInt8(truncatingIfNeeded: kind >> 8)
    }
  }

  /// How many runs a chunk has when they take fewer bytes than its members or bits do.
  private func shorterRunCount(_ chunk: Int) -> Int? {
    let count = BitmapChunk.count(heads[chunk])
    guard count > 3, count < BitmapChunk.size else { return nil }
    let isSparse = count <= BitmapChunk.sparseCountMax
    let runCount = unsafe withWords(ofChunk: chunk) { words in
      var runCount = 0
      if isSparse {
        var next = -1
        for index in 0..<count {
          let entry = unsafe BitmapChunk.entry(index, of: words)
          if entry != next { runCount += 1 }
          next = entry + 1
        }
      } else {
        var carry: UInt64 = 0
        for index in 0..<BitmapChunk.bitWordCount {
          let word = unsafe words[index]
          runCount &+= (word & ~(word &<< 1 | carry)).nonzeroBitCount
          carry = word &>> 63
        }
      }
      return runCount
    }
    let byteCount = isSparse ? 2 * count : BitmapChunk.size / 8
    return 2 + 4 * runCount < byteCount ? runCount : nil
  }

  /// Gives a closure the runs of a chunk that is neither empty nor full, and where each ends.
  private func forEachRun(ofChunk chunk: Int, _ body: (_ start: Int, _ end: Int) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: BitmapChunk.bitWordCount) {
      room in
      guard let words = room.baseAddress else { return }
      unsafe expand(chunk, into: words)
      var position = 0
      while let start = unsafe Bitmap.next(in: words, from: position, isMember: true) {
        position =
          unsafe Bitmap.next(in: words, from: start, isMember: false) ?? BitmapChunk.size
        body(start, position)
      }
    }
  }

  /// The first number of a chunk from `position` on that is a member or is none.
  private static func next(
    in words: UnsafePointer<UInt64>,
    from position: Int,
    isMember: Bool
  ) -> Int? {
    var index = position >> 6
    var mask = UInt64.max << UInt64(position & 63)
    while index < BitmapChunk.bitWordCount {
      let word = unsafe words[index]
      let bits = (isMember ? word : ~word) & mask
      if bits != 0 { return index * 64 + bits.trailingZeroBitCount }
      index += 1
      mask = .max
    }
    return nil
  }
}
