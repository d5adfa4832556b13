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

  /// Sets the gradient and hessian of every training row from its margin.
  ///
  /// - Returns: their sums.
  func updateGradients() -> TrainingAnswer.RowSums {
    var sums = TrainingAnswer.RowSums()
    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.chunkRowCount) { chunk in
      for first in Swift.stride(from: 0, to: trainingCount, by: Self.chunkRowCount) {
        sums.add(
          unsafe updateGradients(
            first..<min(first + Self.chunkRowCount, trainingCount),
            chunk: chunk
          )
        )
      }
    }
    return sums
  }

  private func updateGradients(
    _ range: Range<Int>,
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
      let word =
        UInt64(UInt32(truncatingIfNeeded: gradient)) | UInt64(bitPattern: hessian) &<< 32
      unsafe record.storeBytes(of: word, toByteOffset: Self.gradientOffset, as: UInt64.self)
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

  /// The exact sums over a range of rows.
  func sums(_ range: Range<Int>) -> TrainingAnswer.RowSums {
    var sums = TrainingAnswer.RowSums(rowCount: UInt64(range.count))
    var record = unsafe row(range.lowerBound) + Self.gradientOffset
    for _ in range {
      let word = unsafe record.load(as: UInt64.self)
      sums.gradient &+= Int64(Int32(truncatingIfNeeded: word))
      sums.hessian &+= Int64(word &>> 32)
      unsafe record += stride
    }
    return sums
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
