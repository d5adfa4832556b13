/// What some work took.
package struct WorkCost: Hashable, Sendable {
  /// Profiles or events that were gone through.
  package var rowCount: UInt64
  /// Steps of the interpreter, where it was asked.
  package var stepCount: UInt64
  /// Time of threads.
  package var nanoseconds: UInt64

  package init(rowCount: UInt64 = 0, stepCount: UInt64 = 0, nanoseconds: UInt64 = 0) {
    self.rowCount = rowCount
    self.stepCount = stepCount
    self.nanoseconds = nanoseconds
  }

  package mutating func add(_ other: WorkCost) {
    rowCount &+= other.rowCount
    stepCount &+= other.stepCount
    nanoseconds &+= other.nanoseconds
  }

  /// One of `count` parts that are together exactly this: as equal as whole numbers can be, the earlier
  /// ones not smaller.
  package func part(_ index: Int, of count: Int) -> WorkCost {
    precondition(0..<count ~= index, "part \(index) of \(count)")
    func share(_ number: UInt64) -> UInt64 {
      let (quotient, rest) = number.quotientAndRemainder(dividingBy: UInt64(count))
      return UInt64(index) < rest ? quotient + 1 : quotient
    }
    return WorkCost(
      rowCount: share(rowCount),
      stepCount: share(stepCount),
      nanoseconds: share(nanoseconds)
    )
  }
}
