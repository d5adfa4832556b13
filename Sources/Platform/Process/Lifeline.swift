private import Glibc

/// Ends a child when the process that started it is gone.
package enum Lifeline {
  /// Calls `body` on a thread of its own once the pipe at `descriptor` has ended.
  package static func watch(
    descriptor: Int32,
    _ body: @escaping @Sendable () -> Void
  ) throws(PlatformError) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let thread = try WorkerThread(named: "covey-lifeline", stackByteCount: 256 << 10) {
      var byte: UInt8 = 0
      while true {
        let count = unsafe read(descriptor, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      body()
    }
    thread.detach()
  }
}
