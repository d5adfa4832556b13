import Bytes
import Propensity
import Testing

struct BinTests {
  /// Values of many shapes: few, many, of all magnitudes, with missing and infinite ones.
  private func values(_ shape: Int, _ random: inout SeededRandom) -> [Double] {
    (0..<20_000).map { _ in
      switch shape {
      case 0: Double(random.below(50)) - 10
      case 1: random.unit()
      case 2: random.oneIn(10) ? .nan : (random.unit() - 0.5) * Double(1 << random.below(40))
      default:
        [0.0, -0.0, .infinity, -.infinity, .nan, 1e300, -.leastNonzeroMagnitude][random.below(7)]
      }
    }
  }

  @Test(arguments: 0..<4)
  func `a sketch is the same for any order and division of the rows`(shape: Int) {
    var random = SeededRandom(seed: UInt64(shape))
    let values = values(shape, &random)
    let whole = NumericSketch(of: values)

    #expect(NumericSketch(of: values.shuffled(using: &random)) == whole)
    for parts in [2, 3, 7] {
      var divided = [[Double]](repeating: [], count: parts)
      for value in values { divided[random.below(parts)].append(value) }
      let sketches = divided.map { NumericSketch(of: $0) }.shuffled(using: &random)
      #expect(sketches.reduce(.empty) { $0.merging($1) } == whole)
      #expect(sketches.reversed().reduce(.empty) { $1.merging($0) } == whole)
    }
    #expect(whole.keys.count <= NumericSketch.cellCountMax)
    #expect(whole.presentCount + whole.missingCount == 20_000)
    #expect(shape == 0 || shape == 3 ? whole.level == 0 : whole.level > 0)
  }

