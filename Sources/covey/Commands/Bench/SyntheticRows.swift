import Bytes
import Platform
import Propensity

/// Rows made up to measure training and scoring on: half smooth numbers, a quarter counts, a quarter
/// that tell nothing; one value in twenty is missing.
struct SyntheticRows {
  /// A column a feature; a part a thread.
  var parts: [LocalTraining.Part]
  var names: [Text]

  static let featureCountMin = 8

  /// - Parameters:
  ///   - rowCount: of all parts together.
  ///   - featureCount: at least `featureCountMin`.
  ///   - partCount: parts of about equally many rows; the rows are the same for any number.
  ///   - seed: of all values.
  init(rowCount: Int, featureCount: Int, partCount: Int, seed: UInt64) {
    let names = (0..<featureCount).map { Text("f\($0)") }
    self.names = names
    let counts = featureCount / 2..<featureCount / 2 + featureCount / 4
    parts = (0..<partCount).map { part in
      let rows = part * rowCount / partCount..<(part + 1) * rowCount / partCount
      var columns = names.map { _ in [Double](repeating: 0, count: rows.count) }
      var labels = [Bool](repeating: false, count: rows.count)
      var keys = [UInt64](repeating: 0, count: rows.count)
      for (index, row) in rows.enumerated() {
        var random = SeededRandom(seed: seed &+ UInt64(row) &* 0x9E6C_63D0_876A_3F01)
        keys[index] = random.next()
        for feature in columns.indices {
          var value = SyntheticRows.bell(&random)
          if counts.contains(feature) { value = (abs(value) * 5).rounded(.down) }
          columns[feature][index] = random.oneIn(20) ? .nan : value
        }
        let known = { (feature: Int) in columns[feature][index].isNaN ? 0 : columns[feature][index]
        }
        let margin =
          known(0) * known(1) + known(2) - 0.3 * known(counts.lowerBound)
          + 2 * known(3) * known(3) / (1 + known(3) * known(3)) + (known(5) > 0 ? known(4) : 0)
        labels[index] = random.unit() < sigmoid(margin)
      }
      return LocalTraining.Part(columns: columns.map { .numeric($0) }, labels: labels, keys: keys)
    }
  }

  /// A number whose distribution is close to the normal one: a sum of uniform ones.
  private static func bell(_ random: inout SeededRandom) -> Double {
    ((random.unit() + random.unit()) + (random.unit() + random.unit()) - 2) * 3.0.squareRoot()
  }

  /// Writes all values as doubles of eight bytes, the lowest first: column by column, then a column
  /// with 1 for each row that reached the goal and 0 for others.
  func write(to path: String) throws(DiskError) {
    let file = try OutputFile(disk: LinuxDisk(), path: path)
    for feature in names.indices {
      for part in parts {
        guard case .numeric(let values) = part.columns[feature] else { continue }
        try file.append(SyntheticRows.bytes(values))
      }
    }
    for part in parts { try file.append(SyntheticRows.bytes(part.labels.map { $0 ? 1 : 0 })) }
    try file.finish()
  }

  /// Values as doubles of eight bytes, the lowest first.
  static func bytes(_ values: [Double]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 8)
    for value in values {
      let bits = value.bitPattern.littleEndian
      unsafe withUnsafeBytes(of: bits) { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}
