import Bytes
import Propensity
import Testing

/// What features tell by themselves, and rows of an out-of-time test.
@Suite struct LoneFeatureTests {
  private var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.treeCountMax = 8
    settings.learningRate = 0.2
    return settings
  }

  /// Rows with one column each of what is given, and a tenth of them positive.
  private func rows(
    _ count: Int,
    seed: UInt64,
    positiveOneIn: Int = 10,
    _ columns: (_ labels: [Bool], _ random: inout SeededRandom) -> [FeatureColumn]
  ) -> LocalTraining.Part {
    var random = SeededRandom(seed: seed)
    let labels = (0..<count).map { _ in random.oneIn(positiveOneIn) }
    let keys = labels.map { _ in random.next() }
    return LocalTraining.Part(columns: columns(labels, &random), labels: labels, keys: keys)
  }

  private func features(
    _ part: LocalTraining.Part,
    _ names: [Text],
    outOfTime: LocalTraining.Part? = nil
  ) throws -> [LoneFeature] {
    let bins = try LocalTraining.bins(names: names, parts: [part], settings: settings)
    let partition = try TrainingPartition(
      features: bins,
      columns: part.columns,
      labels: part.labels,
      keys: part.keys,
      settings: settings,
      outOfTime: outOfTime
    )
    return LoneFeature.all(bins, try partition.answer(.countLabels).binLabels)
  }

  @Test func `what nearly decides the label is a leak, in whatever way it does`() throws {
    let names: [Text] = ["later", "hill", "reason", "closed", "hint", "noise"]
    let part = rows(4_000, seed: 3) { labels, random in
      var later: [Double] = []
      var hill: [Double] = []
      var reason: [UInt32] = []
      var closed: [Double] = []
      var hint: [Double] = []
      var noise: [Double] = []
      for label in labels {
        let isOdd = random.oneIn(50)
        later.append(random.unit() + (label != isOdd ? 2 : 0))
        hill.append(label ? 5 + random.unit() : random.oneIn(2) ? random.unit() : 9 + random.unit())
        reason.append(label ? 1 + UInt32(random.below(2)) : isOdd ? 1 : 0)
        closed.append(label ? random.unit() : .nan)
        hint.append(random.unit() + (label ? 0.4 : 0))
        noise.append(random.unit())
      }
      return [
        .numeric(later), .numeric(hill),
        .categorical(codes: reason, names: ["none", "price", "service"]), .numeric(closed),
        .numeric(hint), .numeric(noise),
      ]
    }

    let found = try features(part, names)

    #expect(found.filter(\.isLeak).map(\.name) == ["later", "hill", "reason", "closed"])
    let hint = try #require(found[4].area)
    #expect((0.75...0.9).contains(hint), "\(hint)")
    let noise = try #require(found[5].area)
    #expect((0.5...0.56).contains(noise), "\(noise)")
    #expect(abs(found[3].missingShare - 0.9) < 0.02)
  }

  @Test func `the area of a number is that of its values in their order`() throws {
    let part = rows(2_000, seed: 4) { labels, random in
      [.numeric(labels.map { Double(random.below($0 ? 12 : 8)) })]
    }
    guard case .numeric(let values) = part.columns[0] else { return }
    var wins = 0.0
    for (a, isPositive) in zip(values, part.labels) where isPositive {
      for (b, other) in zip(values, part.labels) where !other {
        wins += a > b ? 1 : a == b ? 0.5 : 0
      }
    }
    let positives = Double(part.labels.count { $0 })
    let naive = wins / positives / (2_000 - positives)

    let area = try #require(try features(part, ["value"])[0].area)

    #expect(area >= naive - 1e-12, "\(area), \(naive)")
    #expect(area < naive + 0.02, "\(area), \(naive)")
  }

  @Test func `many small categories do not look like a leak by chance`() throws {
    let part = rows(2_530, seed: 5, positiveOneIn: 100) { labels, _ in
      let codes = labels.indices.map { UInt32($0 % 253) }
      return [.categorical(codes: codes, names: (0..<253).map { Text("c\($0)") })]
    }

    let found = try features(part, ["city"])[0]

    #expect(found.area.map { $0 < 0.75 } == true, "\(found)")
  }

  @Test func `a number whose newest values were never learned tells the time`() throws {
    let names: [Text] = ["tenure", "recency", "flag"]
    func part(_ seed: UInt64, from start: Double) -> LocalTraining.Part {
      rows(1_500, seed: seed) { labels, random in
        [
          .numeric(labels.map { _ in start + random.unit() * 90 }),
          .numeric(labels.map { _ in random.unit() * 60 }),
          .numeric(labels.map { _ in random.oneIn(3) ? 1 : 0 }),
        ]
      }
    }

    let found = try features(part(6, from: 30), names, outOfTime: part(7, from: 200))
    let same = try features(part(6, from: 30), names, outOfTime: part(7, from: 35))

    #expect(found.map(\.isBeyondLearned) == [true, false, false])
    #expect(same.map(\.isBeyondLearned) == [false, false, false])
  }

  @Test func `labels by bin are the same for any division of the rows`() throws {
    let whole = Samples.rows(3_000, seed: 8)
    let test = Samples.rows(500, seed: 9)
    let bins = try LocalTraining.bins(names: Samples.names, parts: [whole], settings: settings)
    func answer(_ parts: [(LocalTraining.Part, LocalTraining.Part?)]) throws -> TrainingAnswer {
      var merged: TrainingAnswer?
      for (part, test) in parts {
        let partition = try TrainingPartition(
          features: bins,
          columns: part.columns,
          labels: part.labels,
          keys: part.keys,
          settings: settings,
          outOfTime: test
        )
        let answer = try partition.answer(.countLabels)
        if merged == nil { merged = answer } else { try merged?.merge(answer) }
      }
      return try #require(merged)
    }

    let expected = try answer([(whole, test)])

    for count in [2, 3, 7] {
      let parts = Samples.divided(whole, into: count, seed: UInt64(count))
      let tests = Samples.divided(test, into: count, seed: UInt64(count) + 50)
      let divided = try answer(zip(parts, tests).map { ($0, $1) })
      #expect(divided == expected, "\(count) parts")
    }
  }

  @Test func `rows out of time test the model and change nothing else of it`() throws {
    let learned = Samples.rows(3_000, seed: 10)
    let test = Samples.rows(900, seed: 11)
    let bins = try LocalTraining.bins(names: Samples.names, parts: [learned], settings: settings)
    func model(_ outOfTime: LocalTraining.Part?) throws -> PropensityModel {
      let partition = try TrainingPartition(
        features: bins,
        columns: learned.columns,
        labels: learned.labels,
        keys: learned.keys,
        settings: settings,
        outOfTime: outOfTime
      )
      var trainer = try Trainer(
        features: bins,
        labels: partition.labelCounts,
        settings: settings
      )
      var orders = [trainer.start()]
      while true {
        switch try trainer.handle(try partition.answer(orders.removeFirst())) {
        case .orders(let next): orders += next
        case .waiting: break
        case .finished(let forest):
          return PropensityModel(forest: forest, features: bins, window: nil, settings: settings)
        }
      }
    }

    let tested = try model(test)
    var untested = tested
    untested.outOfTime = nil
    #expect(try model(nil) == untested)

    var counts = MarginCounts()
    for (margin, label) in zip(try Scorer(tested).margins(test.columns), test.labels) {
      counts.add(margin: margin, isPositive: label)
    }
    #expect(tested.outOfTime?.margins == counts)
    #expect(try PropensityModel(decoding: tested.encoded()) == tested)
  }

  @Test func `features that are passed over are in no tree`() throws {
    let part = Samples.rows(3_000, seed: 12)
    let bins = try LocalTraining.bins(names: Samples.names, parts: [part], settings: settings)
    let partition = try TrainingPartition(
      features: bins,
      columns: part.columns,
      labels: part.labels,
      keys: part.keys,
      settings: settings
    )
    var trainer = try Trainer(
      features: bins,
      labels: partition.labelCounts,
      settings: settings,
      passedOver: [0]
    )
    var orders = [trainer.start()]
    var forest: TrainedForest?
    while forest == nil {
      switch try trainer.handle(try partition.answer(orders.removeFirst())) {
      case .orders(let next): orders += next
      case .waiting: break
      case .finished(let finished): forest = finished
      }
    }

    let used = Set(forest?.trees.flatMap(\.nodes).map(\.rule.feature) ?? [])
    #expect(!used.isEmpty)
    #expect(!used.contains(0))
    #expect(throws: TrainingError.noUsefulFeature) {
      _ = try Trainer(
        features: bins,
        labels: partition.labelCounts,
        settings: settings,
        passedOver: Set(bins.indices)
      )
    }
  }
}