  @Test(arguments: 0..<4) func `a summary is read as it was written`(shape: Int) throws {
    var random = SeededRandom(seed: UInt64(shape) + 10)
    let summaries: [FeatureSummary] = [
      .numeric(NumericSketch(of: values(shape, &random))),
      .categorical(CategoryCounts(codes: [0, 1, 1, 9], names: ["a", "b", "unused"])),
      .categorical(CategoryCounts(counts: nil, missingCount: 4)),
    ]
    for summary in summaries {
      var writer = ByteWriter()
      summary.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try FeatureSummary(from: &reader) == summary)
      try reader.finish()
      for count in stride(from: 0, to: writer.count, by: max(1, writer.count / 300)) {
        var cut = ByteReader(Array(writer.bytes.prefix(count)))
        #expect(throws: DecodingError.self) { _ = try FeatureSummary(from: &cut) }
      }
    }
  }

  @Test func `a cell that no finite number falls into is an error`() {
    for (level, key): (UInt8, UInt64) in [
      (0, UInt64.max), (0, 0), (0, 0x000F_FFFF_FFFF_FFFF), (52, 0xFFF), (52, 0),
    ] {
      var writer = ByteWriter()
      writer.write(FeatureKind.numeric.rawValue)
      writer.writeVarint(0 as UInt64)
      writer.write(level)
      writer.writeVarint(1 as UInt64)
      writer.writeVarint(key)
      writer.writeVarint(5 as UInt64)
      var reader = ByteReader(writer.bytes)
      #expect(throws: DecodingError.self) { _ = try FeatureSummary(from: &reader) }
    }
  }

  @Test func `few values get bins of their own with edges midway`() {
    let column = [Double](repeating: 1, count: 5) + [Double](repeating: 4, count: 5) + [.nan]
    let bins = BinFinder.bins(name: "x", summary: FeatureSummary(of: .numeric(column)))
    #expect(bins.cut == .edges([2.5]))
    #expect(bins.binCount == 3)
  }

  @Test func `many values get bins with about equally many rows`() {
    var random = SeededRandom(seed: 3)
    let column = (0..<50_000).map { _ in random.unit() * random.unit() }
    let bins = BinFinder.bins(name: "x", summary: FeatureSummary(of: .numeric(column)))
    guard case .edges(let edges) = bins.cut else { return }
    #expect(edges.count > 240 && edges.count <= 253)
    let counts = column.reduce(into: [Int](repeating: 0, count: 254)) { counts, value in
      counts[edges.firstIndex { value <= $0 } ?? edges.count] += 1
    }
    #expect((counts.max() ?? 0) < 3 * 50_000 / 254)
  }

  @Test func `a frequent value keeps a bin of its own`() {
    var random = SeededRandom(seed: 4)
    let column = (0..<30_000).map { _ in random.oneIn(2) ? 0 : random.unit() * 1_000 }
    let bins = BinFinder.bins(name: "x", summary: FeatureSummary(of: .numeric(column)))
    guard case .edges(let edges) = bins.cut, let first = edges.first else { return }
    #expect(edges.count > 200)
    #expect(first > 0 && first < 5)
  }

  @Test func `categories are ranked by their rows, rare ones pooled, too many left out`() {
    let names: [Text] = ["a", "b", "c", "d"]
    let codes =
      [UInt32](repeating: 2, count: 30) + [UInt32](repeating: 0, count: 20)
      + [UInt32](repeating: 1, count: 20) + [3]
    let column = FeatureColumn.categorical(codes: codes, names: names)
    let bins = BinFinder.bins(name: "x", summary: FeatureSummary(of: column))
    #expect(bins.cut == .categories(["c", "a", "b"]))

    let many = (0..<70_000).map { Text("id\($0)") }
    let ids = FeatureColumn.categorical(codes: (0..<70_000).map { UInt32($0) }, names: many)
    let summary = FeatureSummary(of: ids)
    #expect(summary == .categorical(CategoryCounts(counts: nil, missingCount: 0)))
    #expect(!BinFinder.bins(name: "x", summary: summary).isUseful)
  }

  @Test func `a constant feature is of no use, one that may be missing is`() {
    func bins(_ values: [Double]) -> FeatureBins {
      BinFinder.bins(name: "x", summary: FeatureSummary(of: .numeric(values)))
    }
    #expect(!bins([7, 7, 7]).isUseful)
    #expect(!bins([.nan, .nan]).isUseful)
    #expect(bins([7, .nan, 7]).isUseful)
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `the summary of many parts is that of all their rows, whatever they are`(seed: UInt64) {
    var random = SeededRandom(seed: 200 + seed)
    let numbers = (0..<40).map { _ in
      (0..<random.below(900)).map { _ in random.oneIn(9) ? .nan : random.unit() * 1e6 }
    }
    let names: [Text] = ["a", "b", "c"]
    let codes = (0..<5).map { _ in (0..<random.below(30)).map { _ in UInt32(random.below(4)) } }
    let categories = codes.map { FeatureColumn.categorical(codes: $0, names: names) }

    #expect(
      FeatureSummary(ofParts: numbers.map { .numeric($0) })
        == FeatureSummary(of: .numeric(numbers.flatMap { $0 })),
      "seed \(seed)"
    )
    #expect(
      FeatureSummary(ofParts: categories)
        == FeatureSummary(of: .categorical(codes: codes.flatMap { $0 }, names: names)),
      "seed \(seed)"
    )
    #expect(FeatureSummary(ofParts: []) == nil)
    #expect(FeatureSummary(ofParts: [.numeric([1]), categories[0]]) == nil)
    #expect(FeatureSummary(ofParts: [categories[0], .numeric([1])]) == nil)
  }

  @Test func `a category of more values than are counted is no feature, however rows are divided`()
  {
    let names = (0..<70_000).map { Text("city \($0)") }
    func summary(_ codes: Range<UInt32>) -> FeatureSummary {
      FeatureSummary(of: .categorical(codes: Array(codes), names: names))
    }

    let whole = summary(0..<70_000)

    #expect(summary(0..<40_000).merging(summary(40_000..<70_000)) == whole)
    let bins = BinFinder.bins(name: "city", summary: whole)
    #expect(!bins.isUseful)
    #expect(BinFinder.bins(name: "city", summary: summary(0..<200)).isUseful == false)
  }
}
