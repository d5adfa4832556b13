import Bytes
import Propensity
import Testing

struct TrainingTests {
  private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.treeCountMax = 12
    settings.learningRate = 0.2
    change(&settings)
    return settings
  }

  @Test func `the model is the same bytes for any division of the rows`() throws {
    let rows = Samples.rows(6_000, seed: 1)
    for settings in [
      settings(),
      settings {
        $0.rowShare = 0.6
        $0.featureShare = 0.7
        $0.leavesPerRound = 1
        $0.l1 = 0.5
      },
      settings { $0.holdOutShare = 0 },
    ] {
      let whole = try Samples.model([rows], settings: settings)
      #expect(whole.trees.count > 5)
      for parts in [2, 3, 7] {
        let divided = Samples.divided(rows, into: parts, seed: UInt64(parts))
        let model = try Samples.model(divided, settings: settings)
        #expect(model == whole, "\(parts) parts")
        #expect(model.encoded() == whole.encoded(), "\(parts) parts")
      }
    }
  }

  @Test func `a partition that replaces a lost one gives the same answers`() throws {
    let rows = Samples.rows(3_000, seed: 2)
    let settings = settings { $0.rowShare = 0.8 }
    let features = try LocalTraining.bins(names: Samples.names, parts: [rows], settings: settings)
    func partition() throws -> TrainingPartition {
      try TrainingPartition(
        features: features,
        columns: rows.columns,
        labels: rows.labels,
        keys: rows.keys,
        settings: settings
      )
    }
    var current = try partition()
    var trainer = try Trainer(features: features, labels: current.labelCounts, settings: settings)
    // Answers that the trainer has not taken yet.
    var answers = [try current.answer(trainer.start())]
    var (step, mostAnswers) = (0, 0)
    while !answers.isEmpty {
      if step % 5 == 4 {
        let replacement = try partition()
        let (replayed, answerCount) = trainer.replay
        let again = try replayed.map { try replacement.answer($0) }
        #expect(again.suffix(answerCount) == answers[...], "step \(step)")
        current = replacement
      }
      step += 1
      mostAnswers = max(mostAnswers, answers.count)
      guard case .orders(let next) = try trainer.handle(answers.removeFirst()) else { continue }
      answers += try next.map { try current.answer($0) }
    }
    #expect(mostAnswers == settings.leavesPerRound, "so many splits are under way at a time")
  }

  @Test func `a trained tree holds what a plain computation over its rows gives`() throws {
    let rows = Samples.rows(2_000, seed: 4)
    let settings = settings {
      $0.treeCountMax = 1
      $0.holdOutShare = 0
      $0.leavesPerRound = 1
    }
    let model = try Samples.model([rows], settings: settings)
    let tree = try #require(model.trees.first)
    let columns = [FeatureColumn](rows.columns)
    // With one tree, a row's margin tells its leaf: margin − initial = the leaf's value.
    let margins = try Scorer(model).margins(columns)
    let start = sigmoid(model.initialMargin)
    let positives = rows.labels.count { $0 }
    #expect(abs(start - Double(positives) / 2_000) < 1e-12)
    for leaf in tree.leaves {
      let members = margins.indices.filter { margins[$0] == model.initialMargin + leaf.value }
      #expect(members.count == Int(leaf.cover))
      let gradient = members.reduce(0.0) { $0 + start - (rows.labels[$1] ? 1 : 0) }
      let hessian = Double(members.count) * start * (1 - start)
      let expected = -settings.learningRate * gradient / (hessian + settings.l2)
      // Histograms of so few rows count in 2⁻¹⁸.
      #expect(abs(leaf.value - expected) < 1e-6)
    }
    #expect(tree.leaves.count <= settings.leafCountMax)
    #expect(tree.nodeCovers.first == 2_000)
  }

  @Test func `a category of fewer rows than a child needs is not learned by heart`() throws {
    var random = SeededRandom(seed: 9)
    // 150 names of 12 rows each, whose rows mostly have one outcome.
    let names = (0..<150).map { "name \($0)" }
    let favoured = names.map { _ in random.below(2) == 0 }
    let codes = (0..<1_800).map { UInt32($0 % 150) }
    let part = LocalTraining.Part(
      columns: [
        .categorical(codes: codes, names: names.map { Text($0) }),
        .numeric(codes.map { _ in Double(random.below(100)) }),
      ],
      labels: codes.map { favoured[Int($0)] != (random.below(4) == 0) },
      keys: codes.indices.map { UInt64($0) }
    )
    func splitCount(_ childRowCountMin: Int) throws -> Int {
      let settings = settings { $0.childRowCountMin = childRowCountMin }
      let features = try LocalTraining.bins(
        names: ["name", "number"],
        parts: [part],
        settings: settings
      )
      let forest = try LocalTraining.train(features: features, parts: [part], settings: settings)
      return forest.trees.flatMap(\.nodes).count { $0.rule.feature == 0 }
    }

    #expect(try splitCount(20) == 0)
    #expect(try splitCount(5) > 0)
  }

  @Test func `leaves add up to all rows though histograms round, for a rare outcome too`() throws {
    var rows = Samples.rows(20_000, seed: 6)
    for row in rows.labels.indices where row % 100 != 0 { rows.labels[row] = false }
    let settings = settings {
      $0.treeCountMax = 3
      $0.holdOutShare = 0
      $0.learningRate = 0.1
      $0.l2 = 0
    }
    let model = try Samples.model([rows], settings: settings)
    let columns = [FeatureColumn](rows.columns)
    var margins = [Double](repeating: model.initialMargin, count: rows.labels.count)
    for count in model.trees.indices {
      var grown = model
      grown.trees = Array(model.trees.prefix(count + 1))
      let next = try Scorer(grown).margins(columns)
      // What values of leaves, which are −η·G/H, say of gradients, and what these are.
      var (said, gradient) = (0.0, 0.0)
      for row in margins.indices {
        let chance = sigmoid(margins[row])
        gradient += chance - (rows.labels[row] ? 1 : 0)
        said -= (next[row] - margins[row]) / settings.learningRate * chance * (1 - chance)
      }
      #expect(abs(said - gradient) < 0.02, "tree \(count)")
      margins = next
    }
  }

  @Test(arguments: [3, 4, 5])
  func `a tree held back by its depth splits all that may be split`(_ depth: Int) throws {
    let rows = Samples.rows(6_000, seed: 8)
    let trees = try [1, 2, 3, 8, 256].map { count in
      let settings = settings {
        $0.treeCountMax = 1
        $0.depthMax = depth
        $0.leafCountMax = 64
        $0.leavesPerRound = count
      }
      return try #require(try Samples.model([rows], settings: settings).trees.first)
    }
    let covers = trees.map { $0.leaves.map(\.cover).sorted() }
    #expect(covers.allSatisfy { $0 == covers[0] })
    #expect(covers[0].count > 1 << (depth - 1))
  }

  @Test func `training learns what the label depends on`() throws {
    let rows = Samples.rows(8_000, seed: 4)
    let settings = settings { $0.treeCountMax = 60 }
    let model = try Samples.model([rows], settings: settings)
    let quality = try #require(model.quality)
    #expect((quality.areaUnderCurve ?? 0) > 0.85)
    #expect(quality.calibrationError < 0.05)
    let others = Samples.rows(4_000, seed: 5)
    let margins = try Scorer(model).margins(others.columns)
    var counts = MarginCounts()
    for (margin, label) in zip(margins, others.labels) {
      counts.add(margin: margin, isPositive: label)
    }
    #expect((QualityFigures.areaUnderCurve(counts) ?? 0) > 0.85)
  }

  @Test func `training ends when the hold-out loss no longer falls`() throws {
    let rows = Samples.rows(1_500, seed: 6)
    let settings = settings {
      $0.treeCountMax = 400
      $0.learningRate = 0.5
      $0.patience = 5
    }
    let features = try LocalTraining.bins(names: Samples.names, parts: [rows], settings: settings)
    let forest = try LocalTraining.train(features: features, parts: [rows], settings: settings)
    let losses = forest.holdOutLosses
    #expect(losses.count < 100)
    let lowest = try #require(losses.min())
    #expect(losses[forest.trees.count] == lowest)
    #expect(forest.holdOutLoss == lowest)
    #expect(losses.count == forest.trees.count + settings.patience + 1)
  }

  @Test func `labels that are all alike, useless features and bad settings are errors`() throws {
    var rows = Samples.rows(100, seed: 7)
    let some = settings()
    let features = try LocalTraining.bins(names: Samples.names, parts: [rows], settings: some)
    func train(_ settings: TrainingSettings, _ features: [FeatureBins]) throws {
      _ = try LocalTraining.train(features: features, parts: [rows], settings: settings)
    }
    let useless = Samples.names.enumerated().map { index, name in
      FeatureBins(name: name, cut: index == 2 ? .categories([]) : .edges([]))
    }
    #expect(throws: TrainingError.noUsefulFeature) { try train(some, useless) }
    #expect(throws: TrainingError.setting(name: "learningRate")) {
      try train(settings { $0.learningRate = .nan }, features)
    }
    #expect(throws: TrainingError.columns(.columnCount(expected: 4, actual: 5))) {
      try train(some, Array(features.dropLast()))
    }
    rows.labels = rows.labels.map { _ in true }
    #expect(throws: TrainingError.self) { try train(some, features) }
    rows.labels = []
    #expect(throws: TrainingError.rowCount(what: "labels", expected: 100, actual: 0)) {
      try train(some, features)
    }
  }

  @Test func `orders that do not fit are refused`() throws {
    let rows = Samples.rows(200, seed: 8)
    let settings = settings()
    let features = try LocalTraining.bins(names: Samples.names, parts: [rows], settings: settings)
    let partition = try TrainingPartition(
      features: features,
      columns: rows.columns,
      labels: rows.labels,
      keys: rows.keys,
      settings: settings
    )
    let rule = SplitRule(feature: 0, test: .upTo(bin: 3, missingLeft: true))
    let stray = SplitRule(feature: 5, test: .upTo(bin: 3, missingLeft: true))
    func refuses(_ order: TrainingOrder) -> Bool {
      do {
        _ = try partition.answer(order)
        return false
      } catch { return true }
    }
    let unit = HistogramUnit(rowCount: 200, positiveCount: 100)
    #expect(refuses(.grow(splits: [], build: [])))
    _ = try partition.answer(.begin(initialMargin: 0, unit: unit))
    #expect(refuses(.grow(splits: [LeafSplit(leaf: 1, rule: rule)], build: [])))
    #expect(refuses(.grow(splits: [LeafSplit(leaf: 0, rule: stray)], build: [])))
    #expect(refuses(.grow(splits: [LeafSplit(leaf: 0, rule: rule)], build: [2])))
    #expect(refuses(.advance(splits: [LeafSplit(leaf: -1, rule: rule)], leafValues: [1, 2])))
    #expect(refuses(.advance(splits: [LeafSplit(leaf: 0, rule: rule)], leafValues: [1])))
    #expect(refuses(.advance(splits: [], leafValues: [1, 2])))
    #expect(refuses(.advance(splits: [], leafValues: [.nan])))
    #expect(refuses(.begin(initialMargin: .infinity, unit: unit)))
    #expect(!refuses(.grow(splits: [LeafSplit(leaf: 0, rule: rule)], build: [0, 1])))
  }

  @Test func `histograms are read as they were written, and add up`() throws {
    var random = SeededRandom(seed: 9)
    let rows = Samples.rows(500, seed: 9)
    let settings = settings()
    let features = try LocalTraining.bins(names: Samples.names, parts: [rows], settings: settings)
    let partition = try TrainingPartition(
      features: features,
      columns: rows.columns,
      labels: rows.labels,
      keys: rows.keys,
      settings: settings
    )
    let begin = TrainingOrder.begin(
      initialMargin: 0.3,
      unit: HistogramUnit(rowCount: 500, positiveCount: 9)
    )
    let histogram = try #require(try partition.answer(begin).histograms.first)
    let slots = HistogramLayout(features: features).slotCount
    var writer = ByteWriter()
    histogram.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try LeafHistogram(from: &reader, slotCount: slots) == histogram)
    try reader.finish()
    for _ in 0..<200 {
      var damaged = writer.bytes
      damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8))
      var reader = ByteReader(damaged)
      _ = try? LeafHistogram(from: &reader, slotCount: slots)
    }
    var twice = histogram
    twice.add(histogram)
    twice.subtract(histogram)
    #expect(twice == histogram)
  }
}

/// Rows of several parts as one.
struct JoiningTests {
  @Test func `joined parts are the rows of all, whatever numbers their categories have`() throws {
    let rows = Samples.rows(2_000, seed: 11)
    var settings = TrainingSettings()
    settings.treeCountMax = 4
    let whole = try Samples.model([rows], settings: settings)

    let parts = Samples.divided(rows, into: 5, seed: 3)
    let joined = try LocalTraining.Part(joining: parts)

    #expect(joined.labels.count == 2_000)
    #expect(try Samples.model([joined], settings: settings).encoded() == whole.encoded())
  }

  @Test func `parts with other columns are not joined`() {
    let rows = Samples.rows(10, seed: 12)
    var fewer = rows
    fewer.columns.removeLast()
    var other = rows
    other.columns[0] = other.columns[2]

    #expect(throws: TrainingError.self) { try LocalTraining.Part(joining: [rows, fewer]) }
    #expect(throws: TrainingError.self) { try LocalTraining.Part(joining: [rows, other]) }
  }
}
