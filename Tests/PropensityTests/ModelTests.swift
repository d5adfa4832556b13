import Bytes
import Propensity
import Testing

struct ModelTests {
  private func model() throws -> PropensityModel {
    var settings = TrainingSettings()
    settings.treeCountMax = 6
    return try Samples.model([Samples.rows(1_500, seed: 21)], settings: settings)
  }

  @Test func `a model is read as it was written`() throws {
    let model = try model()
    let bytes = model.encoded()
    let read = try PropensityModel(decoding: bytes)
    #expect(read == model)
    #expect(read.encoded() == bytes)
  }

  @Test func `calibrations of every kind are read as they were written`() throws {
    var model = try model()
    let curve = try #require(IsotonicCurve(margins: [-1, 0.5], probabilities: [0.1, 0.9]))
    for calibration in [.identity, .platt(slope: 0.9, offset: -0.1), .isotonic(curve)]
      as [Calibration]
    {
      model.calibration = calibration
      #expect(try PropensityModel(decoding: model.encoded()).calibration == calibration)
    }
  }

  @Test func `a cut file is an error at every length`() throws {
    let bytes = try model().encoded()
    for count in 0..<bytes.count where count < 200 || count % 37 == 0 {
      #expect(throws: ModelError.self, "\(count) bytes") {
        _ = try PropensityModel(decoding: Array(bytes.prefix(count)))
      }
    }
    #expect(throws: ModelError.self) { _ = try PropensityModel(decoding: bytes + [0]) }
  }

  @Test func `any flipped bit is an error`() throws {
    let bytes = try model().encoded()
    var random = SeededRandom(seed: 22)
    for _ in 0..<2_000 {
      var damaged = bytes
      damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8))
      #expect(throws: ModelError.self) { _ = try PropensityModel(decoding: damaged) }
    }
  }

  @Test func `hostile contents with a right checksum give a model or an error`() throws {
    let bytes = try model().encoded()
    let sample = Samples.rows(100, seed: 23)
    var random = SeededRandom(seed: 24)
    var readCount = 0
    for _ in 0..<3_000 {
      var body = Array(bytes[24...])
      for _ in 0...random.below(3) {
        let at = random.oneIn(2) ? random.below(min(300, body.count)) : random.below(body.count)
        body[at] = UInt8(random.below(256))
      }
      if random.oneIn(4) { body.removeLast(random.below(body.count)) }
      var file = ByteWriter()
      file.writeRaw(bytes.prefix(12))
      file.write(UInt64(body.count))
      file.write(crc32c(body))
      file.writeRaw(body)
      guard let model = try? PropensityModel(decoding: file.bytes) else { continue }
      readCount += 1
      guard let margins = try? Scorer(model).margins(sample.columns) else { continue }
      #expect(margins.allSatisfy { $0.isFinite && model.probability(margin: $0) <= 1 })
    }
    #expect(readCount > 0)
  }

  @Test func `blocks of rows get the margins of a walk down each tree`() throws {
    let model = try model()
    let sample = Samples.rows(333, seed: 25)
    let margins = try Scorer(model).margins(sample.columns)
    let alone = try (0..<333).map { row in
      try Scorer(model).margins(sample.columns.map { $0.rows(row..<row + 1) })[0]
    }
    #expect(margins == alone)
    for row in stride(from: 0, to: 333, by: 10) {
      let walked = model.trees.reduce(model.initialMargin) { sum, tree in
        sum
          + tree.leaves[tree.leaf { Samples.bin(model.features[$0], sample.columns[$0], row) }]
          .value
      }
      #expect(margins[row] == walked, "row \(row)")
    }
  }

  @Test func `unknown categories are pooled and missing values go their way`() throws {
    let model = try model()
    let columns: [FeatureColumn] = [
      .numeric([.nan, .infinity]), .numeric([.nan, -.infinity]),
      .categorical(codes: [0, FeatureColumn.missingCode], names: ["never seen"]),
      .numeric([.nan, 1e308]), .numeric([.nan, 0]),
    ]
    #expect(try Scorer(model).margins(columns).allSatisfy(\.isFinite))
    #expect(throws: ColumnError.columnCount(expected: 5, actual: 4)) {
      _ = try Scorer(model).margins(Array(columns.dropLast()))
    }
    #expect(throws: ColumnError.kind(feature: "amount", expected: .numeric)) {
      _ = try Scorer(model).margins([columns[2]] + columns.dropFirst())
    }
  }

  @Test func `scores follow the ranks of the hold-out rows`() {
    var margins = MarginCounts()
    for index in 0..<1_000 { margins.add(margin: Double(index) / 100 - 5, isPositive: index > 500) }
    let map = ScoreMap(margins: margins)
    for score in 0...100 {
      let margin = Double(score) / 10 - 5
      #expect(abs(map.score(margin: margin) - score) <= 1)
    }
    #expect(map.score(margin: -100) == 0)
    #expect(map.score(margin: 100) == 100)
    #expect(ScoreMap.logistic.score(margin: 0) == 50)
  }
}
