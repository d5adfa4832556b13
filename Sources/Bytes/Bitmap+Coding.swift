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
      if let runs = shorterRuns(chunk) {
        kind |= Bitmap.runsFlag
        writer.write(UInt16(truncatingIfNeeded: runs.count))
        for run in runs {
          writer.write(UInt16(truncatingIfNeeded: run.lowerBound))
          writer.write(UInt16(truncatingIfNeeded: run.count - 1))
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

  /// The runs of a chunk when they take fewer bytes than its members or bits do.
  private func shorterRuns(_ chunk: Int) -> [Range<Int>]? {
    let count = BitmapChunk.count(heads[chunk])
    guard count > 3, count < BitmapChunk.size else { return nil }
    let byteCount = count <= BitmapChunk.sparseCountMax ? 2 * count : BitmapChunk.size / 8
    if count > BitmapChunk.sparseCountMax {
      let start = BitmapChunk.start(heads[chunk])
      var carry: UInt64 = 0
      var runCount = 0
      for index in start..<start + BitmapChunk.bitWordCount {
        let word = payload[index]
        runCount &+= (word & ~(word &<< 1 | carry)).nonzeroBitCount
        carry = word &>> 63
      }
      guard 2 + 4 * runCount < byteCount else { return nil }
    }
    let runs = Bitmap.runs(of: words(ofChunk: chunk))
    return 2 + 4 * runs.count < byteCount ? runs : nil
  }

  private static func runs(of words: [UInt64]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var position = 0
    while let start = next(in: words, from: position, isMember: true) {
      position = next(in: words, from: start, isMember: false) ?? words.count * 64
      runs.append(start..<position)
    }
    return runs
  }

  /// The first number from `position` on that is a member or is none.
  private static func next(in words: [UInt64], from position: Int, isMember: Bool) -> Int? {
    var index = position >> 6
    var mask = UInt64.max << UInt64(position & 63)
    while index < words.count {
      let bits = (isMember ? words[index] : ~words[index]) & mask
      if bits != 0 { return index * 64 + bits.trailingZeroBitCount }
      index += 1
      mask = .max
    }
    return nil
  }
}
