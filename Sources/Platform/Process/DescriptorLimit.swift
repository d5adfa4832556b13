private import Glibc

/// How many files and connections the process may have open at a time.
package enum DescriptorLimit {
  /// Kept free for files of the process's own when connections are counted.
  package static let reservedCount = 32
  /// More than any process here has use for.
  private static let wantedCount: rlim_t = 65_536

  /// Raises the limit as far as the system lets a process do so by itself.
  package static func raise() {
    var limit = rlimit()
    guard unsafe getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, wantedCount))
    // A refusal leaves the limit as it was, which `count` then tells.
    _ = unsafe setrlimit(RLIMIT_NOFILE, &limit)
  }

  /// The limit as it is.
  package static var count: Int {
    var limit = rlimit()
    guard unsafe getrlimit(RLIMIT_NOFILE, &limit) == 0 else {
      return 256
    }
    return Int(clamping: limit.rlim_cur)
  }
}
