import Bytes
import Platform

/// Tells how far a long command is: one line that is written anew on a terminal, else lines below
/// each other at long intervals for who asks for them.
package final class ProgressLine {
  private static let liveIntervalMilliseconds: Int64 = 100
  private static let appendedIntervalMilliseconds: Int64 = 5_000
  /// Nothing is shown before: short commands stay quiet.
  private static let delayMilliseconds: Int64 = 300

  private let terminal: Terminal
  private let isLive: Bool
  private let isShown: Bool
  private let start: Int64
  private var last: Int64?
  private var hasLine = false

  /// Makes a line that is shown on a terminal, or everywhere when it is wanted.
  package init(_ terminal: Terminal, isWanted: Bool) {
    self.terminal = terminal
    isLive = terminal.messagesAreLive
    isShown = isLive || isWanted
    start = terminal.clock.monotonicMilliseconds
  }

  package var elapsedMilliseconds: Int { Int(terminal.clock.monotonicMilliseconds - start) }

  /// Shows a text if it is time to.
  package func show(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let now = terminal.clock.monotonicMilliseconds
    let interval =
      isLive ? ProgressLine.liveIntervalMilliseconds : ProgressLine.appendedIntervalMilliseconds
    guard now - start >= ProgressLine.delayMilliseconds, last.map({ now - $0 >= interval }) ?? true
    else { return }
    last = now
    guard isLive else { return terminal.message(text()) }
    let width = (terminal.messageStyle.width ?? 80) - 1
    terminal.writeMessage("\r\u{1B}[K" + DisplayWidth.cut(text(), to: width))
    hasLine = true
  }

  /// Takes the line away before something else is written.
  package func clear() {
    guard hasLine else { return }
    terminal.writeMessage("\r\u{1B}[K")
    hasLine = false
  }

  /// A part of a whole with its share, pace and time left, such as
  /// `reading 412 MB of 1.2 GB, 34%, 96 MB/s, 8s left`.
  package static func text(
    _ what: String,
    bytes: Int,
    of total: Int,
    elapsedMilliseconds: Int
  ) -> String {
    var text = "\(what) \(Human.size(bytes: bytes)) of \(Human.size(bytes: total))"
    guard total > 0, elapsedMilliseconds > 0 else { return text }
    text += ", \(Int(100 * Double(bytes) / Double(total)))%"
    let pace = Double(bytes) * 1_000 / Double(elapsedMilliseconds)
    text += ", \(Human.size(bytes: Int(pace)))/s"
    // A guess from the first few percent would only jump about.
    if Double(bytes) >= 0.05 * Double(total), pace > 0 {
      let left = Double(total - bytes) / pace * 1_000
      text += ", \(DurationText.age(milliseconds: Int(left.rounded(.up)) + 999)) left"
    }
    return text
  }
}
