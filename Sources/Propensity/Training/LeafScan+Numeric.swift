// The divisions of a feature whose bins are in the order of its values: every bin is tried as the last
// that goes left, with missing rows on either side. Several divisions are scored at a time.
extension LeafScan {
  /// Scores whose greatest is looked for at the same time.
  private static let laneCount = 4

  /// Sums of the bins up to each one that may be the last on the left, missing rows left out.
  ///
  /// As doubles, which hold them exactly for up to 2⁴³ rows.
  @unsafe private struct Prefixes {
    let count: Int
    let gradients: UnsafeMutablePointer<Double>
    let hessians: UnsafeMutablePointer<Double>
    let scores: UnsafeMutablePointer<Double>
  }

  /// Where a feature is divided best.
  private struct Division {
    var score = -Double.infinity
    /// The last bin that goes left.
    var bin = 0
    var missingLeft = false
    var left = LeafHistogram.Sums()
  }

  /// - Parameters:
  ///   - slots: of the feature's bins, the one of missing rows first.
  ///   - feature: the feature's index.
  ///   - floor: what the gain has to be above.
  /// - Returns: `nil` when no division is.
  func numeric(
    _ slots: UnsafeBufferPointer<Int64>,
    feature: Int,
    above floor: Double
  ) -> SplitCandidate? {
    let bins = slots.count / 2
    let missing = unsafe LeafHistogram.Sums(gradient: slots[0], hessian: slots[1])
    let hasMissing = missing != LeafHistogram.Sums()
    var best = Division()
    let count = max(0, bins - 2)
    let room = count + Self.laneCount
    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * room) { buffer in
      guard let start = buffer.baseAddress else { return }
      let prefixes = unsafe Prefixes(
        count: count,
        gradients: start,
        hessians: start + room,
        scores: start + 2 * room
      )
      unsafe sum(slots, into: prefixes)
      if hasMissing { unsafe best = self.best(prefixes, missingLeft: missing, above: floor) }
      let other = unsafe self.best(prefixes, missingLeft: nil, above: floor)
      if other.score > best.score || (other.score == best.score && other.bin < best.bin) {
        best = other
      }
    }
    // Present against missing: everything that has a value goes left.
    if hasMissing {
      let present = totals - missing
      if present.hessian >= childHessianMin && missing.hessian >= childHessianMin {
        let score =
          LeafScan.score(present, unit: unit, l1: settings.l1, penalty: settings.l2)
          + LeafScan.score(missing, unit: unit, l1: settings.l1, penalty: settings.l2)
        if score > best.score { best = Division(score: score, bin: bins - 1, left: present) }
      }
    }
    guard let gain = gain(ofScore: best.score), gain > floor else { return nil }
    let last = best.bin
    if last < bins - 1 {
      best.left = best.missingLeft ? missing : LeafHistogram.Sums()
      for bin in 1...last {
        unsafe best.left =
          best.left
          + LeafHistogram.Sums(gradient: slots[2 * bin], hessian: slots[2 * bin + 1])
      }
    }
    // Where no row was missing, one that comes later goes with the greater part.
    let missingLeft =
      hasMissing ? best.missingLeft : best.left.hessian > totals.hessian &- best.left.hessian
    return SplitCandidate(
      rule: SplitRule(
        feature: feature,
        test: .upTo(bin: UInt8(truncatingIfNeeded: last), missingLeft: missingLeft)
      ),
      gain: gain,
      left: best.left
    )
  }

  private func sum(_ slots: UnsafeBufferPointer<Int64>, into prefixes: Prefixes) {
    var (gradient, hessian): (Int64, Int64) = (0, 0)
    let count = unsafe prefixes.count
    for index in 0..<count {
      unsafe gradient &+= slots[2 &* index &+ 2]
      unsafe hessian &+= slots[2 &* index &+ 3]
      unsafe prefixes.gradients[index] = Double(gradient)
      unsafe prefixes.hessians[index] = Double(hessian)
    }
  }

  /// The first of the best divisions, with missing rows of these sums on the left, or on the right.
  private func best(
    _ prefixes: Prefixes,
    missingLeft missing: LeafHistogram.Sums?,
    above floor: Double
  ) -> Division {
    let gradient = Double(missing?.gradient ?? 0)
    let hessian = Double(missing?.hessian ?? 0)
    let whole = (gradient: Double(totals.gradient), hessian: Double(totals.hessian))
    let limit = Double(childHessianMin)
    // Hessians are not negative, so those that leave both children enough follow each other.
    var first = 0
    var end = unsafe prefixes.count
    while unsafe first < end && prefixes.hessians[first] + hessian < limit { first += 1 }
    while unsafe end > first && whole.hessian - (prefixes.hessians[end - 1] + hessian) < limit {
      end -= 1
    }
    guard first < end else { return Division() }
    let scores = unsafe prefixes.scores
    let (l1, penalty) = (settings.l1, settings.l2)
    for index in first..<end {
      let left = unsafe prefixes.gradients[index] + gradient
      let leftHessian = unsafe prefixes.hessians[index] + hessian
      unsafe scores[index] =
        LeafScan.score(left, leftHessian, unit: unit, l1: l1, penalty: penalty)
        + LeafScan.score(
          whole.gradient - left,
          whole.hessian - leftHessian,
          unit: unit,
          l1: l1,
          penalty: penalty
        )
    }
    let score = unsafe Self.greatest(scores, first..<end)
    guard let gain = gain(ofScore: score), gain > floor else { return Division() }
    while unsafe first < end && scores[first] != score { first += 1 }
    return first < end
      ? Division(score: score, bin: first + 1, missingLeft: missing != nil) : Division()
  }

  /// The greatest of some scores, behind which there is room for as many as are compared at a time.
  private static func greatest(
    _ scores: UnsafeMutablePointer<Double>,
    _ range: Range<Int>
  ) -> Double {
    unsafe (scores + range.upperBound).initialize(repeating: -.infinity, count: laneCount)
    var (a, b, c, d) = (-Double.infinity, -Double.infinity, -Double.infinity, -Double.infinity)
    for index in stride(from: range.lowerBound, to: range.upperBound, by: laneCount) {
      a = unsafe scores[index] > a ? scores[index] : a
      b = unsafe scores[index + 1] > b ? scores[index + 1] : b
      c = unsafe scores[index + 2] > c ? scores[index + 2] : c
      d = unsafe scores[index + 3] > d ? scores[index + 3] : d
    }
    return max(max(a, b), max(c, d))
  }
}
