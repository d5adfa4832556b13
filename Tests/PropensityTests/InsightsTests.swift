import Bytes
import Propensity
import Testing

struct InsightsTests {
  private static let behaviours: [Text] = ["money", "age", "colour", "money", "rare"]

  private func model(_ part: LocalTraining.Part) throws -> PropensityModel {
    var settings = TrainingSettings()
    settings.treeCountMax = 8
    var model = try Samples.model([part], settings: settings)
    model.trainingCounts = zip(model.features, part.columns).map {
      $0.counts(of: FeatureSummary(of: $1))
    }
    return model
  }

  private func census(
    _ parts: [LocalTraining.Part],
    _ model: PropensityModel
  ) throws -> ScoringCensus? {
    let taker = CensusTaker(model, behaviours: Self.behaviours)
    let explainer = Explainer(model)
    var sum: ScoringCensus?
    for part in parts {
      let own = try taker.census(of: part.columns, try explainer.explain(part.columns))
      guard sum != nil else {
        sum = own
        continue
      }
      let isAdded = sum?.add(own)
      #expect(isAdded == true)
    }
    return sum
  }

  private func bytes(_ census: ScoringCensus) -> [UInt8] {
    var writer = ByteWriter()
    census.encode(into: &writer)
    return writer.bytes
  }

  @Test func `rows of bins are counted from summaries as from the rows`() {
    let part = Samples.rows(3_000, seed: 61)
    for (name, column) in zip(Samples.names, part.columns) {
      let summary = FeatureSummary(of: column)
      for binCountMax in [3, 16, 255] {
        let feature = BinFinder.bins(name: name, summary: summary, binCountMax: binCountMax)
        var expected = [UInt64](repeating: 0, count: feature.binCount)
        for row in part.labels.indices { expected[Samples.bin(feature, column, row)] += 1 }
        #expect(feature.counts(of: summary) == expected, "\(name) in \(binCountMax) bins")
      }
    }
  }

  @Test func `a census is the same bytes for any division and order of the rows`() throws {
    let part = Samples.rows(2_000, seed: 62)
    let model = try model(part)
    let whole = try #require(try census([part], model))
    for (count, seed) in [(2, 1), (3, 2), (7, 3)] as [(Int, UInt64)] {
      let parts = Samples.divided(part, into: count, seed: seed)
      #expect(try census(parts, model).map(bytes) == bytes(whole))
      #expect(try census(parts.reversed(), model) == whole)
    }
  }

  @Test func `a census counts what a loop over the rows counts`() throws {
    let part = Samples.rows(1_500, seed: 63)
    let model = try model(part)
    let census = try #require(try census([part], model))
    let layout = CensusLayout(model)
    let explained = try Explainer(model).explain(part.columns)
    let scores = explained.margins.map { model.scoreMap.score(margin: $0) }

    #expect(census.rowCount == 1_500)
    for bucket in ScoreBucket.allCases {
      let rows = scores.indices.filter { ScoreBucket(score: scores[$0]) == bucket }
      #expect(census.rowCount(of: bucket) == UInt64(rows.count))
      let rate = rows.reduce(0) { $0 + model.probability(margin: explained.margins[$1]) }
      #expect(abs((census.expectedRate(of: bucket) ?? 0) - rate / Double(rows.count)) < 1e-8)
      for (place, feature) in layout.features.enumerated() {
        let groups = rows.map { row in
          let bin = Samples.bin(model.features[feature], part.columns[feature], row)
          var counts = [UInt64](repeating: 0, count: model.features[feature].binCount)
          counts[bin] = 1
          return layout.groups[place].sums(of: counts).firstIndex(of: 1) ?? -1
        }
        let counts = census.valueCounts(of: place, in: bucket)
        for group in layout.groups[place].groups.indices {
          #expect(counts[counts.startIndex + group] == UInt64(groups.count { $0 == group }))
        }
      }
      let factors = census.factors(of: bucket)
      #expect(factors.map(\.factor.size) == factors.map(\.factor.size).sorted(by: >))
      // Amount and noise are of one behaviour, so they are one factor, named by the stronger one.
      let money = try #require(factors.first { [0, 3].contains(layout.features[$0.feature]) })
      #expect(layout.features[money.feature] == 0)
      let sums = rows.map { explained.row($0) }.map { $0[$0.startIndex] + $0[$0.startIndex + 3] }
      let size = sums.reduce(0) { $0 + abs($1) }
      let own = Double(money.factor.size) * ScoringCensus.contributionUnit
      #expect(abs(own - size) < 1e-3)
      #expect(money.factor.raisedCount == UInt64(sums.count { $0 > 0 }))
    }
  }

