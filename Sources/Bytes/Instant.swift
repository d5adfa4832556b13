/// A point of UTC time in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  @inlinable public static func < (left: Instant, right: Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// The instant `milliseconds` later, cut to the range of `Int64`.
  @inlinable public func advanced(byMilliseconds milliseconds: Int64) -> Instant {
    let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
    if overflow { return Instant(milliseconds: milliseconds < 0 ? .min : .max) }
    return Instant(milliseconds: sum)
  }
}
