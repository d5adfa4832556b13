/// A double that is a whole number over a small power of ten, such as a price.
package struct Decimal: Equatable, Sendable {
  /// 0…`scaleMax`.
  package var scale: Int
  /// At most 2^53 away from zero.
  package var number: Int64

  package static let scaleMax = 4
  package static let powers: [Double] = [1, 10, 100, 1_000, 10_000]

  /// The decimal of least scale whose `value` is this very double; `nil` when there is none.
  package init?(_ value: Double) {
    var power = 1.0
    for scale in 0...4 {
      let scaled = (value * power).rounded(.toNearestOrEven)
      guard scaled.magnitude <= 9_007_199_254_740_992.0 else { return nil }
      if scaled / power == value {
        // The sign of minus zero is lost in a whole number.
        guard scaled != 0 || value.sign == .plus else { return nil }
        self.scale = scale
        number = Int64(scaled)
        return
      }
      power *= 10
    }
    return nil
  }

  package init(scale: Int, number: Int64) {
    self.scale = scale
    self.number = number
  }

  /// Both operands are exact, so the quotient is the double nearest to the decimal.
  package var value: Double { Double(number) / Decimal.powers[min(max(scale, 0), 4)] }
}
