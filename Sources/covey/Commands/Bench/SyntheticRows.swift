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

  /// Writes the rows as CSV with a key and, behind the features, a column `goal`; numbers have four
  /// places, and a field of a missing one is empty.
  func writeCSV(to path: String) throws(DiskError) {
    let file = try OutputFile(disk: LinuxDisk(), path: path)
    let header = ["_id"] + names.map { $0.string } + ["goal"]
    try file.append(Array((header.joined(separator: ",") + "\n").utf8))
    var number = 0
    for part in parts {
      let columns = part.columns.map { column -> [Double] in
        if case .numeric(let values) = column { values } else { [] }
      }
      for row in part.labels.indices {
        var line = Array("p\(number)".utf8)
        for values in columns {
          line.append(UInt8(ascii: ","))
          if !values[row].isNaN { SyntheticRows.append(values[row], to: &line) }
        }
        line += Array((part.labels[row] ? ",yes\n" : ",no\n").utf8)
        try file.append(line)
        number += 1
      }
    }
    try file.finish()
  }

  private static func append(_ value: Double, to line: inout [UInt8]) {
    let places = Int64((value * 10_000).rounded())
    if places < 0 { line.append(UInt8(ascii: "-")) }
    let (whole, rest) = places.magnitude.quotientAndRemainder(dividingBy: 10_000)
    line += Array("\(whole).".utf8)
    // The leading one keeps the zeros behind the point.
    line += Array("\(10_000 + rest)".utf8.dropFirst())
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
