import Bytes

/// The frame of a block file: header, blocks, keys, their order and table, catalogue,
/// dictionaries, footer; `FORMAT.md` draws it.
enum BlockFileFormat {
  static let magic: [UInt8] = Array("COVEYBLK".utf8)
  static let version: UInt32 = 4
  static let headerByteCount = 64
  static let entryByteCount = 24
  static let tailByteCount = 24
  /// Sections behind the blocks: keys, their order, their table, the catalogue; then dictionaries.
  static let sharedSectionCount = 4
  /// Every part begins at a multiple of this, a line of the processor's cache.
  static let alignment = 64

  /// Bytes that may be read behind the end of any block.
  static let readAheadByteCount = 512

  /// A part of the file: a block, the keys or their order.
  struct Section: Equatable {
    var offset: Int
    /// With the padding up to the next part.
    var byteCount: Int
    /// Profiles in it.
    var profileCount: Int
    var checksum: UInt32

    var range: Range<Int> { offset..<offset + byteCount }
  }

  struct Header: Equatable, Sendable {
    /// Profiles of every block but the last.
    var blockProfileCount: Int
    var contents: StoreContents

    var blockCount: Int {
      Int(contents.profileCount) / blockProfileCount
        + (Int(contents.profileCount) % blockProfileCount > 0 ? 1 : 0)
    }

    var bytes: [UInt8] {
      var writer = ByteWriter(capacity: headerByteCount)
      writer.writeRaw(magic)
      writer.write(version)
      writer.write(UInt32(blockProfileCount))
      writer.write(contents.lsn)
      writer.write(contents.profileCount)
      writer.write(contents.eventCount)
      writer.writeRaw(repeatElement(0, count: headerByteCount - 4 - writer.count))
      writer.write(crc32c(writer.bytes))
      return writer.bytes
    }
  }

  /// The entries of all sections, and the tail that leads to them.
  static func footer(_ sections: [Section], at offset: Int) -> [UInt8] {
    var writer = ByteWriter(capacity: sections.count * entryByteCount + tailByteCount)
    for section in sections {
      writer.write(UInt64(section.offset))
      writer.write(UInt64(section.byteCount))
      writer.write(UInt32(section.profileCount))
      writer.write(section.checksum)
    }
    writer.write(UInt64(offset))
    writer.write(UInt32(sections.count))
    writer.writeRaw(magic)
    writer.write(crc32c(writer.bytes))
    return writer.bytes
  }
}
