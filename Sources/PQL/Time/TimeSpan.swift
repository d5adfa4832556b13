package import Bytes

/// A time value: an instant, or a whole day or calendar unit [`start`, `end`).
///
/// As a plain value it stands for its start.
package struct TimeSpan: Hashable, Sendable {
  package var start: Instant
  /// The first instant after the span; `start` itself for an instant.
  package var end: Instant
  /// What the span is one of; `nil` for an instant.
  package var unit: TimeUnit?
  /// How the span moves with the clock; known only where an evaluation watches it.
  package var motion: ClockMotion?

  package init(start: Instant, end: Instant, unit: TimeUnit) {
    self.start = start
    self.end = end
    self.unit = unit
  }

  package init(_ instant: Instant) {
    start = instant
    end = instant
    unit = nil
  }

  /// Whether the span is a single instant.
  package var isInstant: Bool { unit == nil }

  /// The last instant that belongs to the span.
  package var last: Instant { isInstant ? start : end.advanced(byMilliseconds: -1) }
}

/// The instants for which a time test is true: those from `first` to `last`, or all others.
package struct TimeWindow: Hashable, Sendable {
  package var first: Instant
  /// Included; before `first` the window is empty.
  package var last: Instant
  /// The test is true for every other instant.
  package var isInverted: Bool

  package init(
    from first: Instant = Instant(milliseconds: .min),
    through last: Instant = Instant(milliseconds: .max),
    isInverted: Bool = false
  ) {
    self.first = first
    self.last = last
    self.isInverted = isInverted
  }

  package func contains(_ instant: Instant) -> Bool {
    (first <= instant && instant <= last) != isInverted
  }
}
