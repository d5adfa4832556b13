import Bytes
import Platform
import Runtime
import Synchronization

/// Keeps what processes log, and lets a test wait for a line.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  private let news = BlockingQueue<Bool>()

  var all: [String] { lines.withLock { $0 } }

  func log(_ node: String) -> Log {
    Log(node: Text(node)) { line in
      self.lines.withLock { $0.append(line) }
      self.news.push(true)
    }
  }

  /// Waits until a line holds all the words; `nil` when none came in time.
  func line(with words: String..., withinMilliseconds milliseconds: Int64 = 20_000) -> String? {
    let end = LinuxClock().monotonicMilliseconds + milliseconds
    while true {
      if let line = all.first(where: { line in words.allSatisfy { line.contains($0) } }) {
        return line
      }
      let left = end - LinuxClock().monotonicMilliseconds
      guard left > 0 else { return nil }
      _ = news.pop(withinMilliseconds: left)
    }
  }

  /// Waits for the next line, whatever it is, or a little while.
  func waitForMore() { _ = news.pop(withinMilliseconds: 100) }
}
