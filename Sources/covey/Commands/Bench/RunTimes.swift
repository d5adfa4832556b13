import Bytes

/// How long something took, run by run.
package struct RunTimes: Equatable, Sendable {
  package private(set) var seconds: [Double] = []

  package init() {}

  package init(seconds: [Double]) { self.seconds = seconds }

  /// Runs something, and keeps how long it took.
  package mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try body()
    let (whole, attoseconds) = start.duration(to: clock.now).components
    seconds.append(Double(whole) + Double(attoseconds) / 1e18)
    return result
  }

  /// Adds a run.
  package mutating func add(_ seconds: Double) { self.seconds.append(seconds) }

  /// Forgets the runs so far: they were to warm up.
  package mutating func removeAll() { seconds.removeAll() }

  /// 0 without runs.
  package var minimum: Double { seconds.min() ?? 0 }

  /// The middle one, or the mean of the two in the middle; 0 without runs.
  package var median: Double {
    let sorted = seconds.sorted()
    guard let upper = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
  }

  /// In the middle, how many times as long runs took as those of before or after them.
  ///
  /// - Parameter others: as many, in the same order.
  /// - Returns: 0 without runs.
  package func medianRatio(to others: RunTimes) -> Double {
    RunTimes(seconds: zip(seconds, others.seconds).map { $0 / max($1, 1e-9) }).median
  }

  /// The best and the middle run in a unit that suits them.
  var text: String {
    "\(RunTimes.text(minimum)) at best, \(RunTimes.text(median)) in the middle of "
      + Human.counted(seconds.count, "run")
  }

  /// A time with three digits or so.
  package static func text(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.000_1: "\(Human.tenths(seconds * 1e6)) µs"
    case ..<1: "\(Human.tenths(seconds * 1e3)) ms"
    default: "\(Human.tenths(seconds)) s"
    }
  }
}
