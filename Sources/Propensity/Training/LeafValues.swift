// What the leaves of a grown tree are worth.
extension TreeGrowth {
  /// What each leaf adds to the margins of its rows.
  ///
  /// A leaf has what histograms add up to, and of what they round away of all rows its part by
  /// hessian: leaves add up to the exact sums of the whole, and where rows are alike, as those of a rare
  /// outcome are, each has what its rows add up to.
  var leafValues: [Double] {
    let all = leafSums.reduce(LeafHistogram.Sums(), +)
    let unit = finder.unit.value
    let gradientRest =
      Double(whole.gradient) / FixedPoint.gradientScale - Double(all.gradient) * unit
    let hessianRest = Double(whole.hessian) / FixedPoint.hessianScale - Double(all.hessian) * unit
    return leafSums.map { sums in
      let share = Double(sums.hessian) / Double(max(1, all.hessian))
      return value(
        gradient: Double(sums.gradient) * unit + gradientRest * share,
        hessian: Double(sums.hessian) * unit + hessianRest * share
      )
    }
  }

  /// −η·G/(H + λ), with α taken from |G| first.
  private func value(gradient: Double, hessian: Double) -> Double {
    let kept = max(0, abs(gradient) - settings.l1)
    let step = kept / (max(0, hessian) + settings.l2 + Double.leastNormalMagnitude)
    return settings.learningRate * min(step, 100) * (gradient > 0 ? -1 : 1)
  }
}
