package import Bytes
package import Domain
package import Journal
package import Platform

/// Why a shard could not be read or changed.
package enum StoreError: Error, Equatable, Sendable {
  /// The log could not be opened, read, written or synced.
  case log(JournalError)
  /// Another file could not be read or written; what was there before is still there.
  case disk(DiskError)
  /// Whether a change took place is known only by opening the shard anew.
  case uncertain(DiskError)
  /// Bytes on disk are not what was written.
  case damaged(file: String, part: FilePart, reason: String)
  case unknownVersion(file: String, version: UInt32)
  case invalidRows(StoredImport, sequence: UInt32, DecodingError)
  /// A batch was sent again with other rows.
  case changedBatch(StoredImport, sequence: UInt32)
  case missingBatch(StoredImport, sequence: UInt32)
  /// A batch whose number is not below the count the import was prepared with.
  case unexpectedBatch(StoredImport, sequence: UInt32, batchCount: UInt32)
  /// A later attempt began, or the job was aborted.
  case superseded(StoredImport)
  /// Another import is ready and waits for its decision.
  case importPending(StoredImport)
  case notPrepared(StoredImport)
  case notStaged(JobID)
  case tooLarge(what: String, count: Int, limit: Int)

  /// A part of a file that has a checksum of its own.
  package enum FilePart: Equatable, Sendable {
    case header
    case footer
    case keys
    case keyOrder
    case keyTable
    /// Names, event types, and which dictionaries there are.
    case catalogue
    case dictionary(Int)
    /// 0-based number of a block of profiles.
    case block(Int)
    /// What begins at this byte.
    case bytes(at: Int)
  }
}

extension StoreError {
  /// A few stable words for programs.
  package var code: String {
    switch self {
    case .log(.disk(let error)), .disk(let error), .uncertain(let error):
      switch error.number {
      case StoreError.noSpaceLeft, StoreError.quotaExceeded: "DISK_FULL"
      default: error.operation == "sync" ? "FSYNC_FAILED" : "DISK_FAILED"
      }
    case .log(.failedBefore): "DISK_FAILED"
    case .log(.unknownVersion), .unknownVersion: "UNKNOWN_VERSION"
    case .log(.recordTooLong), .tooLarge: "LIMIT_EXCEEDED"
    case .log(.damaged), .log(.damagedHeader), .log(.notALog), .damaged: "CHECKSUM_MISMATCH"
    case .invalidRows: "INVALID_ROWS"
    case .changedBatch, .unexpectedBatch: "BATCH_CONFLICT"
    case .superseded: "SUPERSEDED"
    case .importPending: "IMPORT_PENDING"
    case .missingBatch, .notPrepared, .notStaged: "MISSING_DATA"
    }
  }

  /// Whether the same command may succeed later or after its data is sent anew.
  package var isRetryable: Bool {
    switch self {
    case .log(.disk), .log(.failedBefore), .disk, .uncertain, .missingBatch, .importPending: true
    // Blocks are built anew from the log when they are asked for next.
    case .damaged(_, let part, _): part.isOfBlockFile
    default: false
    }
  }

  /// Whether the process has to end, and to recover from what is verified on disk.
  package var isFatal: Bool {
    switch self {
    case .log(.disk), .log(.failedBefore), .uncertain: true
    default: false
    }
  }

  private static let noSpaceLeft: Int32 = 28
  private static let quotaExceeded: Int32 = 122
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .log(let error): error.description
    case .disk(let error): error.description
    case .uncertain(let error):
      "\(error.description); whether it took effect is known when the shard is opened anew"
    case .damaged(let file, let part, let reason):
      "\(file) is damaged in \(part): \(reason); \(remedy(part))"
    case .unknownVersion(let file, let version):
      "\(file) has version \(version) of its format, which this program does not read"
    case .invalidRows(let attempt, let sequence, let error):
      "batch \(sequence) of \(attempt) is not valid: \(error)"
    case .changedBatch(let attempt, let sequence):
      "batch \(sequence) of \(attempt) came a second time with other rows"
    case .missingBatch(let attempt, let sequence):
      "batch \(sequence) of \(attempt) is missing; send it again"
    case .unexpectedBatch(let attempt, let sequence, let batchCount):
      "batch \(sequence) of \(attempt) is one too many: the import has \(batchCount)"
    case .superseded(let attempt): "\(attempt) is void: it was aborted, or a later one began"
    case .importPending(let other): "\(other) is prepared and has to be committed or aborted first"
    case .notPrepared(let attempt): "\(attempt) was not prepared here"
    case .notStaged(let job): "memberships of \(job) are not staged here"
    case .tooLarge(let what, let count, let limit):
      "\(what) has \(count) where \(limit) is the limit"
    }
  }

  private func remedy(_ part: FilePart) -> String {
    part.isOfBlockFile || part == .footer
      ? "it is built anew from the log" : "restore it from a copy"
  }
}

extension StoreError.FilePart: CustomStringConvertible {
  /// Whether it is of a block file, which is made anew when columns are asked for next.
  var isOfBlockFile: Bool {
    switch self {
    case .keys, .keyOrder, .keyTable, .catalogue, .dictionary, .block: true
    case .header, .footer, .bytes: false
    }
  }

  package var description: String {
    switch self {
    case .header: "its header"
    case .footer: "its footer"
    case .keys: "its keys"
    case .keyOrder: "its order of keys"
    case .keyTable: "its table of keys"
    case .catalogue: "its catalogue"
    case .dictionary(let number): "dictionary \(number)"
    case .block(let index): "block \(index)"
    case .bytes(let at): "what begins at byte \(at)"
    }
  }
}
