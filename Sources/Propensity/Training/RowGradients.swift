extension TrainingRows {
  private static let chunkRowCount = 256

  func setMargin(_ index: Int, _ margin: Double) {
    unsafe row(index).storeBytes(of: margin, as: Double.self)
  }

  func half(_ index: Int) -> Int {
    Int(unsafe row(index).load(fromByteOffset: Self.halfOffset, as: UInt8.self))
  }

  func addToMargins(_ range: Range<Int>, _ value: Double) {
    var record = unsafe row(range.lowerBound)
    for _ in range {
      unsafe record.storeBytes(of: record.load(as: Double.self) + value, as: Double.self)
      unsafe record += stride
    }
  }

  /// Sets the rounded gradients and hessians of some rows from their margins.
  ///
  /// - Parameters:
  ///   - range: of the training rows.
  ///   - unit: that they are rounded to.
  ///   - salt: of this tree's draws of what is rounded up.
  /// - Returns: the exact sums.
  func updateGradients(
    _ range: Range<Int>,
    _ unit: HistogramUnit,
    salt: UInt64
  ) -> TrainingAnswer.RowSums {
    var sums = TrainingAnswer.RowSums()
    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.chunkRowCount) { chunk in
      for first in Swift.stride(
        from: range.lowerBound,
        to: range.upperBound,
        by: Self.chunkRowCount
      ) {
        sums.add(
          unsafe updateGradients(
            first..<min(first + Self.chunkRowCount, range.upperBound),
            unit,
            salt: salt,
            chunk: chunk
          )
        )
      }
    }
    return sums
  }

  private func updateGradients(
    _ range: Range<Int>,
    _ unit: HistogramUnit,
    salt: UInt64,
    chunk: UnsafeMutableBufferPointer<Double>
  ) -> TrainingAnswer.RowSums {
    let start = unsafe row(range.lowerBound)
    for index in 0..<range.count {
      unsafe chunk[index] = start.load(fromByteOffset: index &* stride, as: Double.self)
    }
    for index in 0..<range.count {
      let bounded = unsafe max(-708, min(708, -chunk[index]))
      unsafe chunk[index] = 1 / (1 + boundedExponential(bounded))
    }
    var sums = TrainingAnswer.RowSums(rowCount: UInt64(range.count))
    for index in 0..<range.count {
      let record = unsafe start + index &* stride
      let probability = unsafe chunk[index]
      let label = unsafe Double(record.load(fromByteOffset: Self.labelOffset, as: UInt8.self))
      let scaled = (probability - label) * FixedPoint.gradientScale
      let gradient = Int64(scaled.rounded(.toNearestOrEven))
      let curvature = probability * (1 - probability) * FixedPoint.hessianScale
      let hessian = Int64(curvature.rounded(.toNearestOrEven))
      sums.gradient &+= gradient
      sums.hessian &+= hessian
      let hash = unsafe UInt64(record.load(fromByteOffset: Self.hashOffset, as: UInt32.self))
      let draw = Draw.mix(hash ^ salt)
      let both = unit.gradient(gradient, draw) &<< 32 &+ unit.hessian(hessian, draw &>> 32)
      unsafe record.storeBytes(of: both, toByteOffset: Self.sumsOffset, as: Int64.self)
    }
    return sums
  }

  /// Brings the rows that a tree sees to the front of the training rows.
  ///
  /// - Returns: how many they are.
  func drawParticipants(settings: TrainingSettings, treeIndex: Int) -> Int {
    guard settings.rowShare < 1 else { return trainingCount }
    let salt = Draw.salt(seed: settings.seed, .row, round: treeIndex)
    for index in 0..<trainingCount {
      let record = unsafe row(index)
      let hash = unsafe UInt64(record.load(fromByteOffset: Self.hashOffset, as: UInt32.self))
      let takesPart = Draw.takes(hash, salt: salt, share: settings.rowShare)
      unsafe record.storeBytes(
        of: takesPart ? 1 : 0,
        toByteOffset: Self.takesPartOffset,
        as: UInt8.self
      )
    }
    return divide(
      0..<trainingCount,
      byteOffset: Self.takesPartOffset,
      wanted: (0..<256).map { $0 == 1 ? 1 : 0 }
    )
  }

  func holdOutLoss() -> TrainingAnswer.HoldOutLoss {
    var loss = TrainingAnswer.HoldOutLoss()
    for index in trainingCount..<count { loss.add(margin: margin(index), isPositive: label(index)) }
    return loss
  }
}

extension TrainingAnswer.HoldOutLoss {
  /// Adds one row's loss as a whole number, so that sums are the same in any order.
  mutating func add(margin: Double, isPositive: Bool) {
    let loss = min(logisticLoss(margin: margin, happened: isPositive), FixedPoint.lossMax)
    rowCount &+= 1
    sum &+= UInt64((loss * FixedPoint.lossScale).rounded(.toNearestOrEven))
  }
}
