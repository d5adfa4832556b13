import Bytes
package import Domain
import Journal
package import Platform

/// One shard on disk: a log of imports, column blocks made from it, and memberships.
///
/// ```
/// log                  the truth: batches of rows, and which imports are prepared and committed
/// blocks-<LSN>         the committed contents as columns; made from the log, whenever they are missing
/// memberships          those of an evaluation; `memberships+1` … what later ones changed
/// memberships-<job>    staged ones
/// ```
///
/// The contents are a function of the log. Not safe for several threads: its owner serialises the
/// calls. A command may be given again after it succeeded, to the same effect; after an error that
/// `isFatal` the shard has to be opened anew.
package final class ShardStore {
  let disk: any Disk
  let directory: String
  let options: StoreOptions
  private var log: RecordLog
  private(set) var ledger: ImportLedger
  var committed = CommittedMemberships()
  /// Memberships that wait for the end of their job, by job.
  var staged: [JobID: StagedMemberships] = [:]
  /// The columns that were opened last.
  var opened: ShardSnapshot?

  /// Opens a shard or begins one, and recovers: what was acknowledged is there, a torn tail of the
  /// log is cut, and what a crash left half-written is removed.
  package init(
    disk: any Disk,
    directory: String,
    options: StoreOptions = StoreOptions()
  ) throws(StoreError) {
    self.disk = disk
    self.directory = directory
    self.options = options
    do throws(DiskError) {
      try disk.createDirectory(directory)
    } catch {
      throw .disk(error)
    }
    (log, ledger) = try ShardStore.openLog(disk, directory + "/log")
    try recoverFiles()
  }

  /// What is committed.
  package var contents: StoreContents { ledger.contents }

  /// Imports that are ready and wait for their decision.
  package var prepared: [StoredImport] { ledger.prepared.map { [$0] } ?? [] }

  var logPath: String { log.path }

  /// Takes a batch of an import, a `RowBatch` or a `TableBatch`; it is durable once the import is
  /// prepared.
  ///
  /// Batches may come in any order. One that is there already, and one of a committed import, is
  /// passed over.
  package func append(
    _ attempt: StoredImport,
    sequence: UInt32,
    rows: [UInt8]
  ) throws(StoreError) {
    guard ledger.commit(of: attempt.job) == nil else { return }
    guard !ledger.isVoid(attempt) else { throw .superseded(attempt) }
    let checksum = crc32c(rows)
    if let open = ledger.open(attempt) {
      if let known = open.batches[sequence] {
        guard known.checksum == checksum, known.byteCount == rows.count else {
          throw .changedBatch(attempt, sequence: sequence)
        }
        return
      }
      guard open.contents == nil else {
        let batchCount = UInt32(open.batches.count)
        throw .unexpectedBatch(attempt, sequence: sequence, batchCount: batchCount)
      }
    }
    do throws(DecodingError) {
      try StoredTable.check(rows)
    } catch {
      throw .invalidRows(attempt, sequence: sequence, error)
    }
    let limit = RecordLog.payloadByteCountMax - LogRecord.batchHeaderByteCount
    guard rows.count <= limit else {
      throw .tooLarge(what: "a batch in bytes", count: rows.count, limit: limit)
    }
    try write(.batch(attempt, sequence: sequence), rows: rows, checksum: checksum)
  }

  /// Makes an import durable without showing it.
  ///
  /// - Parameters:
  ///   - attempt: all its batches are here, or it has none.
  ///   - batchCount: the batches' numbers are `0..<batchCount`.
  /// - Returns: what the shard holds once the import is committed.
  /// - Throws: `StoreError`; when a batch is missing, when another import waits for its decision, and
  ///   when the disk fails.
  package func prepare(
    _ attempt: StoredImport,
    batchCount: UInt32
  ) throws(StoreError) -> StoreContents {
    if let committed = ledger.commit(of: attempt.job) {
      guard committed.attempt == attempt else { throw .superseded(attempt) }
      return committed.contents
    }
    guard !ledger.isVoid(attempt) else { throw .superseded(attempt) }
    let open = ledger.open(attempt)
    if let contents = open?.contents { return contents }
    if let other = ledger.prepared, other.job != attempt.job { throw .importPending(other) }
    let batches = open?.batches ?? [:]
    for sequence in 0..<batchCount where batches[sequence] == nil {
      throw .missingBatch(attempt, sequence: sequence)
    }
    if let sequence = batches.keys.filter({ $0 >= batchCount }).min() {
      throw .unexpectedBatch(attempt, sequence: sequence, batchCount: batchCount)
    }
    let contents = try contents(with: batches.sorted { $0.key < $1.key }.map(\.value))
    try write(.prepared(attempt, batchCount: batchCount, contents), isDurable: true)
    return contents
  }

  /// Shows a prepared import, durably.
  ///
  /// - Returns: what the shard holds.
  package func commit(_ attempt: StoredImport) throws(StoreError) -> StoreContents {
    if ledger.commit(of: attempt.job)?.attempt == attempt { return contents }
    guard ledger.open(attempt)?.contents != nil else { throw .notPrepared(attempt) }
    try write(.committed(attempt), isDurable: true)
    return contents
  }

  /// Forgets a job's batches, prepared or not, durably; a committed import stays.
  package func abort(_ job: JobID) throws(StoreError) {
    guard let open = ledger.open[job] else { return }
    try write(.aborted(StoredImport(job: job, attempt: open.attempt)), isDurable: true)
  }
}

