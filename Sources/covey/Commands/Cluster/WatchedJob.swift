import Synchronization

/// The job being watched, for the thread that takes signals.
final class WatchedJob: Sendable {
  private let name = Mutex<String?>(nil)

  var id: String? {
    get { name.withLock { $0 } }
    set { name.withLock { $0 = newValue } }
  }
}
