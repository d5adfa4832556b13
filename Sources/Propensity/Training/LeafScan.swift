/// One leaf's totals, and the scan of one feature's bins for the best place to split them.
struct LeafScan {
  private let settings: TrainingSettings
  private let gradient: Int64
  private let hessian: Int64
  /// Hessian, in units of 2⁻²⁰, that a child needs.
  private let childHessianMin: Int64
  private let ownScore: Double

  init(
    settings: TrainingSettings,
    totals: (gradient: Int64, hessian: Int64),
    rowCount: UInt64
  ) {
    self.settings = settings
    (gradient, hessian) = totals
    // Rows of a child are estimated by its share of the hessian, as LightGBM does.
    let perRow = Double(hessian) / Double(max(1, rowCount))
    let forRows = perRow * Double(settings.childRowCountMin)
    let forHessian = settings.childHessianMin / FixedPoint.coarseHessianUnit
    childHessianMin = Int64(min(max(1, forRows, forHessian), 0x1p62).rounded(.up))
    ownScore = LeafScan.score(gradient, hessian, l1: settings.l1, penalty: settings.l2)
  }

  var mayBeSplit: Bool { hessian / 2 >= childHessianMin }

  /// Tries every bin as the last that goes left, with missing rows on either side.
  func numeric(_ slots: UnsafeBufferPointer<Int64>, feature: Int) -> SplitCandidate? {
    let bins = slots.count / 2
    let missing = unsafe (gradient: slots[0], hessian: slots[1])
    let hasMissing = missing.gradient != 0 || missing.hessian != 0
    let (l1, penalty) = (settings.l1, settings.l2)
    let limit = childHessianMin
    var bestScore = -Double.infinity
    var best: (bin: Int, missingLeft: Bool, hessian: Int64) = (0, false, 0)
    var (left, leftHessian): (Int64, Int64) = (0, 0)
    for bin in 1..<bins &- 1 {
      unsafe left &+= slots[2 &* bin]
      unsafe leftHessian &+= slots[2 &* bin &+ 1]
      if hasMissing {
        let withMissing = leftHessian &+ missing.hessian
        if withMissing >= limit && hessian &- withMissing >= limit {
          let gradientLeft = left &+ missing.gradient
          let score =
            LeafScan.score(gradientLeft, withMissing, l1: l1, penalty: penalty)
            + LeafScan.score(
              gradient &- gradientLeft,
              hessian &- withMissing,
              l1: l1,
              penalty: penalty
            )
          if score > bestScore {
            bestScore = score
            best = (bin, true, withMissing)
          }
        }
      }
      if leftHessian >= limit && hessian &- leftHessian >= limit {
        let score =
          LeafScan.score(left, leftHessian, l1: l1, penalty: penalty)
          + LeafScan.score(gradient &- left, hessian &- leftHessian, l1: l1, penalty: penalty)
        if score > bestScore {
          bestScore = score
          best = (bin, false, leftHessian)
        }
      }
    }
    // Present against missing: everything that has a value goes left.
    if hasMissing {
      let present = hessian &- missing.hessian
      if present >= limit && missing.hessian >= limit {
        let score =
          LeafScan.score(gradient &- missing.gradient, present, l1: l1, penalty: penalty)
          + LeafScan.score(missing.gradient, missing.hessian, l1: l1, penalty: penalty)
        if score > bestScore {
          bestScore = score
          best = (bins - 1, false, present)
        }
      }
    }
    // Where no row was missing, one that comes later goes with the greater part.
    let missingLeft = hasMissing ? best.missingLeft : best.hessian > hessian &- best.hessian
    return candidate(
      score: bestScore,
      leftHessian: best.hessian,
      rule: SplitRule(
        feature: feature,
        test: .upTo(bin: UInt8(truncatingIfNeeded: best.bin), missingLeft: missingLeft)
      )
    )
  }

  /// Tries every prefix of the bins in the order of their smoothed mean gradient.
  ///
  /// That order contains the best of all two-part divisions (W. D. Fisher, JASA 53 (1958); used as
  /// in LightGBM). Bins with too little hessian to say anything are left out and go right.
  func categorical(_ slots: UnsafeBufferPointer<Int64>, feature: Int) -> SplitCandidate? {
    let smoothing = settings.categorySmoothing
    let (l1, penalty) = (settings.l1, settings.l2 + settings.categoryL2)
    var order: [(bin: Int, mean: Double)] = []
    for bin in 0..<slots.count / 2 {
      let sums = unsafe (gradient: slots[2 * bin], hessian: slots[2 * bin + 1])
      guard sums.hessian > 0 else { continue }
      let mean =
        Double(sums.gradient) * FixedPoint.coarseGradientUnit
        / (Double(sums.hessian) * FixedPoint.coarseHessianUnit + smoothing)
      order.append((bin, mean))
    }
    order.sort { $0.mean != $1.mean ? $0.mean < $1.mean : $0.bin < $1.bin }
    var (left, leftHessian): (Int64, Int64) = (0, 0)
    var bestScore = -Double.infinity
    var best = (count: 0, hessian: 0 as Int64)
    for (index, entry) in order.dropLast().enumerated() {
      unsafe left &+= slots[2 * entry.bin]
      unsafe leftHessian &+= slots[2 * entry.bin + 1]
      guard leftHessian >= childHessianMin, hessian &- leftHessian >= childHessianMin else {
        continue
      }
      let score =
        LeafScan.score(left, leftHessian, l1: l1, penalty: penalty)
        + LeafScan.score(gradient &- left, hessian &- leftHessian, l1: l1, penalty: penalty)
      if score > bestScore {
        bestScore = score
        best = (index + 1, leftHessian)
      }
    }
    return candidate(
      score: bestScore,
      leftHessian: best.hessian,
      rule: SplitRule(
        feature: feature,
        test: .among(BinSet(order.prefix(best.count).map(\.bin)))
      )
    )
  }

  private func candidate(score: Double, leftHessian: Int64, rule: SplitRule) -> SplitCandidate? {
    let gain = 0.5 * (score - ownScore)
    guard gain > settings.splitGainMin, gain.isFinite else { return nil }
    return SplitCandidate(
      rule: rule,
      gain: gain,
      leftShare: Double(leftHessian) / Double(hessian)
    )
  }

  /// G²/(H + λ), with α taken from |G| first.
  @inline(__always)
  private static func score(
    _ gradient: Int64,
    _ hessian: Int64,
    l1: Double,
    penalty: Double
  ) -> Double {
    let magnitude = abs(Double(gradient)) * FixedPoint.coarseGradientUnit - l1
    let kept = magnitude > 0 ? magnitude : 0
    return kept * kept / (Double(hessian) * FixedPoint.coarseHessianUnit + penalty)
  }
}
