package import Bytes

// A census on the wire and in the catalogue, all varints: the count of features and the leader of
// each; rows of the scores 0…100; by bucket the sum of probabilities; by bucket and feature rows of
// twelve groups of values and the sum of contributions; and by bucket and leader noted and raised
// rows, raising and lowering. With 500 features that is at most 250 KB, with forty some 8 KB.
extension ScoringCensus {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(leaders.count)
    for leader in leaders { writer.writeVarint(leader) }
    for count in scoreCounts { writer.writeVarint(count) }
    for sum in probabilitySums { writer.writeVarint(sum) }
    for count in groupCounts { writer.writeVarint(count) }
    for sum in featureSums { writer.writeVarint(sum) }
    for index in factorSums.indices where isLeader(index) {
      writer.writeVarint(factorSums[index].notedCount)
      writer.writeVarint(factorSums[index].raisedCount)
      writer.writeVarint(factorSums[index].raising)
      writer.writeVarint(factorSums[index].lowering)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let count = try reader.readVarint()
    guard count <= UInt64(CensusLayout.featureCountMax) else {
      throw .invalidValue(at: at, what: "\(count) features of a census")
    }
    var leaders: [Int] = []
    for place in 0..<Int(count) {
      let at = reader.offset
      let leader = try reader.readVarint()
      guard leader <= UInt64(place), Int(leader) == place || leaders[Int(leader)] == Int(leader)
      else { throw .invalidValue(at: at, what: "a factor's first feature") }
      leaders.append(Int(leader))
    }
    self.init(leaders: leaders)
    for index in scoreCounts.indices { scoreCounts[index] = try Self.readSum(&reader) }
    for index in probabilitySums.indices { probabilitySums[index] = try Self.readSum(&reader) }
    for index in groupCounts.indices { groupCounts[index] = try Self.readSum(&reader) }
    for index in featureSums.indices { featureSums[index] = try Self.readSum(&reader) }
    for index in factorSums.indices where isLeader(index) {
      factorSums[index].notedCount = try Self.readSum(&reader)
      factorSums[index].raisedCount = try Self.readSum(&reader)
      factorSums[index].raising = try Self.readSum(&reader)
      factorSums[index].lowering = try Self.readSum(&reader)
    }
  }

  private func isLeader(_ index: Int) -> Bool {
    let place = index % leaders.count
    return leaders[place] == place
  }

  /// A sum of one part, small enough for the sum of all parts to fit in 64 bits.
  private static func readSum(_ reader: inout ByteReader) throws(DecodingError) -> UInt64 {
    let at = reader.offset
    let sum = try reader.readVarint()
    guard sum < 1 << 62 else { throw .invalidValue(at: at, what: "a sum that cannot be") }
    return sum
  }
}
