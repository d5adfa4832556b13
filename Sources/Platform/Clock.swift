package import Bytes

/// The two clocks: wall time for people and records, monotonic time for every timer.
package protocol Clock: Sendable {
  /// Wall time in UTC.
  var now: Instant { get }
  /// Milliseconds since some fixed moment; never steps back.
  var monotonicMilliseconds: Int64 { get }
}
