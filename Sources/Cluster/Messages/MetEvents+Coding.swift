package import Bytes
package import Domain

// The instant, the number of kinds, and of each its name (text) and whether it is named and met (UInt8 each).
extension MetEvents: Coded {
  package func encode(into writer: inout ByteWriter) {
    instant.encode(into: &writer)
    kinds.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(before: try Instant(from: &reader), kinds: try [Kind](from: &reader))
  }
}

extension MetEvents.Kind: Coded {
  package func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    isNamed.encode(into: &writer)
    isMet.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(
      name: try Text(from: &reader),
      isNamed: try Bool(from: &reader),
      isMet: try Bool(from: &reader)
    )
  }
}
