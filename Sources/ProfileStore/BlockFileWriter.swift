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

  /// Appends a part, padded to the alignment.
  mutating func append(_ bytes: [UInt8], profileCount: Int) throws(DiskError) {
    let excess = bytes.count % BlockFileFormat.alignment
    let padding = excess > 0 ? BlockFileFormat.alignment - excess : 0
    let part = padding > 0 ? bytes + repeatElement(0, count: padding) : bytes
    sections.append(
      BlockFileFormat.Section(
        offset: output.byteCount,
        byteCount: part.count,
        profileCount: profileCount,
        checksum: crc32c(part)
      )
    )
    try output.append(part)
  }

  /// Appends the keys, their order and their table.
  mutating func append(_ keys: SealedKeys, seed: UInt64) throws(DiskError) {
    try append(BlockFileWriter.section(keys), profileCount: keys.count)
    var order: [UInt8] = []
    order.reserveCapacity(4 * keys.count + BlockFileFormat.alignment)
    for ordinal in keys.order() { order.append(fixed: ordinal) }
    try append(order, profileCount: keys.count)
    let table = unsafe KeyTable.bytes(count: keys.count, seed: seed) { unsafe keys.bytes($0) }
    try append(table, profileCount: keys.count)
  }

  /// Ends the file.
  mutating func finish() throws(DiskError) {
    try output.append(BlockFileFormat.footer(sections, at: output.byteCount))
    try output.finish()
  }

  func abandon() { output.abandon() }

  /// Where each key begins, and at last where the last one ends; then the keys' bytes.
  private static func section(_ keys: SealedKeys) -> [UInt8] {
    var bytes: [UInt8] = []
    let byteCount = (0..<keys.count).reduce(0) { unsafe $0 + keys.bytes($1).count }
    bytes.reserveCapacity(8 * keys.count + 8 + byteCount + BlockFileFormat.alignment)
    var start: UInt64 = 0
    bytes.append(fixed: start)
    for ordinal in 0..<keys.count {
      start += UInt64(unsafe keys.bytes(ordinal).count)
      bytes.append(fixed: start)
    }
    for ordinal in 0..<keys.count { unsafe bytes.append(contentsOf: keys.bytes(ordinal)) }
    return bytes
  }
}
