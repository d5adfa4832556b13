/// What histograms count gradients and hessians in: 2⁻¹⁸ for few rows, 2⁻⁶ for a million and more.
///
/// The coarser it is the less there is to send, and that is what training over workers costs. Rounding
/// adds less than a thousandth to the variance that a sum of gradients has by itself at the first tree,
/// and a few thousandths where a profile has rows at several cut-offs, which share their draw. What is
/// rounded away is up to a draw, so that sums are right on the average also where rows are alike
/// (Y. Shi et al., "Quantized Training of Gradient Boosting Decision Trees", NeurIPS 2022).
package struct HistogramUnit: Equatable, Sendable {
  static let bitRange = 6...18
  /// Up to 2 to the power of these rows sums over all of them have 30 bits; there is not much to send.
  private static let fewRowBits = 16

  /// The unit is 2 to the power of minus these.
  package let bits: Int

  /// - Parameters:
  ///   - rowCount: of the training rows of all partitions.
  ///   - positiveCount: those of them that reached the goal. Where few did, or few did not, gradients
  ///     differ less, and the unit is finer.
  package init(rowCount: UInt64, positiveCount: UInt64) {
    let rowBits = UInt64.bitWidth - rowCount.leadingZeroBitCount
    // From one doubling of the rows to the next the unit doubles, and beyond few rows doubles twice.
    let bitsOfRows = 30 - rowBits - max(0, rowBits - Self.fewRowBits)
    let share = Double(positiveCount) / Double(max(1, rowCount))
    let variance = share * (1 - share)
    // A number's rounding has a variance of at most a quarter of the unit's square.
    let isFine = { (bits: Int) in 1 / Double(4 << (2 * bits)) <= variance / 1_000 }
    let bitsOfVariance = Self.bitRange.first(where: isFine) ?? Self.bitRange.upperBound
    bits = min(max(bitsOfRows, bitsOfVariance), Self.bitRange.upperBound)
  }

  /// - Returns: `nil` when there is no such unit.
  init?(bits: Int) {
    guard Self.bitRange.contains(bits) else { return nil }
    self.bits = bits
  }

  var value: Double { 1 / Double(1 << bits) }

  /// Rows whose sums fit in 32 bits each: none has a gradient of more than 1.
  var packedRowCountMax: Int { 1 << (31 - bits) - 1 }

  /// A gradient in these units, rounded by a draw.
  @inline(__always)
  func gradient(_ exact: Int64, _ draw: UInt64) -> Int64 {
    Self.rounded(exact, by: Int64(FixedPoint.gradientBits &- bits), draw)
  }

  /// A hessian in these units, rounded by a draw.
  @inline(__always)
  func hessian(_ exact: Int64, _ draw: UInt64) -> Int64 {
    Self.rounded(exact, by: Int64(FixedPoint.hessianBits &- bits), draw)
  }

  /// A number without its lowest bits, rounded up as often as these are part of a unit.
  ///
  /// - Parameters:
  ///   - number: what is to be rounded.
  ///   - bits: how many, less than 32.
  ///   - draw: evenly distributed, of which the lowest bits count.
  /// - Returns: one of the two whole numbers of units that are next to it.
  @inline(__always)
  package static func rounded(_ number: Int64, by bits: Int64, _ draw: UInt64) -> Int64 {
    (number &+ Int64(truncatingIfNeeded: draw) & (1 &<< bits &- 1)) &>> bits
  }
}
