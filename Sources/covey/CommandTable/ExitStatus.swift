/// How the process ends, by the names of `sysexits.h`.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  case success = 0
  /// The command line is wrong.
  case usage = 64
  /// The input's contents are wrong.
  case data = 65
  /// A named input is not there.
  case noInput = 66
  /// The cluster, or a thing in it, is not there.
  case unavailable = 69
  /// Covey is wrong.
  case software = 70
  /// A named output cannot be made.
  case cannotCreate = 73
  case inputOutput = 74
  /// The same command may work later.
  case tryAgain = 75
  case notPermitted = 77
  case configuration = 78
  /// A signal ended the command; what a shell reports for Ctrl-C.
  case interrupted = 130
}
