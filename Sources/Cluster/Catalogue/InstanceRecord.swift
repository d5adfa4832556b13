package import Bytes
package import Domain

/// A propensity instance as the catalogue keeps it.
package struct InstanceRecord: Hashable, Coded {
  package var name: Name
  /// Raised each time the instance is changed.
  package var version: UInt64
  /// The instance as a file that spells out its defaults.
  package var file: [UInt8]

  package init(name: Name, version: UInt64 = 0, file: [UInt8]) {
    self.name = name
    self.version = version
    self.file = file
  }

  package func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    version.encode(into: &writer)
    writer.write(file)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    name = try Name(from: &reader)
    version = try UInt64(from: &reader)
    file = try reader.readBytes()
  }
}
