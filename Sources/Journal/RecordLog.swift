package import Platform

/// An append-only file of records, each with a checksum that covers the one before.
///
/// Not safe for several threads: its owner serialises the calls. After a failed write or sync every
/// call fails until the log is opened anew.
package final class RecordLog {
  /// The longest payload: what one write of a record may cost in memory.
  package static let payloadByteCountMax = 64 << 20

  package struct Record: Sendable {
    package var sequence: UInt64
    package var type: UInt8
    /// Where the payload starts in the file.
    package var payloadOffset: Int
    package var payload: [UInt8]
  }

  package let path: String
  /// Records in the file.
  package private(set) var count: Int
  /// Bytes of a torn tail that were cut when the log was opened.
  package let cutByteCount: Int
  /// The sequence number of the next record.
  package private(set) var nextSequence: UInt64
  /// Bytes of the file.
  package private(set) var byteCount: Int
  private let disk: any Disk
  private var file: (any AppendFile)?
  private var checksum: UInt32
  private var syncedByteCount: Int

  /// Opens a log, or begins one when there is none, and shows every record in order.
  ///
  /// An invalid last record with nothing valid behind it was torn by a crash: it is cut off.
  ///
  /// - Parameters:
  ///   - disk: where the log is.
  ///   - path: the log's path; its folder exists.
  ///   - looseTypes: types of records that are never acknowledged by themselves, only by a later
  ///     record of another type.
  ///   - visit: is shown the records.
  /// - Returns: the log, ready for appending.
  /// - Throws: `JournalError`, or what `visit` throws.
  package static func open(
    disk: any Disk,
    path: String,
    looseTypes: Set<UInt8> = [],
    visit: (Record) throws -> Void
  ) throws -> RecordLog {
    do {
      let isNew = !disk.exists(path)
      if isNew { try disk.replace(path, with: LogFormat.header(firstSequence: 1)) }
      let contents = try disk.map(path)
      var scan = LogScan(path: path, looseTypes: looseTypes)
      try unsafe contents.withBytes { bytes in try unsafe scan.read(bytes, visit: visit) }
      let file = try disk.openForAppending(path)
      let cutByteCount = file.byteCount - scan.end
      if cutByteCount > 0 { try file.truncate(to: scan.end) }
      // What a crashed process wrote is visible but perhaps not durable: whoever reads it here may act on it.
      if !isNew { try file.sync() }
      return RecordLog(disk: disk, file: file, scan: scan, cutByteCount: cutByteCount)
    } catch let error as DiskError {
      throw JournalError.disk(error)
    }
  }

  private init(disk: any Disk, file: any AppendFile, scan: LogScan, cutByteCount: Int) {
    self.disk = disk
    self.file = file
    self.cutByteCount = cutByteCount
    path = scan.path
    count = scan.recordCount
    nextSequence = scan.nextSequence
    checksum = scan.checksum
    byteCount = scan.end
    syncedByteCount = scan.end
  }

  /// Appends a record; it is durable after the next `sync`.
  ///
  /// The payload lies in the last bytes of the file.
  ///
  /// - Parameters:
  ///   - type: the owner's.
  ///   - payload: its beginning.
  ///   - rest: what follows in it.
  /// - Returns: the record's sequence number.
  /// - Throws: when the payload is too long, or the disk fails.
  @discardableResult
  package func append(
    type: UInt8,
    payload: [UInt8],
    rest: [UInt8] = []
  ) throws(JournalError) -> UInt64 {
    let payloadByteCount = payload.count + rest.count
    guard payloadByteCount <= RecordLog.payloadByteCountMax else {
      throw .recordTooLong(byteCount: payloadByteCount, limit: RecordLog.payloadByteCountMax)
    }
    let record = LogFormat.record(
      type: type,
      sequence: nextSequence,
      previous: checksum,
      syncedByteCount: syncedByteCount,
      payload: payload,
      rest: rest
    )
    try use { file throws(DiskError) in try file.append(record.bytes) }
    checksum = record.checksum
    byteCount += record.bytes.count
    nextSequence += 1
    count += 1
    return nextSequence - 1
  }

  /// Makes all records durable.
  package func sync() throws(JournalError) {
    try use { file throws(DiskError) in try file.sync() }
    syncedByteCount = byteCount
  }

  /// Puts these records in the place of all others, as a whole and durably; sequence numbers go on.
  package func replaceAll(
    _ records: some Collection<(type: UInt8, payload: [UInt8])>
  ) throws(JournalError) {
    guard file != nil else { throw .failedBefore(path: path) }
    let limit = RecordLog.payloadByteCountMax
    for record in records where record.payload.count > limit {
      throw .recordTooLong(byteCount: record.payload.count, limit: limit)
    }
    let header = LogFormat.header(firstSequence: nextSequence)
    var sequence = nextSequence
    var previous = header.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    var written = 0
    var replacement: (any AppendFile)?
    do throws(DiskError) {
      let output = try OutputFile(disk: disk, path: path)
      try output.append(header)
      for record in records {
        let bytes = LogFormat.record(
          type: record.type,
          sequence: sequence,
          previous: previous,
          syncedByteCount: 0,
          payload: record.payload
        )
        try output.append(bytes.bytes)
        previous = bytes.checksum
        sequence += 1
        written += 1
      }
      byteCount = output.byteCount
      try output.finish()
      replacement = try disk.openForAppending(path)
    } catch {
      close()
      throw .disk(error)
    }
    file?.close()
    file = replacement
    syncedByteCount = byteCount
    checksum = previous
    nextSequence = sequence
    count = written
  }

  package func close() {
    file?.close()
    file = nil
  }

  private func use(_ body: (any AppendFile) throws(DiskError) -> Void) throws(JournalError) {
    guard let file else { throw .failedBefore(path: path) }
    do throws(DiskError) {
      try body(file)
    } catch {
      close()
      throw .disk(error)
    }
  }
}
