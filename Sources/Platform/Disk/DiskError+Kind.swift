private import Glibc

extension DiskError {
  /// What a failed operation means to whoever asked for it.
  package enum Kind: Sendable {
    case absent
    /// A folder where a file is meant.
    case folder
    /// A compressed file that its program cannot read.
    case damaged
    case notPermitted
    case full
    case other
  }

  package var kind: Kind {
    if operation == "decompress", number == 0 { return .damaged }
    return switch number {
    case ENOENT, ENOTDIR: .absent
    case EISDIR: .folder
    case EACCES, EPERM, EROFS: .notPermitted
    case ENOSPC, EDQUOT: .full
    default: .other
    }
  }
}
