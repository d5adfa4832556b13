import Bytes
import Propensity
import Testing

/// What became of scored rows, counted by score.
@Suite struct ScoredOutcomesTests {
  private static func sample(seed: UInt64, rows: Int) -> [(score: Int, isPositive: Bool)] {
    var random = SeededRandom(seed: seed)
    return (0..<rows).map { _ in
      let score = random.below(ScoredOutcomes.scoreCount)
      return (score, random.below(100) < score)
    }
  }

  private static func outcomes(_ rows: some Sequence<(score: Int, isPositive: Bool)>)
    -> ScoredOutcomes
  {
    var outcomes = ScoredOutcomes()
    for row in rows { outcomes.add(score: row.score, isPositive: row.isPositive) }
    return outcomes
  }

  private static func bytes(_ outcomes: ScoredOutcomes) -> [UInt8] {
    var writer = ByteWriter()
    outcomes.encode(into: &writer)
    return writer.bytes
  }

  private static func decoded(_ bytes: [UInt8]) throws -> ScoredOutcomes {
    var reader = ByteReader(bytes)
    return try ScoredOutcomes(from: &reader)
  }

  @Test(arguments: [1, 2, 7] as [Int])
  func `parts add up to the whole, in any order`(partCount: Int) {
    let rows = Self.sample(seed: 5, rows: 3_000)
    let parts = (0..<partCount).map { part in
      Self.outcomes(rows.enumerated().filter { $0.offset % partCount == part }.map(\.element))
    }
    var sum = ScoredOutcomes()
    for part in parts.reversed() { sum.add(part) }

    #expect(sum == Self.outcomes(rows))
    for bucket in ScoreBucket.allCases {
      let own = rows.filter { ScoreBucket(score: $0.score) == bucket }
      #expect(sum.rowCount(of: bucket) == UInt64(own.count))
      #expect(sum.positiveCount(of: bucket) == UInt64(own.count { $0.isPositive }))
    }
    #expect(sum.rowCount == 3_000)
  }

  @Test func `the area is the share of pairs that scores order well, ties counted half`() {
    let rows = Self.sample(seed: 6, rows: 200)
    var wins = 0.0
    var pairs = 0.0
    for positive in rows where positive.isPositive {
      for negative in rows where !negative.isPositive {
        pairs += 1
        wins += positive.score > negative.score ? 1 : positive.score == negative.score ? 0.5 : 0
      }
    }

    let area = Self.outcomes(rows).areaUnderCurve

    #expect(abs((area ?? 0) - wins / pairs) < 1e-12)
    #expect(Self.outcomes([(5, true)]).areaUnderCurve == nil)
    #expect(ScoredOutcomes().areaUnderCurve == nil)
  }

  @Test func `bytes give the same again, and any others outcomes that can be or an error`() throws {
    let outcomes = Self.outcomes(Self.sample(seed: 7, rows: 5_000))
    let bytes = Self.bytes(outcomes)
    #expect(try Self.decoded(bytes) == outcomes)

    for length in 0..<bytes.count {
      #expect(throws: DecodingError.self) { try Self.decoded(Array(bytes[..<length])) }
    }
    for index in bytes.indices {
      for flip in [0x01, 0x80, 0xFF] as [UInt8] {
        var changed = bytes
        changed[index] ^= flip
        guard let decoded = try? Self.decoded(changed) else { continue }
        for (rows, positives) in zip(decoded.rowCounts, decoded.positiveCounts) {
          #expect(positives <= rows && rows < 1 << 48)
        }
      }
    }
  }

  @Test func `expectations add up and have a rate where there are rows`() throws {
    let half = BucketExpectation(rowCount: 2, probabilitySum: 1 << 30)
    let sum = half.adding(BucketExpectation(rowCount: 2, probabilitySum: 0))

    #expect(half.rate == 0.5)
    #expect(sum.rate == 0.25)
    #expect(BucketExpectation(rowCount: 0, probabilitySum: 0).rate == nil)
    var writer = ByteWriter()
    sum.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try BucketExpectation(from: &reader) == sum)
    reader = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0])
    #expect(throws: DecodingError.self) { try BucketExpectation(from: &reader) }
  }
}
