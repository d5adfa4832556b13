import Bytes

/// One reading of a whole log, from its header to the last valid record.
///
/// What follows the last valid record is a torn tail, left by a crash in the middle of a write, and
/// may be cut. It is damage, and an error, when a valid record lies behind it; unless that record
/// and all behind it are of types whose loss is harmless and were written before the torn place
/// was synced: then the crash reached the disk's pages out of order.
struct LogScan {
  let path: String
  let looseTypes: Set<UInt8>
  var nextSequence: UInt64 = 0
  var checksum: UInt32 = 0
  /// Where the valid bytes end.
  var end = LogFormat.headerByteCount
  var recordCount = 0

  mutating func read(
    _ bytes: UnsafeRawBufferPointer,
    visit: (RecordLog.Record) throws -> Void
  ) throws {
    try unsafe readHeader(bytes)
    while end < bytes.count {
      guard
        let header = unsafe RecordHeader(
          bytes,
          at: end,
          sequences: nextSequence...nextSequence
        ), header.previous == checksum
      else { return try unsafe checkTail(bytes) }
      let start = end + LogFormat.recordHeaderByteCount
      let payload = unsafe Array(bytes[start..<start + header.payloadByteCount])
      try visit(
        RecordLog.Record(
          sequence: header.sequence,
          type: header.type,
          payloadOffset: start,
          payload: payload
        )
      )
      end = start + header.payloadByteCount
      checksum = header.checksum
      nextSequence += 1
      recordCount += 1
    }
  }

  private mutating func readHeader(_ bytes: UnsafeRawBufferPointer) throws(JournalError) {
    guard bytes.count >= LogFormat.headerByteCount else { throw .notALog(path: path) }
    let head = unsafe Array(bytes[..<20])
    checksum = unsafe bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self)
    guard crc32c(head) == checksum else {
      guard head.starts(with: LogFormat.magic) else { throw .notALog(path: path) }
      throw .damagedHeader(path: path)
    }
    guard head.starts(with: LogFormat.magic) else { throw .notALog(path: path) }
    let version = unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    guard version == LogFormat.version else {
      throw .unknownVersion(path: path, version: version)
    }
    nextSequence = unsafe bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self)
    // No log ever gets there, and numbers have to have others above them.
    guard nextSequence <= UInt64(Int64.max) else { throw .damagedHeader(path: path) }
  }

  private func checkTail(_ bytes: UnsafeRawBufferPointer) throws(JournalError) {
    let left = UInt64(bytes.count - end)
    let sequences = nextSequence...nextSequence.addingReportingOverflow(left).partialValue
    var offset = end + 1
    while offset < bytes.count {
      guard let header = unsafe RecordHeader(bytes, at: offset, sequences: sequences) else {
        offset += 1
        continue
      }
      guard looseTypes.contains(header.type), header.syncedByteCount <= UInt64(end) else {
        throw .damaged(path: path, offset: end, laterRecordAt: offset)
      }
      offset += LogFormat.recordHeaderByteCount + header.payloadByteCount
    }
  }
}
