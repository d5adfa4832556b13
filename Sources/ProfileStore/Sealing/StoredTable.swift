import Bytes
import Domain

/// A batch of columns as the store looks at it.
enum StoredTable {
  /// Checks a whole batch, of columns or of rows.
  static func check(_ bytes: [UInt8]) throws(DecodingError) {
    guard bytes.first == TableBatch.version else { return try RowTranscoder.check(bytes) }
    let read: Result<Void, DecodingError> = unsafe bytes.withUnsafeBytes { bytes in
      do throws(DecodingError) {
        _ = try unsafe checked(bytes)
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try read.get()
  }

  /// The layout of a batch of columns, all of which is checked.
  static func checked(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) -> TableLayout {
    let layout = try unsafe TableLayout(bytes)
    guard layout.kind == .attributes else { return layout }
    for column in layout.columns where column.names.first == ReservedFields.events {
      throw .invalidValue(at: 0, what: "an attribute named \(ReservedFields.events)")
    }
    return layout
  }

  /// Where each text is in the batch's bytes.
  static func ranges(
    _ texts: TableLayout.Texts,
    _ bytes: UnsafeRawBufferPointer
  ) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(texts.byteCounts.count)
    var start = texts.offset
    for index in 0..<texts.byteCounts.count {
      let end = unsafe start + Int(texts.byteCounts.load(index, from: bytes))
      ranges.append(start..<end)
      start = end
    }
    return ranges
  }
}

extension TableLayout.Numbers {
  /// The number at an index below `count`; the bytes are those that the layout was read from.
  @inline(__always)
  func load(_ index: Int, from bytes: UnsafeRawBufferPointer) -> UInt64 {
    let word = unsafe bytes.loadUnaligned(fromByteOffset: offset &+ index &* width, as: UInt64.self)
    return word.littleEndian & (UInt64.max &>> UInt64(64 &- 8 &* width))
  }
}
