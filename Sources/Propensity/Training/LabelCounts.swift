/// Rows and how many of them reached the goal; counts of several partitions are added.
package struct LabelCounts: Equatable, Sendable {
  package var trainingRows: UInt64 = 0
  package var trainingPositives: UInt64 = 0
  package var holdOutRows: UInt64 = 0
  package var holdOutPositives: UInt64 = 0

  package init() {}

  mutating func add(isPositive: Bool, isHeldOut: Bool) {
    if isHeldOut {
      holdOutRows += 1
      holdOutPositives += isPositive ? 1 : 0
    } else {
      trainingRows += 1
      trainingPositives += isPositive ? 1 : 0
    }
  }

  package func adding(_ other: LabelCounts) -> LabelCounts {
    var sum = self
    sum.trainingRows &+= other.trainingRows
    sum.trainingPositives &+= other.trainingPositives
    sum.holdOutRows &+= other.holdOutRows
    sum.holdOutPositives &+= other.holdOutPositives
    return sum
  }
}
