package import Bytes
package import Cluster
package import Platform

/// Where a process says what happens to it: one line an event.
///
/// ```
/// ts=1795493046.664 level=info at=coordinator event=worker-joined worker=w1 epoch=3
/// ```
package struct Log: Sendable {
  /// Takes whole lines, each with its newline; called from any thread.
  package typealias Sink = @Sendable (String) -> Void

  /// Who writes, as `coordinator` or a worker's name.
  private let node: Text
  private let clock: any Clock
  private let sink: Sink

  package init(
    node: Text,
    clock: any Clock = LinuxClock(),
    sink: @escaping Sink = { StandardStream.tell($0) }
  ) {
    self.node = node
    self.clock = clock
    self.sink = sink
  }

  /// A log that is thrown away.
  package static let none = Log(node: "", sink: { _ in })

  package func info(_ event: Text, _ fields: [LogField] = []) { write(.info, event, fields) }

  package func warning(_ event: Text, _ fields: [LogField] = []) { write(.warning, event, fields) }

  package func error(_ event: Text, _ fields: [LogField] = []) { write(.error, event, fields) }

  package func write(_ level: LogLevel, _ event: Text, _ fields: [LogField]) {
    sink(LogLine.text(at: clock.now, level, node: node, event: event, fields))
  }
}
