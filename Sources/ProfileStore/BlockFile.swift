import Bytes
import Platform

/// A block file, mapped; its header and footer are verified.
///
/// Every byte of the file belongs to the header, the footer or one section: sections follow each
/// other without a gap, and each has a checksum.
struct BlockFile: Sendable {
  let path: String
  let blockProfileCount: Int
  let contents: StoreContents
  let catalogue: FileCatalogue
  private let bytes: MappedBytes
  private let blocks: [BlockFileFormat.Section]
  private let keySection: BlockFileFormat.Section
  private let orderSection: BlockFileFormat.Section
  private let tableSection: BlockFileFormat.Section
  private let dictionaries: [BlockFileFormat.Section]

  init(disk: any Disk, path: String) throws(StoreError) {
    do throws(DiskError) {
      bytes = MappedBytes(try disk.map(path))
    } catch {
      throw .disk(error)
    }
    self.path = path
    let header = try BlockFile.readHeader(bytes, path: path)
    blockProfileCount = header.blockProfileCount
    contents = header.contents
    let sections = try BlockFile.readFooter(bytes, path: path)
    let blockCount = header.blockCount
    let sharedCount = BlockFileFormat.sharedSectionCount
    guard sections.count >= blockCount + sharedCount,
      sections[..<blockCount].dropLast().allSatisfy({
        $0.profileCount == header.blockProfileCount
      }),
      sections[..<blockCount].reduce(0, { $0 + $1.profileCount }) == Int(contents.profileCount)
    else {
      throw .damaged(file: path, part: .footer, reason: "its blocks are not the header's")
    }
    blocks = Array(sections[..<blockCount])
    keySection = sections[blockCount]
    orderSection = sections[blockCount + 1]
    tableSection = sections[blockCount + 2]
    dictionaries = Array(sections[(blockCount + sharedCount)...])
    catalogue = try BlockFile.readCatalogue(bytes, sections[blockCount + 3], path: path)
    guard catalogue.dictionaries.count == dictionaries.count else {
      throw .damaged(file: path, part: .footer, reason: "its dictionaries are not the catalogue's")
    }
  }

  var blockCount: Int { blocks.count }

  /// Profiles of a block.
  func profileCount(_ block: Int) -> Int { blocks[block].profileCount }

  /// The keys, their order and their table, after their checksums and their structure were checked.
  func keys() throws(StoreError) -> KeySection {
    try KeySection(
      bytes,
      keys: keySection,
      order: orderSection,
      table: tableSection,
      profileCount: Int(contents.profileCount),
      path: path
    )
  }

  /// A block's columns, after its checksum and its structure were checked.
  ///
  /// - Parameter index: below `blockCount`.
  /// - Returns: the columns, in the mapped file.
  /// - Throws: `StoreError.damaged` with the block's number.
  func columns(_ index: Int) throws(StoreError) -> BlockColumns {
    let block = try verifiedBytes(index)
    // Checks have read all of it; most readers want a part.
    defer { block.release() }
    do throws(ColumnReader.Fault) {
      let columns = try BlockColumns(
        block,
        profileCountMax: blockProfileCount,
        catalogue,
        padding: BlockFileFormat.alignment
      )
      guard columns.profileCount == blocks[index].profileCount else {
        throw ColumnReader.Fault(reason: "it has \(columns.profileCount) profiles")
      }
      return columns
    } catch {
      throw .damaged(file: path, part: .block(index), reason: error.reason)
    }
  }

  /// The bytes of a block, after its checksum was checked.
  func blockBytes(_ index: Int) throws(StoreError) -> [UInt8] {
    let block = try verifiedBytes(index)
    return block.array(0..<block.count)
  }

  /// The texts of a dictionary, after its checksum and its structure were checked.
  func dictionary(_ number: Int) throws(StoreError) -> ShardDictionary {
    let part = bytes[dictionaries[number].range]
    func damaged(_ reason: String) -> StoreError {
      .damaged(file: path, part: .dictionary(number), reason: reason)
    }
    guard part.checksum == dictionaries[number].checksum else {
      throw damaged("its checksum is wrong")
    }
    do throws(ColumnReader.Fault) {
      return try ShardDictionary(part, entryCount: catalogue.dictionaries[number].entryCount)
    } catch {
      throw damaged(error.reason)
    }
  }

