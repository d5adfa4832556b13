package import Bytes

// Two varints a bucket, positives and negatives.
extension MarginCounts {
  package func encode(into writer: inout ByteWriter) {
    for bucket in 0..<Self.bucketCount {
      writer.writeVarint(positives[bucket])
      writer.writeVarint(negatives[bucket])
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init()
    for bucket in 0..<Self.bucketCount {
      let at = reader.offset
      positives[bucket] = try reader.readVarint()
      negatives[bucket] = try reader.readVarint()
      // Counts this small cannot overflow when they are added up.
      guard positives[bucket] | negatives[bucket] < 1 << 48 else {
        throw .invalidValue(at: at, what: "more rows than there can be")
      }
    }
  }
}
