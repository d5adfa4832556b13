/// Has a busy thread burden all processors alike.
///
/// The system leaves a thread on its processor as long as none is idle. Threads that keep to that one are
/// late then by all that it takes from them, and whoever needs the answers of all waits for the latest;
/// in turns they are late by the same.
package struct ProcessorTurns {
  /// How long a turn is: short beside what is waited for, long beside what a move costs.
  package static let milliseconds: Int64 = 4

  private var next = 0
  private var moveAt = Int64.min

  package init() {}

  /// Moves the calling thread on when its turn is over.
  ///
  /// - Parameter now: monotonic milliseconds.
  package mutating func go(atMonotonicMilliseconds now: Int64) {
    guard now >= moveAt else { return }
    moveAt = now + Self.milliseconds
    Processors.moveThread(to: next)
    // Wraps long before it overflows: it counts among at most so many as a set holds.
    next = (next + 1) % 4_096
  }
}