  private func verifiedBytes(_ index: Int) throws(StoreError) -> MappedBytes {
    let block = bytes[blocks[index].range]
    guard block.checksum == blocks[index].checksum else {
      throw .damaged(file: path, part: .block(index), reason: "its checksum is wrong")
    }
    return block
  }

  private static func readCatalogue(
    _ bytes: MappedBytes,
    _ section: BlockFileFormat.Section,
    path: String
  ) throws(StoreError) -> FileCatalogue {
    let part = bytes[section.range]
    guard part.checksum == section.checksum else {
      throw .damaged(file: path, part: .catalogue, reason: "its checksum is wrong")
    }
    do throws(DecodingError) {
      return try FileCatalogue(part.array(0..<part.count))
    } catch {
      throw .damaged(file: path, part: .catalogue, reason: error.description)
    }
  }

  private static func readHeader(
    _ bytes: MappedBytes,
    path: String
  ) throws(StoreError) -> BlockFileFormat.Header {
    guard bytes.count >= BlockFileFormat.headerByteCount + BlockFileFormat.tailByteCount else {
      throw .damaged(file: path, part: .header, reason: "the file is too short")
    }
    let header = BlockFileFormat.Header(
      blockProfileCount: Int(bytes.load(UInt32.self, at: 12)),
      contents: StoreContents(
        lsn: bytes.load(UInt64.self, at: 16),
        profileCount: bytes.load(UInt64.self, at: 24),
        eventCount: bytes.load(UInt64.self, at: 32)
      )
    )
    let end = BlockFileFormat.headerByteCount - 4
    guard bytes[0..<end].checksum == bytes.load(UInt32.self, at: end),
      bytes.array(0..<8) == BlockFileFormat.magic
    else { throw .damaged(file: path, part: .header, reason: "its checksum is wrong") }
    let version = bytes.load(UInt32.self, at: 8)
    guard version == BlockFileFormat.version else {
      throw .unknownVersion(file: path, version: version)
    }
    // Nothing else than what was written has these bytes, save what was written to deceive.
    guard header.bytes == bytes.array(0..<BlockFileFormat.headerByteCount),
      StoreOptions.isBlockProfileCount(header.blockProfileCount),
      header.contents.profileCount <= UInt64(TextTable.countMax)
    else { throw .damaged(file: path, part: .header, reason: "its values are impossible") }
    return header
  }

  /// The sections, which fill what is between the header and the footer.
  private static func readFooter(
    _ bytes: MappedBytes,
    path: String
  ) throws(StoreError) -> [BlockFileFormat.Section] {
    func damaged(_ reason: String) -> StoreError {
      .damaged(file: path, part: .footer, reason: reason)
    }
    let tail = bytes.count - BlockFileFormat.tailByteCount
    let footer = bytes.load(UInt64.self, at: tail)
    let count = Int(bytes.load(UInt32.self, at: tail + 8))
    guard footer <= UInt64(tail),
      tail - Int(footer) == count * BlockFileFormat.entryByteCount,
      bytes[Int(footer)..<bytes.count - 4].checksum
        == bytes.load(UInt32.self, at: bytes.count - 4),
      bytes.array(tail + 12..<tail + 20) == BlockFileFormat.magic,
      count >= BlockFileFormat.sharedSectionCount
    else { throw damaged("its checksum is wrong") }
    var sections: [BlockFileFormat.Section] = []
    var offset = BlockFileFormat.headerByteCount
    for index in 0..<count {
      let entry = Int(footer) + index * BlockFileFormat.entryByteCount
      let byteCount = bytes.load(UInt64.self, at: entry + 8)
      guard bytes.load(UInt64.self, at: entry) == UInt64(offset),
        byteCount <= footer - UInt64(offset),
        byteCount % UInt64(BlockFileFormat.alignment) == 0
      else { throw damaged("its sections do not follow each other") }
      sections.append(
        BlockFileFormat.Section(
          offset: offset,
          byteCount: Int(byteCount),
          profileCount: Int(bytes.load(UInt32.self, at: entry + 16)),
          checksum: bytes.load(UInt32.self, at: entry + 20)
        )
      )
      offset += Int(byteCount)
    }
    guard offset == Int(footer) else { throw damaged("bytes before it belong to no section") }
    return sections
  }
}
