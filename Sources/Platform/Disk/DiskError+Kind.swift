private import Glibc

extension DiskError {
  /// What a failed operation means to whoever asked for it.
  package enum Kind: Sendable {
    case absent
    case notPermitted
    case full
    case other
  }

  package var kind: Kind {
    switch number {
    case ENOENT, ENOTDIR: .absent
    case EACCES, EPERM, EROFS: .notPermitted
    case ENOSPC, EDQUOT: .full
    default: .other
    }
  }
}
