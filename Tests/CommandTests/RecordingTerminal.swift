import Bytes
import Platform
import Synchronization
import covey

/// A terminal that keeps what is written to it.
final class RecordingTerminal {
  private final class Messages: Sendable {
    let text = Mutex("")
  }

  let results = MemorySink()
  let clock = StandingClock()
  let terminal: Terminal
  private let kept: Messages

  var messages: String { kept.text.withLock { $0 } }

  init(canAsk: Bool = false, messagesAreLive: Bool = false) {
    let kept = Messages()
    self.kept = kept
    terminal = Terminal(
      results: ResultOutput(results),
      canAsk: canAsk,
      messagesAreLive: messagesAreLive,
      termination: Termination(),
      clock: clock,
      messages: { text in kept.text.withLock { $0 += text } }
    )
  }
}

/// A clock that moves when it is told to.
final class StandingClock: Clock {
  private let time = Mutex<Int64>(1_000_000)

  var now: Instant { Instant(milliseconds: monotonicMilliseconds) }

  var monotonicMilliseconds: Int64 { time.withLock { $0 } }

  func advance(milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
