/// The bins of one block of rows, feature by feature; used by one thread.
@safe final class RowBlock {
  /// Rows at most; a multiple of 32.
  let laneCountMax: Int
  /// Bins, `laneCountMax` of each feature.
  let bins: UnsafeMutablePointer<UInt8>
  /// Rows that were loaded.
  private(set) var rowCount = 0

  private let featureCount: Int

  /// - Parameters:
  ///   - featureCount: of the model.
  ///   - rowCount: rows that will ever be loaded at once; at most `limit` are taken.
  ///   - limit: a multiple of 32.
  init(featureCount: Int, rowCount: Int, limit: Int) {
    precondition(limit > 0 && limit % ByteLanes.count == 0, "\(limit) lanes")
    self.featureCount = featureCount
    laneCountMax = min(limit, Self.padded(max(1, rowCount)))
    let byteCount = max(1, featureCount) * laneCountMax
    unsafe bins = .allocate(capacity: byteCount)
    unsafe bins.initialize(repeating: 0, count: byteCount)
  }

  deinit { unsafe bins.deallocate() }

  /// Rows that kernels work on for so many: a multiple of 32.
  static func padded(_ count: Int) -> Int {
    (count + ByteLanes.count - 1) / ByteLanes.count * ByteLanes.count
  }

  /// Reads the block's rows, at most `laneCountMax`.
  func load(_ rows: Range<Int>, from binner: Binner) {
    precondition(rows.count <= laneCountMax, "\(rows.count) rows")
    unsafe binner.write(rows: rows, to: bins, stride: 1, featureStride: laneCountMax)
    rowCount = rows.count
  }

  /// The bin of one row in one feature.
  func bin(row: Int, feature: Int) -> Int {
    precondition((0..<rowCount).contains(row) && (0..<featureCount).contains(feature))
    return Int(unsafe bins[feature &* laneCountMax &+ row])
  }
}
