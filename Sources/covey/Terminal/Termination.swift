import Platform
import Synchronization

/// What happens when somebody ends the process: Ctrl-C, SIGTERM, a closed terminal.
///
/// Commands run on a thread of their own while `main` waits here for their status. A command that
/// has something to stop or to tidy up says so with `onSignal`; without, the process ends at once.
package final class Termination: Sendable {
  private struct State {
    var handlers: [@Sendable (String) -> Void] = []
    var signalCount = 0
  }

  private let state = Mutex(State())
  private let statuses = BlockingQueue<ExitStatus>()

  package init() {}

  /// Whether a signal came.
  package var isRequested: Bool { state.withLock { $0.signalCount > 0 } }

  /// Calls `body` with the signal's name once one has come, in place of ending the process.
  package func onSignal(_ body: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.handlers.append(body) }
  }

  /// Takes a signal: the first is handled, a second one ends the process.
  package func signal(_ name: String) {
    let (count, handlers) = state.withLock { state in
      state.signalCount += 1
      return (state.signalCount, state.handlers)
    }
    if count > 1 || handlers.isEmpty { return end(.interrupted) }
    for handler in handlers { handler(name) }
  }

  /// Ends the process with a status, whatever else goes on.
  package func end(_ status: ExitStatus) { statuses.push(status) }

  /// Waits until somebody has said how the process ends.
  package func wait() -> ExitStatus { statuses.pop() ?? .software }
}
