internal import Glibc

/// The signals that ask a process to end, taken by a thread instead of a handler.
package enum Signals {
  /// Holds SIGTERM, SIGINT and SIGHUP back for `onTermination` and ignores SIGPIPE.
  ///
  /// The first thing `main` does, before any other thread exists: threads inherit it.
  package static func prepare() {
    var signals = makeTerminationSet()
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Calls `body` on a thread of its own for each SIGTERM, SIGINT or SIGHUP, with the signal's name.
  package static func onTermination(
    _ body: @escaping @Sendable (String) -> Void
  ) throws(PlatformError) {
    let thread = try WorkerThread(named: "covey-signals", stackByteCount: 256 << 10) {
      var signals = makeTerminationSet()
      var number: Int32 = 0
      while unsafe sigwait(&signals, &number) == 0 { body(name(of: number)) }
    }
    thread.detach()
  }

  /// A signal's name such as `SIGTERM`, or its number.
  package static func name(of number: Int32) -> String {
    switch number {
    case SIGHUP: "SIGHUP"
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGKILL: "SIGKILL"
    case SIGABRT: "SIGABRT"
    case SIGSEGV: "SIGSEGV"
    case SIGBUS: "SIGBUS"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGPIPE: "SIGPIPE"
    default: "signal \(number)"
    }
  }

  static func makeTerminationSet() -> sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, number) }
    return signals
  }
}
