private import Synchronization

/// Asks the system's name service on threads of its own, since that blocks.
final class NameResolver: Sendable {
  struct Answer: Sendable {
    var connection: ConnectionID
    var addresses: Result<[SocketAddress], PlatformError>
  }

  private let waker: Waker
  private let answers = Mutex<[Answer]>([])

  init(waker: Waker) { self.waker = waker }

  /// Starts to resolve; `takeAnswers` gives the answer after the waker was used.
  func resolve(_ endpoint: Endpoint, for connection: ConnectionID) {
    do throws(PlatformError) {
      let thread = try WorkerThread(named: "covey-names") {
        do throws(PlatformError) {
          self.finish(connection, .success(try SocketAddress.resolve(endpoint)))
        } catch {
          self.finish(connection, .failure(error))
        }
      }
      thread.detach()
    } catch {
      finish(connection, .failure(error))
    }
  }

  func takeAnswers() -> [Answer] {
    answers.withLock { answers in
      defer { answers = [] }
      return answers
    }
  }

  private func finish(
    _ connection: ConnectionID,
    _ addresses: Result<[SocketAddress], PlatformError>
  ) {
    answers.withLock { $0.append(Answer(connection: connection, addresses: addresses)) }
    waker.wake()
  }
}
