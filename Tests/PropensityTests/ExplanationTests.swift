import Bytes
import Propensity
import Testing

struct ExplanationTests {
  private let featureCount = 6

  private func features() -> [FeatureBins] {
    (0..<featureCount).map { feature in
      feature == 1
        ? FeatureBins(name: "c", cut: .categories(["a", "b", "c", "d"]))
        : FeatureBins(name: Text("f\(feature)"), cut: .edges([0, 1, 2, 3, 4]))
    }
  }

  /// A tree with splits at random leaves, features repeated, and covers of any size.
  private func tree(_ random: inout SeededRandom, splits: Int) -> Tree {
    var tree = Tree()
    for _ in 0..<splits {
      let feature = random.below(featureCount)
      let test: SplitRule.Test =
        feature == 1
        ? .among(BinSet((0..<6).filter { _ in random.oneIn(2) }))
        : .upTo(bin: UInt8(1 + random.below(5)), missingLeft: random.oneIn(2))
      tree.split(leaf: random.below(tree.leaves.count), by: SplitRule(feature: feature, test: test))
    }
    tree.set(
      tree.leaves.map { _ in
        Tree.Leaf(value: random.unit() * 4 - 2, cover: UInt64(1 + random.below(200)))
      }
    )
    return tree
  }

  private func columns(_ rowCount: Int, _ random: inout SeededRandom) -> [FeatureColumn] {
    (0..<featureCount).map { feature in
      feature == 1
        ? .categorical(
          codes: (0..<rowCount).map { _ in UInt32(random.below(6)) },
          names: ["a", "b", "c", "d", "e"]
        )
        : .numeric((0..<rowCount).map { _ in random.oneIn(6) ? .nan : random.unit() * 7 - 1 })
    }
  }

  /// What a tree is expected to give when only the features in `known` are, by its definition.
  private func expectation(
    _ tree: Tree,
    covers: [UInt64],
    known: Int,
    bins: [Int],
    at child: Tree.Child
  ) -> Double {
    func cover(_ child: Tree.Child) -> Double {
      switch child {
      case .node(let node): Double(covers[node])
      case .leaf(let leaf): Double(tree.leaves[leaf].cover)
      }
    }
    switch child {
    case .leaf(let leaf): return tree.leaves[leaf].value
    case .node(let index):
      let node = tree.nodes[index]
      func below(_ child: Tree.Child) -> Double {
        expectation(tree, covers: covers, known: known, bins: bins, at: child)
      }
      if known >> node.rule.feature & 1 == 1 {
        return below(node.rule.goesLeft(bins[node.rule.feature]) ? node.left : node.right)
      }
      let total = cover(node.left) + cover(node.right)
      return below(node.left) * cover(node.left) / total
        + below(node.right) * cover(node.right) / total
    }
  }

  /// Shapley values as the sum over all subsets.
  private func shapley(_ tree: Tree, bins: [Int]) -> [Double] {
    let covers = tree.nodeCovers
    let root: Tree.Child = tree.nodes.isEmpty ? .leaf(0) : .node(0)
    let worth = (0..<1 << featureCount).map {
      expectation(tree, covers: covers, known: $0, bins: bins, at: root)
    }
    func factorial(_ n: Int) -> Double { (0..<n).reduce(1.0) { $0 * Double($1 + 1) } }
    return (0..<featureCount).map { feature in
      (0..<1 << featureCount).reduce(0.0) { sum, subset in
        guard subset >> feature & 1 == 0 else { return sum }
        let size = subset.nonzeroBitCount
        let weight =
          factorial(size) * factorial(featureCount - size - 1) / factorial(featureCount)
        return sum + weight * (worth[subset | 1 << feature] - worth[subset])
      }
    }
  }