extension ShardStore {
  private static func openLog(
    _ disk: any Disk,
    _ path: String
  ) throws(StoreError) -> (RecordLog, ImportLedger) {
    var ledger = ImportLedger()
    do {
      let log = try RecordLog.open(
        disk: disk,
        path: path,
        looseTypes: [LogRecord.batchType]
      ) { record in
        do {
          let read = try LogRecord(type: record.type, payload: record.payload)
          try ledger.apply(read, batch: batch(in: record.payload, at: record.payloadOffset))
        } catch let error as ImportLedger.Contradiction {
          throw damaged(path, record.payloadOffset, error.reason)
        } catch let error as DecodingError {
          throw damaged(path, record.payloadOffset, error.description)
        }
      }
      return (log, ledger)
    } catch let error as StoreError {
      throw error
    } catch let error as JournalError {
      throw .log(error)
    } catch {
      throw damaged(path, 0, "\(error)")
    }
  }

  private static func damaged(_ path: String, _ offset: Int, _ reason: String) -> StoreError {
    .damaged(file: path, part: .bytes(at: offset), reason: reason)
  }

  /// Where the rows of a batch's record are.
  private static func batch(in payload: [UInt8], at offset: Int) -> ImportLedger.Batch {
    let rows = payload.dropFirst(LogRecord.batchHeaderByteCount)
    return ImportLedger.Batch(
      offset: offset + LogRecord.batchHeaderByteCount,
      byteCount: rows.count,
      checksum: crc32c(rows)
    )
  }

  /// Appends a record, of a batch with its rows and their CRC-32C.
  private func write(
    _ record: LogRecord,
    rows: [UInt8] = [],
    checksum: UInt32 = 0,
    isDurable: Bool = false
  ) throws(StoreError) {
    let payload = record.payload
    do throws(JournalError) {
      try log.append(type: record.type, payload: payload, rest: rows)
      if isDurable { try log.sync() }
    } catch {
      throw recovered(from: error)
    }
    let batch = ImportLedger.Batch(
      offset: log.byteCount - rows.count,
      byteCount: rows.count,
      checksum: checksum
    )
    do throws(ImportLedger.Contradiction) {
      try ledger.apply(record, batch: batch)
    } catch {
      let start = log.byteCount - payload.count - rows.count
      throw ShardStore.damaged(log.path, start, error.reason)
    }
  }

  /// Opens the log anew when the disk was full: the torn record is cut, and the shard goes on.
  ///
  /// After any other failure nothing is known of what reached the disk.
  private func recovered(from error: JournalError) -> StoreError {
    guard case .disk(let cause) = error, cause.operation == "write",
      StoreError.disk(cause).code == "DISK_FULL"
    else { return .log(error) }
    log.close()
    do throws(StoreError) {
      (log, ledger) = try ShardStore.openLog(disk, log.path)
      return .disk(cause)
    } catch {
      return error
    }
  }

  /// What the shard will hold when these batches are added.
  private func contents(with batches: [ImportLedger.Batch]) throws(StoreError) -> StoreContents {
    var counter = try ContentsCounter(after: snapshot())
    let reader = try LogReader(disk: disk, path: log.path)
    for batch in batches { try counter.add(batch, of: reader) }
    return StoreContents(
      lsn: log.nextSequence,
      profileCount: UInt64(counter.profileCount),
      eventCount: UInt64(counter.eventCount)
    )
  }
}
