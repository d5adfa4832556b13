import Bytes
import Domain

/// A record of a shard's log.
///
/// ```
/// 1 batch      job UInt64, attempt UInt32, sequence UInt32, a RowBatch or TableBatch
/// 2 prepared   job UInt64, attempt UInt32, batch count UInt32,
///              LSN UInt64, profile count UInt64, event count UInt64
/// 3 committed  job UInt64, attempt UInt32
/// 4 aborted    job UInt64, attempt UInt32
/// ```
enum LogRecord: Equatable {
  /// The rows are the payload's bytes from `batchHeaderByteCount` on.
  case batch(StoredImport, sequence: UInt32)
  /// The import is complete; the contents are those of the shard once it is committed.
  case prepared(StoredImport, batchCount: UInt32, StoreContents)
  case committed(StoredImport)
  /// This attempt and those before it are void.
  case aborted(StoredImport)

  static let batchType: UInt8 = 1
  static let batchHeaderByteCount = 16

  var type: UInt8 {
    switch self {
    case .batch: LogRecord.batchType
    case .prepared: 2
    case .committed: 3
    case .aborted: 4
    }
  }

  /// The payload; of a batch without its rows.
  var payload: [UInt8] {
    var writer = ByteWriter(capacity: 40)
    switch self {
    case .batch(let attempt, let sequence):
      LogRecord.write(attempt, into: &writer)
      writer.write(sequence)
    case .prepared(let attempt, let batchCount, let contents):
      LogRecord.write(attempt, into: &writer)
      writer.write(batchCount)
      writer.write(contents.lsn)
      writer.write(contents.profileCount)
      writer.write(contents.eventCount)
    case .committed(let attempt), .aborted(let attempt):
      LogRecord.write(attempt, into: &writer)
    }
    return writer.bytes
  }

  init(type: UInt8, payload: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(payload)
    let job = JobID(try reader.read(UInt64.self))
    let attempt = StoredImport(job: job, attempt: try reader.read(UInt32.self))
    switch type {
    case LogRecord.batchType:
      self = .batch(attempt, sequence: try reader.read(UInt32.self))
      return
    case 2:
      let batchCount = try reader.read(UInt32.self)
      let contents = StoreContents(
        lsn: try reader.read(UInt64.self),
        profileCount: try reader.read(UInt64.self),
        eventCount: try reader.read(UInt64.self)
      )
      guard contents.profileCount <= UInt64(TextTable.countMax),
        contents.eventCount <= UInt64(Int.max)
      else { throw .invalidValue(at: 0, what: "contents that no shard can hold") }
      self = .prepared(attempt, batchCount: batchCount, contents)
    case 3: self = .committed(attempt)
    case 4: self = .aborted(attempt)
    default: throw .unknownTag(at: 0, tag: UInt64(type), of: "type of a shard's log record")
    }
    try reader.finish()
  }

  private static func write(_ attempt: StoredImport, into writer: inout ByteWriter) {
    writer.write(attempt.job.number)
    writer.write(attempt.attempt)
  }
}
