import Bytes
import Platform

/// How long the parts of a command took.
struct Timings {
  private let clock: any Clock
  private let start: Int64
  private var last: Int64
  private var parts: [(name: Text, milliseconds: Int64)] = []

  init(_ clock: any Clock) {
    self.clock = clock
    start = clock.monotonicMilliseconds
    last = start
  }

  /// Ends a part that began when the one before ended.
  mutating func end(_ name: Text) {
    let now = clock.monotonicMilliseconds
    parts.append((name, now - last))
    last = now
  }

  /// Adds a part that was measured elsewhere.
  mutating func add(_ name: Text, milliseconds: Int64) {
    parts.append((name, milliseconds))
    last = clock.monotonicMilliseconds
  }

  /// Seconds by part, and of everything so far.
  var seconds: [(name: Text, seconds: Double)] {
    (parts + [("total", clock.monotonicMilliseconds - start)]).map { part in
      (part.name, Double(part.milliseconds) / 1_000)
    }
  }
}
