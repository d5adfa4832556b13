/// One leaf's totals, and the scan of one feature's bins for the best place to split them.
struct LeafScan {
  let settings: TrainingSettings
  /// Of gradients and hessians.
  let unit: Double
  let totals: LeafHistogram.Sums
  /// Hessian, in histograms' units, that a child needs.
  let childHessianMin: Int64
  private let ownScore: Double

  init(
    settings: TrainingSettings,
    unit: Double,
    totals: LeafHistogram.Sums,
    rowCount: UInt64
  ) {
    self.settings = settings
    self.unit = unit
    self.totals = totals
    // Rows of a child are estimated by its share of the hessian, as LightGBM does.
    let perRow = Double(totals.hessian) / Double(max(1, rowCount))
    let forRows = perRow * Double(settings.childRowCountMin)
    let forHessian = settings.childHessianMin / unit
    childHessianMin = Int64(min(max(1, forRows, forHessian), 0x1p62).rounded(.up))
    ownScore = LeafScan.score(totals, unit: unit, l1: settings.l1, penalty: settings.l2)
  }

  var mayBeSplit: Bool { totals.hessian / 2 >= childHessianMin }

  /// Tries every prefix of the bins in the order of their smoothed mean gradient.
  ///
  /// That order contains the best of all two-part divisions (W. D. Fisher, JASA 53 (1958); used as
  /// in LightGBM). Categories of fewer rows than a child needs say nothing of themselves: they are left
  /// out and go right, lest names of a few rows each be learned by heart.
  func categorical(_ slots: UnsafeBufferPointer<Int64>, feature: Int) -> SplitCandidate? {
    let smoothing = settings.categorySmoothing
    let (l1, penalty) = (settings.l1, settings.l2 + settings.categoryL2)
    var order: [(bin: Int, mean: Double)] = []
    for bin in 0..<slots.count / 2 {
      let sums = unsafe (gradient: slots[2 * bin], hessian: slots[2 * bin + 1])
      guard sums.hessian >= childHessianMin else { continue }
      let mean =
        Double(sums.gradient) * unit / (Double(sums.hessian) * unit + smoothing)
      order.append((bin, mean))
    }
    order.sort { $0.mean != $1.mean ? $0.mean < $1.mean : $0.bin < $1.bin }
    var left = LeafHistogram.Sums()
    var bestScore = -Double.infinity
    var best = (count: 0, left: left)
    for (index, entry) in order.dropLast().enumerated() {
      left =
        unsafe left
        + LeafHistogram.Sums(
          gradient: slots[2 * entry.bin],
          hessian: slots[2 * entry.bin + 1]
        )
      let right = totals - left
      guard left.hessian >= childHessianMin, right.hessian >= childHessianMin else { continue }
      let score =
        LeafScan.score(left, unit: unit, l1: l1, penalty: penalty)
        + LeafScan.score(right, unit: unit, l1: l1, penalty: penalty)
      if score > bestScore {
        bestScore = score
        best = (index + 1, left)
      }
    }
    guard let gain = gain(ofScore: bestScore) else { return nil }
    let bins = BinSet(order.prefix(best.count).map(\.bin))
    return SplitCandidate(
      rule: SplitRule(feature: feature, test: .among(bins)),
      gain: gain,
      left: best.left
    )
  }

  /// How much the objective falls where children have this score; `nil` if that is too little.
  func gain(ofScore score: Double) -> Double? {
    let gain = 0.5 * (score - ownScore)
    return gain > settings.splitGainMin && gain.isFinite ? gain : nil
  }

  /// G²/(H + λ), with α taken from |G| first.
  @inline(__always)
  static func score(
    _ gradient: Double,
    _ hessian: Double,
    unit: Double,
    l1: Double,
    penalty: Double
  ) -> Double {
    let magnitude = abs(gradient) * unit - l1
    let kept = magnitude > 0 ? magnitude : 0
    return kept * kept / (hessian * unit + penalty)
  }

  static func score(
    _ sums: LeafHistogram.Sums,
    unit: Double,
    l1: Double,
    penalty: Double
  ) -> Double {
    score(
      Double(sums.gradient),
      Double(sums.hessian),
      unit: unit,
      l1: l1,
      penalty: penalty
    )
  }
}
