private import Glibc

/// A file of any kind, a pipe or standard input, read once from start to end.
///
/// `ByteInput` is for data files, whose size is known and which may be compressed.
package final class StreamInput {
  private let descriptor: Int32
  private let path: String
  private let isOwned: Bool

  /// Opens a file, or takes standard input for `-`.
  package init(_ path: String) throws(DiskError) {
    isOwned = path.utf8.elementsEqual("-".utf8) == false
    self.path = isOwned ? path : "standard input"
    descriptor = isOwned ? unsafe open(path, O_RDONLY | O_CLOEXEC) : 0
    guard descriptor >= 0 else { throw failure("open") }
  }

  deinit {
    if isOwned, descriptor >= 0 { close(descriptor) }
  }

  /// The next bytes, at most `byteCountMax`; empty at the end.
  package func read(byteCountMax: Int = 256 << 10) throws(DiskError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: byteCountMax)
    while true {
      let count = unsafe Glibc.read(descriptor, &block, block.count)
      if count >= 0 { return Array(block[..<count]) }
      if errno != EINTR { throw failure("read") }
    }
  }

  /// Everything up to the end; an error when that is more than `byteCountMax`.
  package func readAll(byteCountMax: Int) throws(DiskError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let block = try read()
      if block.isEmpty { return bytes }
      bytes += block
      guard bytes.count <= byteCountMax else {
        throw DiskError(
          operation: "read",
          path: path,
          number: 0,
          reason: "it is longer than \(byteCountMax) bytes"
        )
      }
    }
  }

  private func failure(_ operation: String) -> DiskError {
    let number = errno
    return DiskError(
      operation: operation,
      path: path,
      number: number,
      reason: systemErrorText(number)
    )
  }
}
