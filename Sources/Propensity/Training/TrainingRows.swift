/// The rows of one partition as fixed-size records, which are moved so that a leaf's rows lie together.
///
/// A record, so laid out that what a pass over rows needs comes with few cache lines:
///
///     0   margin         Double   log-odds so far
///     8   hessian        UInt32   p(1 − p) in a histogram's units
///     12  gradient       Int32    p − y in a histogram's units
///     16  hash           UInt32   of the row's key, for drawing rows
///     20  label          UInt8    0 or 1
///     21  taking part    UInt8    1 when the tree being grown sees the row
///     22  half           UInt8    which half of the hold-out rows it is in
///     23  zero           UInt8
///     24  bins           one byte a feature, then zeros to a multiple of eight
///
/// Rows before `trainingCount` are trained on, the others held out. Owned by one partition and never
/// shared, which is why pointers into it stay valid and unaliased while the partition lives.
@safe final class TrainingRows {
  /// Gradient and hessian, as a word that adds up.
  static let sumsOffset = 8
  static let hashOffset = 16
  static let labelOffset = 20
  static let takesPartOffset = 21
  static let halfOffset = 22
  static let binsOffset = 24

  let start: UnsafeMutableRawPointer
  /// Bytes of a record.
  let stride: Int
  let count: Int
  let trainingCount: Int
  /// Features rounded up to a multiple of eight.
  let paddedFeatureCount: Int

  /// Bins the columns and lays out the records.
  init(
    binner: Binner,
    featureCount: Int,
    labels: [Bool],
    keys: [UInt64],
    settings: TrainingSettings
  ) {
    let padded = max(8, (featureCount + 7) / 8 * 8)
    let holdOut = Draw.salt(seed: settings.seed, .holdOut)
    let isHeldOut = keys.map { Draw.takes($0, salt: holdOut, share: settings.holdOutShare) }
    count = binner.rowCount
    trainingCount = isHeldOut.count { !$0 }
    paddedFeatureCount = padded
    stride = Self.binsOffset + padded
    unsafe start = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * stride,
      alignment: 64
    )
    let half = Draw.salt(seed: settings.seed, .half)
    let block = 512
    let bins = UnsafeMutablePointer<UInt8>.allocate(capacity: block * padded)
    unsafe bins.initialize(repeating: 0, count: block * padded)
    defer { unsafe bins.deallocate() }
    var place = (training: 0, heldOut: trainingCount)
    for first in Swift.stride(from: 0, to: count, by: block) {
      let rows = first..<min(first + block, count)
      unsafe binner.write(rows: rows, to: bins, stride: padded, featureStride: 1)
      for row in rows {
        let record = unsafe self.row(isHeldOut[row] ? place.heldOut : place.training)
        if isHeldOut[row] { place.heldOut += 1 } else { place.training += 1 }
        unsafe record.storeBytes(of: 0, as: Double.self)
        unsafe record.storeBytes(of: 0, toByteOffset: Self.sumsOffset, as: Int64.self)
        unsafe record.storeBytes(
          of: UInt32(truncatingIfNeeded: Draw.mix(keys[row])),
          toByteOffset: Self.hashOffset,
          as: UInt32.self
        )
        unsafe record.storeBytes(
          of: labels[row] ? 1 : 0,
          toByteOffset: Self.labelOffset,
          as: UInt8.self
        )
        unsafe record.storeBytes(of: 1, toByteOffset: Self.takesPartOffset, as: UInt8.self)
        unsafe record.storeBytes(
          of: Draw.takes(keys[row], salt: half, share: 0.5) ? 1 : 0,
          toByteOffset: Self.halfOffset,
          as: UInt16.self
        )
        unsafe (record + Self.binsOffset).copyMemory(
          from: bins + (row - first) * padded,
          byteCount: padded
        )
      }
    }
  }

  /// Bins the columns of a part.
  ///
  /// - Throws: when its columns, labels or keys do not fit each other or the features.
  convenience init(
    _ tables: BinTables,
    _ part: LocalTraining.Part,
    _ settings: TrainingSettings
  ) throws(TrainingError) {
    let binner: Binner
    do { binner = try Binner(tables: tables, columns: part.columns) } catch {
      throw .columns(error)
    }
    guard part.labels.count == binner.rowCount else {
      throw .rowCount(what: "labels", expected: binner.rowCount, actual: part.labels.count)
    }
    guard part.keys.count == binner.rowCount else {
      throw .rowCount(what: "keys", expected: binner.rowCount, actual: part.keys.count)
    }
    self.init(
      binner: binner,
      featureCount: part.columns.count,
      labels: part.labels,
      keys: part.keys,
      settings: settings
    )
  }

  deinit { unsafe start.deallocate() }

  @inline(__always) func row(_ index: Int) -> UnsafeMutableRawPointer {
    unsafe start + index &* stride
  }

  func label(_ index: Int) -> Bool {
    unsafe row(index).load(fromByteOffset: Self.labelOffset, as: UInt8.self) == 1
  }

  func margin(_ index: Int) -> Double { unsafe row(index).load(as: Double.self) }

  func bin(_ index: Int, feature: Int) -> Int {
    Int(unsafe row(index).load(fromByteOffset: Self.binsOffset + feature, as: UInt8.self))
  }
}