  @Test func `a census is read as it was written, and other bytes are errors`() throws {
    let part = Samples.rows(800, seed: 64)
    let census = try #require(try census([part], try model(part)))
    let bytes = bytes(census)
    var reader = ByteReader(bytes)
    #expect(try ScoringCensus(from: &reader) == census)
    try reader.finish()
    for count in bytes.indices {
      var reader = ByteReader(Array(bytes.prefix(count)))
      #expect(throws: DecodingError.self) { _ = try ScoringCensus(from: &reader) }
    }
    var random = SeededRandom(seed: 65)
    for _ in 0..<2_000 {
      var damaged = bytes
      damaged[random.below(damaged.count)] = UInt8(random.below(256))
      var reader = ByteReader(damaged)
      guard var read = try? ScoringCensus(from: &reader) else { continue }
      _ = read.add(census)
      for bucket in ScoreBucket.allCases { _ = read.factors(of: bucket) }
    }
    var other = ScoringCensus(leaders: [0, 1])
    let isAdded = other.add(census)
    #expect(!isAdded)
  }

  @Test func `groups hold all rows, about equally many, whatever crowds`() {
    var random = SeededRandom(seed: 66)
    // Four fifths are zero, the others spread.
    let values = (0..<5_000).map { _ in random.oneIn(5) ? random.unit() * 100 : 0 } + [.nan]
    let summary = FeatureSummary(of: .numeric(values))
    let feature = BinFinder.bins(name: "amount", summary: summary)
    let counts = feature.counts(of: summary)
    let groups = BinGroups(feature, trainingCounts: counts)
    let sums = groups.sums(of: counts)

    #expect(sums.reduce(0, +) == 5_001)
    #expect(groups.groups.count <= BinGroups.countMax)
    #expect(sums[0] == 1)
    #expect(sums.dropFirst(2).allSatisfy { (60...180).contains($0) }, "\(sums)")
    let names = (0..<30).map { Text("c\($0)") }
    let many = FeatureBins(name: "category", cut: .categories(names))
    let own = BinGroups(many, trainingCounts: [5, 7] + (0..<30).map { UInt64(1_000 - $0) })
    #expect(own.groups.count == BinGroups.countMax)
    #expect(own.groups[1] == .category("c0"))
    #expect(own.groups.last == .others)
  }

  @Test func `the stability index and what chance does to it are as published`() throws {
    // (0.4 − 0.5) ln 0.8 + (0.6 − 0.5) ln 1.2
    let index = PopulationStability.index(expected: [500, 500], actual: [400, 600])
    #expect(abs((index ?? 0) - 0.040_546_51) < 1e-8)
    // The upper twentieth of χ² with 9 degrees of freedom begins at 16.919.
    let chance = PopulationStability.chance(expectedCount: 2, actualCount: 2, groupCount: 10)
    #expect(abs((chance ?? 0) - 16.919) < 0.02)
    #expect(Drift(expected: [0, 0], actual: [1, 2]) == nil)

    let stable = try #require(Drift(expected: [500, 500], actual: [480, 520]))
    let watched = try #require(Drift(expected: [5_000, 5_000], actual: [3_400, 6_600]))
    let shifted = try #require(Drift(expected: [5_000, 5_000], actual: [2_000, 8_000]))
    let few = try #require(Drift(expected: [5_000, 5_000], actual: [3, 7]))
    #expect(stable.verdict == .stable)
    #expect(watched.verdict == .watch)
    #expect(shifted.verdict == .shifted)
    #expect(few.verdict == .chance)
  }

  @Test func `equal distributions exceed what chance does about once in twenty times`() {
    var random = SeededRandom(seed: 67)
    var exceeded = 0
    for _ in 0..<400 {
      var counts = [[UInt64]](repeating: [UInt64](repeating: 0, count: 10), count: 2)
      for side in 0..<2 { for _ in 0..<1_000 { counts[side][random.below(10)] += 1 } }
      guard let drift = Drift(expected: counts[0], actual: counts[1]) else { continue }
      if drift.index > drift.chance { exceeded += 1 }
    }
    #expect((8...36).contains(exceeded), "\(exceeded) of 400")
  }

  @Test func `a model keeps its rows of bins, and files without them are still read`() throws {
    let model = try model(Samples.rows(1_000, seed: 68))
    let bytes = model.encoded()
    #expect(try PropensityModel(decoding: bytes).trainingCounts == model.trainingCounts)

    var bare = model
    bare.trainingCounts = []
    let body = bare.encoded().dropFirst(24).dropLast(2)
    var file = ByteWriter()
    file.writeRaw(bytes.prefix(8))
    file.write(1 as UInt32)
    file.write(UInt64(body.count))
    file.write(crc32c(body))
    file.writeRaw(body)
    #expect(try PropensityModel(decoding: file.bytes) == bare)
  }
}
