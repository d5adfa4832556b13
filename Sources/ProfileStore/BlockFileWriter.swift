import Bytes
import Platform

/// Writes a block file piece by piece; it has its name only when it is whole and durable.
struct BlockFileWriter {
  private let output: OutputFile
  private var sections: [BlockFileFormat.Section] = []

  init(
    disk: any Disk,
    path: String,
    header: BlockFileFormat.Header
  ) throws(DiskError) {
    output = try OutputFile(disk: disk, path: path)
    try output.append(header.bytes)
  }

  /// Appends a part, whose length is a multiple of the alignment.
  mutating func append(_ bytes: [UInt8], profileCount: Int) throws(DiskError) {
    precondition(bytes.count % BlockFileFormat.alignment == 0)
    sections.append(
      BlockFileFormat.Section(
        offset: output.byteCount,
        byteCount: bytes.count,
        profileCount: profileCount,
        checksum: crc32c(bytes)
      )
    )
    try output.append(bytes)
  }

  /// Appends the keys, their order and the event types, and ends the file.
  mutating func finish(_ keys: TextTable, eventTypes: [Text]) throws(DiskError) {
    try append(BlockFileWriter.section(keys), profileCount: keys.count)
    var order: [UInt8] = []
    for ordinal in keys.numbersInTextOrder() { order.append(fixed: ordinal) }
    try append(BlockFileWriter.padded(order), profileCount: keys.count)
    var types = ByteWriter()
    types.writeVarint(eventTypes.count)
    for type in eventTypes { types.write(type) }
    // Kernels may read a little beyond the end of a block.
    types.writeRaw(repeatElement(0, count: BlockFileFormat.readAheadByteCount))
    try append(BlockFileWriter.padded(types.bytes), profileCount: keys.count)
    try output.append(BlockFileFormat.footer(sections, at: output.byteCount))
    try output.finish()
  }

  func abandon() { output.abandon() }

  /// Where each key begins, and at last where the last one ends; then the keys' bytes.
  private static func section(_ keys: TextTable) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * keys.starts.count + keys.bytes.count + BlockFileFormat.alignment)
    for start in keys.starts { bytes.append(fixed: UInt64(start)) }
    bytes.append(contentsOf: keys.bytes)
    return padded(bytes)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    let excess = bytes.count % BlockFileFormat.alignment
    guard excess > 0 else { return bytes }
    return bytes + repeatElement(0, count: BlockFileFormat.alignment - excess)
  }
}
