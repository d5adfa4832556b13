import Bytes
import Cluster
import Journal
import Platform
import Synchronization
import Wire

/// The catalogue's file: every record is durable before anybody is told of it.
///
/// A thread of its own writes and syncs; records given while a sync is under way share the next one.
/// The file is rewritten as a whole when it has grown far beyond what the catalogue needs.
final class CatalogueJournal: Sendable {
  /// A place in the order of what was submitted.
  typealias Ticket = UInt64

  /// What the thread says; called on it.
  enum Event: Sendable {
    /// Everything up to the ticket is durable; the file has so many bytes.
    case durable(Ticket, byteCount: Int)
    /// The file can no longer be written.
    case failed(RuntimeError)
  }

  private enum Work: Sendable {
    case append(Ticket, [CatalogueRecord])
    case rewrite(Ticket, [CatalogueRecord])
  }

  /// The type of all records in the log.
  static let recordType: UInt8 = 1
  static let fileName = "catalogue.log"
  /// A sync that takes longer than this is worth a line in the log.
  private static let slowMilliseconds: Int64 = 2_000

  private let work = BlockingQueue<Work>()
  private let lastTicket = Atomic<UInt64>(0)
  private let thread: WorkerThread

  /// Reads the catalogue of a folder; a new one gets its cluster id, durably.
  ///
  /// - Parameters:
  ///   - disk: where the folder is.
  ///   - directory: exists.
  ///   - log: is told of torn tails and slow disks.
  ///   - notify: is called on the journal's thread.
  /// - Returns: the journal, its thread running, what it holds, and the bytes of its file.
  /// - Throws: `RuntimeError.catalogueDamaged`, or that the file cannot be opened.
  static func open(
    disk: any Disk,
    directory: String,
    log: Log,
    notify: @escaping @Sendable (Event) -> Void
  ) throws -> (journal: CatalogueJournal, catalogue: Catalogue, byteCount: Int) {
    let path = directory + "/" + fileName
    var catalogue = Catalogue()
    let file: RecordLog
    do {
      file = try RecordLog.open(disk: disk, path: path) { record in
        guard record.type == recordType else {
          throw RuntimeError.catalogueDamaged(
            path: path,
            reason: "record \(record.sequence) is of the unknown type \(record.type)"
          )
        }
        do throws(DecodingError) {
          catalogue.apply(try CatalogueRecord(decoding: record.payload))
        } catch {
          throw RuntimeError.catalogueDamaged(
            path: path,
            reason: "record \(record.sequence) cannot be read: \(error)"
          )
        }
      }
    } catch let error as JournalError {
      throw RuntimeError.catalogueDamaged(path: path, reason: error.description)
    }
    if file.cutByteCount > 0 {
      log.warning(
        "catalogue-cut",
        [LogField("path", path), LogField("torn_bytes", file.cutByteCount)]
      )
    }
    do throws(JournalError) {
      if catalogue.clusterID.isEmpty { try create(&catalogue, in: file) }
    } catch {
      throw RuntimeError.catalogueFailed(path: path, reason: error.description)
    }
    let byteCount = file.byteCount
    // Handed over to the thread, which alone uses it from here on.
    let owner = LogOwner(file)
    let journal = try CatalogueJournal(owner, log: log, notify: notify)
    return (journal, catalogue, byteCount)
  }

  private static func create(
    _ catalogue: inout Catalogue,
    in file: RecordLog
  ) throws(JournalError) {
    var random = SystemRandomNumberGenerator()
    let record = CatalogueRecord.clusterCreated(ClusterID(using: &random).bytes)
    try file.append(type: recordType, payload: record.encoded)
    try file.sync()
    catalogue.apply(record)
  }

  private init(
    _ owner: LogOwner,
    log: Log,
    notify: @escaping @Sendable (Event) -> Void
  ) throws(PlatformError) {
    let work = self.work
    thread = try WorkerThread(named: "covey-catalogue") {
      CatalogueJournal.run(owner.file, work, log, notify)
    }
  }

  /// Bytes of a file that holds these records and nothing else.
  static func byteCount(of records: [CatalogueRecord]) -> Int {
    records.reduce(0) { $0 + $1.encoded.count + 32 }
  }

  /// Gives records to be made durable.
  func append(_ records: [CatalogueRecord]) -> Ticket {
    let ticket = lastTicket.add(1, ordering: .relaxed).newValue
    work.push(.append(ticket, records))
    return ticket
  }

  /// Puts the records of the whole catalogue in the place of all that were given before.
  func rewrite(_ records: [CatalogueRecord]) -> Ticket {
    let ticket = lastTicket.add(1, ordering: .relaxed).newValue
    work.push(.rewrite(ticket, records))
    return ticket
  }

  /// Writes what was given and ends the thread.
  func close() {
    work.close()
    thread.join()
  }

  private static func run(
    _ file: RecordLog,
    _ work: BlockingQueue<Work>,
    _ log: Log,
    _ notify: (Event) -> Void
  ) {
    let clock = LinuxClock()
    defer { file.close() }
    while true {
      let batch = work.popAll()
      guard let last = batch.last else { return }
      let start = clock.monotonicMilliseconds
      do throws(JournalError) {
        for item in batch { try perform(item, on: file, log) }
        try file.sync()
      } catch {
        return notify(.failed(.catalogueFailed(path: file.path, reason: error.description)))
      }
      let time = clock.monotonicMilliseconds - start
      if time > slowMilliseconds {
        log.warning("disk-slow", [LogField("path", file.path), LogField("sync_ms", time)])
      }
      switch last {
      case .append(let ticket, _), .rewrite(let ticket, _):
        notify(.durable(ticket, byteCount: file.byteCount))
      }
    }
  }

  private static func perform(
    _ work: Work,
    on file: RecordLog,
    _ log: Log
  ) throws(JournalError) {
    switch work {
    case .append(_, let records):
      for record in records { try file.append(type: recordType, payload: record.encoded) }
    case .rewrite(_, let records):
      let before = file.byteCount
      do throws(JournalError) {
        try file.replaceAll(records.map { (type: recordType, payload: $0.encoded) })
      } catch .recordTooLong(let byteCount, let limit) {
        // Nothing was written: the file stays as it is, longer than it has to be.
        log.warning(
          "catalogue-not-rewritten",
          [LogField("record_bytes", byteCount), LogField("limit_bytes", limit)]
        )
        return
      }
      log.info(
        "catalogue-rewritten",
        [LogField("bytes_before", before), LogField("bytes_after", file.byteCount)]
      )
    }
  }
}

/// Carries a log to the thread that owns it from then on; nobody else keeps it.
private final class LogOwner: @unchecked Sendable {
  let file: RecordLog

  init(_ file: RecordLog) { self.file = file }
}
