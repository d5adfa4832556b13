package import Bytes
package import Domain

/// A value with a binary form of its own.
///
/// Decoding is total. A reader that is done leaves what follows alone: fields that later versions
/// append are passed over by earlier ones.
package protocol Coded: Sendable {
  func encode(into writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(DecodingError)
}

extension Coded {
  package var encoded: [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
  }
}

extension Value: Coded {}
extension Schema: Coded {}

extension Text: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(self) }
  package init(from reader: inout ByteReader) throws(DecodingError) { self = try reader.readText() }
}

extension ProfileKey: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(text) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(try reader.readText())
  }
}

extension Name: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(text) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    guard let name = Name(try reader.readText()) else {
      throw .invalidValue(at: at, what: "a text that is no name")
    }
    self = name
  }
}

extension Instant: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(self) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self = try reader.readInstant()
  }
}

extension SetID: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(number) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(try reader.read(UInt32.self))
  }
}

extension JobID: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(number) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(try reader.read(UInt64.self))
  }
}

extension ShardIndex: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(number) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(try reader.read(UInt32.self))
  }
}

extension UInt64: Coded {
  package func encode(into writer: inout ByteWriter) { writer.writeVarint(self) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self = try reader.readVarint()
  }
}

extension UInt32: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(self) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self = try reader.read(UInt32.self)
  }
}

extension Bool: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(self) }
  package init(from reader: inout ByteReader) throws(DecodingError) { self = try reader.readBool() }
}

extension MembershipStatus: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    guard let status = MembershipStatus(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "membership status")
    }
    self = status
  }
}

extension Array: Coded where Element: Coded {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(count)
    for element in self { element.encode(into: &writer) }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let count = try reader.readCount()
    self = []
    // What is claimed may be more than there is.
    reserveCapacity(Swift.min(count, 1_024))
    for _ in 0..<count { append(try Element(from: &reader)) }
  }
}

extension Optional: Coded where Wrapped: Coded {
  package func encode(into writer: inout ByteWriter) {
    writer.write(self != nil)
    if let value = self { value.encode(into: &writer) }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self = try reader.readBool() ? .some(try Wrapped(from: &reader)) : nil
  }
}

extension SegmentDefinition: Coded {
  package func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    name.encode(into: &writer)
    expression.encode(into: &writer)
    timeZone.encode(into: &writer)
    set.encode(into: &writer)
    version.encode(into: &writer)
    references.encode(into: &writer)
    document.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(
      id: try Name(from: &reader),
      name: try Text(from: &reader),
      expression: try Text(from: &reader),
      timeZone: try Text?(from: &reader),
      set: try Name?(from: &reader),
      version: try UInt64(from: &reader),
      references: try [Text](from: &reader),
      document: try Value(from: &reader)
    )
  }
}