  @Test func `contributions are the Shapley values over all subsets`() throws {
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let trees = (0..<3).map { _ in tree(&random, splits: random.below(14)) }
      let model = PropensityModel(features: features(), initialMargin: 0.25, trees: trees)
      let columns = columns(9, &random)
      let contributions = try Explainer(model).explain(columns)
      for row in 0..<9 {
        let bins = (0..<featureCount).map { Samples.bin(model.features[$0], columns[$0], row) }
        let expected = trees.map { shapley($0, bins: bins) }
        for feature in 0..<featureCount {
          let sum = expected.reduce(0.0) { $0 + $1[feature] }
          let value = contributions.row(row)[row * featureCount + feature]
          #expect(abs(value - sum) < 1e-9, "seed \(seed), row \(row), feature \(feature)")
        }
      }
    }
  }

  @Test func `contributions and the base add up to every row's margin`() throws {
    var settings = TrainingSettings()
    settings.treeCountMax = 30
    settings.depthMax = 12
    let model = try Samples.model([Samples.rows(3_000, seed: 31)], settings: settings)
    let rows = Samples.rows(1_000, seed: 32)
    let margins = try Scorer(model).margins(rows.columns)
    let explainer = Explainer(model)
    let contributions = try explainer.explain(rows.columns)
    #expect(contributions.margins == margins)
    for row in 0..<1_000 {
      let sum = contributions.row(row).reduce(explainer.baseMargin, +)
      #expect(abs(sum - margins[row]) < 1e-9, "row \(row)")
    }
  }

  @Test func `a row alone has the same margin and contributions as in company`() throws {
    let model = try Samples.model([Samples.rows(2_000, seed: 34)], settings: TrainingSettings())
    let rows = Samples.rows(100, seed: 35)
    let explainer = Explainer(model)
    let together = try explainer.explain(rows.columns)
    for row in 0..<100 {
      let alone = try explainer.explain(rows.columns.map { $0.rows(row..<row + 1) })
      #expect(alone.margins == [together.margins[row]])
      for (own, other) in zip(alone.row(0), together.row(row)) { #expect(own == other) }
    }
  }

  @Test func `paths with many features add up too`() throws {
    let count = 40
    let features = (0..<count).map { FeatureBins(name: Text("f\($0)"), cut: .edges([0])) }
    for length in [7, 8, 9, 20, 39] {
      var random = SeededRandom(seed: UInt64(length))
      var tree = Tree()
      var leaf = 0
      for feature in 0..<length {
        let rule = SplitRule(feature: feature, test: .upTo(bin: 1, missingLeft: false))
        let right = tree.split(leaf: leaf, by: rule)
        leaf = random.oneIn(3) ? leaf : right
      }
      tree.set(
        tree.leaves.map { _ in
          Tree.Leaf(value: random.unit() - 0.5, cover: UInt64(1 + random.below(1_000)))
        }
      )
      let model = PropensityModel(features: features, initialMargin: -1, trees: [tree])
      let columns = (0..<count).map { _ in
        FeatureColumn.numeric((0..<100).map { _ in random.unit() - 0.5 })
      }
      let explainer = Explainer(model)
      let contributions = try explainer.explain(columns)
      let margins = try Scorer(model).margins(columns)
      #expect(contributions.margins == margins)
      for row in 0..<100 {
        let values = contributions.row(row)
        #expect(abs(values.reduce(explainer.baseMargin, +) - margins[row]) < 1e-9)
        #expect(values.suffix(count - length).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func `a tree with more leaves than a byte counts is scored and explained`() throws {
    var random = SeededRandom(seed: 33)
    let features = (0..<8).map {
      FeatureBins(name: Text("f\($0)"), cut: .edges((0..<200).map { Double($0) / 200 }))
    }
    var tree = Tree()
    while tree.leaves.count < 400 {
      let rule = SplitRule(
        feature: random.below(8),
        test: .upTo(bin: UInt8(1 + random.below(200)), missingLeft: random.oneIn(2))
      )
      tree.split(leaf: random.below(tree.leaves.count), by: rule)
    }
    tree.set(
      tree.leaves.map { _ in
        Tree.Leaf(value: random.unit() - 0.5, cover: UInt64(1 + random.below(100)))
      }
    )
    let model = PropensityModel(features: features, initialMargin: 0, trees: [tree])
    let columns = (0..<8).map { _ in FeatureColumn.numeric((0..<70).map { _ in random.unit() }) }
    let explainer = Explainer(model)
    let contributions = try explainer.explain(columns)
    let margins = try Scorer(model).margins(columns)
    #expect(contributions.margins == margins)
    for row in 0..<70 {
      #expect(abs(contributions.row(row).reduce(explainer.baseMargin, +) - margins[row]) < 1e-9)
    }
  }
}
