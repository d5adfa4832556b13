package import Platform

/// Why a log could not be read or written.
package enum JournalError: Error, Equatable, Sendable {
  case disk(DiskError)
  case notALog(path: String)
  case unknownVersion(path: String, version: UInt32)
  /// What should be a record at `offset` is none, though valid records follow.
  case damaged(path: String, offset: Int, laterRecordAt: Int)
  case damagedHeader(path: String)
  case recordTooLong(byteCount: Int, limit: Int)
  /// A write or sync failed before; the log has to be opened anew.
  case failedBefore(path: String)
}

extension JournalError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .disk(let error): error.description
    case .notALog(let path): "\(path) is no log of Covey's"
    case .unknownVersion(let path, let version):
      "\(path) is a log of version \(version); this program reads version \(LogFormat.version)"
    case .damaged(let path, let offset, let later):
      "\(path) is damaged at byte \(offset), with a valid record at byte \(later); "
        + "restore the file from a copy"
    case .damagedHeader(let path): "the header of \(path) is damaged; restore the file from a copy"
    case .recordTooLong(let byteCount, let limit):
      "a record of \(byteCount) bytes is over the limit of \(limit)"
    case .failedBefore(let path):
      "\(path) was closed by an earlier failure to write it and has to be opened anew"
    }
  }
}
