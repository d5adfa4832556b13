package import Bytes
private import Glibc

/// The system's clocks.
package struct LinuxClock: Clock {
  package init() {}

  package var now: Instant { Instant(milliseconds: LinuxClock.read(CLOCK_REALTIME)) }

  package var monotonicMilliseconds: Int64 { LinuxClock.read(CLOCK_MONOTONIC) }

  /// What measurements are made with: nanoseconds since some moment before the process began.
  package static var monotonicNanoseconds: UInt64 {
    let time = time(of: CLOCK_MONOTONIC)
    return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000
      &+ UInt64(truncatingIfNeeded: time.tv_nsec)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    let time = time(of: clock)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func time(of clock: clockid_t) -> timespec {
    var time = timespec()
    // The call only writes the structure it is given; it cannot fail for these two clocks.
    unsafe clock_gettime(clock, &time)
    return time
  }
}
