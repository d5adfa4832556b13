import Bytes
import Propensity
import Testing

struct LightGBMTests {
  private struct Row {
    var features: [Double]
    var margin: Double
    var contributions: [Double]
    var bias: Double
  }

  /// The rows of the fixture, which says how it was made in make-lightgbm.py.
  private func rows() throws -> [Row] {
    let text = String(decoding: fixture("lightgbm-rows.csv"), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map {
        Double($0) ?? .nan
      }
      return Row(
        features: Array(cells[0..<5]),
        margin: cells[5],
        contributions: Array(cells[6..<11]),
        bias: cells[11]
      )
    }
  }

  private func columns(_ rows: [Row], of model: PropensityModel) -> [FeatureColumn] {
    let names = (0..<100).map { Text($0.description) }
    return model.features.enumerated().map { index, feature in
      let values = rows.map { $0.features[index] }
      return feature.kind == .numeric
        ? .numeric(values)
        : .categorical(
          codes: values.map { $0.isNaN ? FeatureColumn.missingCode : UInt32($0) },
          names: names
        )
    }
  }

  @Test func `a text says what its columns are, and pandas what its categories are`() throws {
    let bytes = fixture("lightgbm-pandas.txt")
    let text = String(decoding: bytes, as: UTF8.self)
    func columns(_ old: String, _ new: String) throws(LightGBMError) -> [LightGBMFeature] {
      try LightGBMFeature.columns(of: Array(text.replacing(old, with: new).utf8))
    }

    let found = try LightGBMFeature.columns(of: bytes)

    #expect(found.map(\.name) == ["amount", "colour", "age", "plan", "isNew"])
    #expect(
      found.map(\.categories) == [nil, ["blue", "green", "red"], nil, ["basic", "plus"], nil]
    )
    #expect(try PropensityModel(lightGBM: bytes, columns: found).trees.count == 8)
    let unknown = LightGBMError.otherCategories(feature: "colour", count: 0)
    #expect(throws: unknown) { try columns(", [\"basic\", \"plus\"]", "") }
    #expect(throws: unknown) { try columns("pandas_categorical", "other") }
    #expect(throws: LightGBMError.unsupported(what: "categories that are no texts")) {
      try columns("[\"basic\", \"plus\"]", "[1, 2]")
    }
    #expect(throws: LightGBMError.invalidValue(key: "pandas_categorical", tree: nil)) {
      try columns("\"plus\"]]", "\"plus")
    }
    #expect(throws: LightGBMError.invalidValue(key: "feature_infos", tree: nil)) {
      try columns(" [0:1]", "")
    }
    #expect(throws: LightGBMError.missingKey("feature_infos", tree: nil)) {
      try columns("feature_infos", "infos")
    }
    let plain = try columns("[0:1]", "none")
    #expect(plain.map(\.categories) == found.map(\.categories))
  }

  @Test func `an imported model gives LightGBM's margins and contributions`() throws {
    let model = try PropensityModel(lightGBM: fixture("lightgbm-binary.txt"))
    let rows = try rows()
    let columns = columns(rows, of: model)

    let margins = try Scorer(model).margins(columns)
    let explainer = Explainer(model)
    let contributions = try explainer.explain(columns)

    #expect(rows.count == 60)
    #expect(model.features.map(\.kind).filter { $0 == .categorical }.count == 1)
    for (index, row) in rows.enumerated() {
      #expect(abs(margins[index] - row.margin) < 1e-9, "row \(index)")
      #expect(abs(explainer.baseMargin - row.bias) < 1e-9)
      for (own, theirs) in zip(contributions.row(index), row.contributions) {
        #expect(abs(own - theirs) < 1e-9, "row \(index)")
      }
    }
  }

  @Test func `an exported model is imported with the same margins`() throws {
    var settings = TrainingSettings()
    settings.treeCountMax = 10
    let part = Samples.rows(3_000, seed: 61)
    let model = try Samples.model([part], settings: settings)
    let back = try PropensityModel(lightGBM: Array(model.lightGBMText.utf8))
    guard case .categories(let categories) = model.features[2].cut else { return }
    let sample = Samples.rows(500, seed: 62)

    var columns = sample.columns
    if case .categorical(let codes, let names) = columns[2] {
      // A category is known by its place in the list, any other by the number behind the last.
      columns[2] = .categorical(
        codes: codes,
        names: names.map { name in
          Text((categories.firstIndex(of: name) ?? categories.count).description)
        }
      )
    }
    let margins = try Scorer(model).margins(sample.columns)
    let imported = try Scorer(back).margins(columns)
    for row in margins.indices { #expect(abs(margins[row] - imported[row]) < 1e-12) }
    let contributions = try Explainer(model).explain(sample.columns).values
    let theirs = try Explainer(back).explain(columns).values
    for index in contributions.indices { #expect(abs(contributions[index] - theirs[index]) < 1e-9) }
  }

  @Test func `with its columns an exported model scores the same rows, unknown categories too`()
    throws
  {
    var settings = TrainingSettings()
    settings.treeCountMax = 10
    let model = try Samples.model([Samples.rows(3_000, seed: 61)], settings: settings)
    let text = Array(model.lightGBMText.utf8)
    let back = try PropensityModel(lightGBM: text, columns: model.lightGBMColumns)
    var columns = Samples.rows(500, seed: 64).columns
    if case .categorical(let codes, let names) = columns[2] {
      columns[2] = .categorical(codes: codes, names: names.map { $0 == "red" ? "violet" : $0 })
    }

    let margins = try Scorer(model).margins(columns)
    let imported = try Scorer(back).margins(columns)

    #expect(back.features.map(\.name) == model.features.map(\.name))
    for row in margins.indices { #expect(abs(margins[row] - imported[row]) < 1e-12) }
  }

  @Test func `a model of other columns is refused`() throws {
    var settings = TrainingSettings()
    settings.treeCountMax = 10
    let model = try Samples.model([Samples.rows(3_000, seed: 61)], settings: settings)
    func error(_ change: (inout [LightGBMFeature]) -> Void) -> LightGBMError? {
      var columns = model.lightGBMColumns
      change(&columns)
      do throws(LightGBMError) {
        _ = try PropensityModel(lightGBM: Array(model.lightGBMText.utf8), columns: columns)
        return nil
      } catch { return error }
    }

    #expect(error { _ in } == nil)
    #expect(
      error { $0[1].name = "size" } == .otherFeature(column: 1, found: "age", expected: "size")
    )
    #expect(
      error { $0.removeLast() } == .otherFeature(column: 4, found: "rare", expected: nil)
    )
    #expect(error { $0[2].categories = nil } == .otherCategories(feature: "colour", count: 0))
    #expect(error { $0[2].categories = ["red"] } == .otherCategories(feature: "colour", count: 1))
    #expect(error { $0[0].categories = ["red"] } == .otherCategories(feature: "amount", count: 1))
  }

  @Test func `damaged texts give a model or an error`() throws {
    let bytes = fixture("lightgbm-binary.txt")
    var random = SeededRandom(seed: 63)
    for _ in 0..<400 {
      var damaged = bytes
      for _ in 0...random.below(3) {
        let digits = Array("0123456789-. =e\n".utf8)
        damaged[random.below(damaged.count)] =
          random.oneIn(2) ? digits[random.below(digits.count)] : UInt8(random.below(256))
      }
      if random.oneIn(5) { damaged.removeLast(random.below(damaged.count)) }
      if let model = try? PropensityModel(lightGBM: damaged) { _ = Scorer(model) }
    }
    for count in stride(from: 0, to: bytes.count - 14, by: 97) {
      #expect(throws: LightGBMError.self) {
        _ = try PropensityModel(lightGBM: Array(bytes.prefix(count)))
      }
    }
  }

  @Test func `what cannot be imported is told`() throws {
    let text = String(decoding: fixture("lightgbm-binary.txt"), as: UTF8.self)
    func error(_ old: String, _ new: String) -> LightGBMError? {
      let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      do {
        _ = try PropensityModel(lightGBM: Array(parts.joined(separator: new).utf8))
        return nil
      } catch { return error }
    }
    #expect(error("num_class=1", "num_class=3") == .unsupported(what: "several classes"))
    #expect(
      error("binary sigmoid:1", "regression") == .unsupported(what: "the objective 'regression'")
    )
    #expect(error("is_linear=0", "is_linear=1") == .unsupported(what: "linear trees"))
    #expect(error("tree\n", "forest\n") == .notAModel)
    #expect(error("num_leaves=12", "num_leaves=13") != nil)
    #expect(error("left_child=1", "left_child=0") == .malformedTree(0))
  }
}
