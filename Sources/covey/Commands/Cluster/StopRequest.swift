/// Lets a long command end in good order after Ctrl-C: it asks now and then.
struct StopRequest {
  private let termination: Termination

  /// From now on a first signal is only noted; a second one ends the process.
  init(_ termination: Termination) {
    self.termination = termination
    termination.onSignal { _ in
      Terminal.writeMessage("\ncovey: stopping; once more stops at once\n")
    }
  }

  /// Throws when somebody wants the command to end.
  func check() throws(CommandFailure) {
    guard termination.isRequested else { return }
    throw CommandFailure(.interrupted, "stopped before it was done; nothing was changed")
  }
}
