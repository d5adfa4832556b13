import Bytes

extension PropensityModel {
  /// Imports a binary classifier from LightGBM's text format, version 4.
  ///
  /// Thresholds become bin edges, so margins are those of LightGBM to the last bit of their sums.
  /// Nothing is known of calibration, scores and data: they are the plain ones.
  ///
  /// Source: `Tree::ToString` and `GBDT::SaveModelToString` of microsoft/LightGBM.
  ///
  /// - Parameters:
  ///   - bytes: the model's text.
  ///   - columns: what its features are, in the order of columns and named as `lightGBMText` would
  ///     name them; without them, features have the names of the text, and a categorical feature's
  ///     values the whole numbers it was trained with.
  /// - Throws: what cannot be read or has no counterpart here.
  package init(
    lightGBM bytes: [UInt8],
    columns: [LightGBMFeature]? = nil
  ) throws(LightGBMError) {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
    let sections = try LightGBMSection.all(text)
    let header = sections[0]
    try Self.checkSupport(header)
    let names = try header.words("feature_names").map { Text(String($0)) }
    guard names.count <= ModelFormat.featureCountMax,
      try header.integer("max_feature_idx") == names.count - 1
    else { throw .invalidValue(key: "feature_names", tree: nil) }
    guard sections.count - 1 <= ModelFormat.treeCountMax else {
      throw .unsupported(what: "more than \(ModelFormat.treeCountMax) trees")
    }
    var sources: [LightGBMTree] = []
    for section in sections.dropFirst() {
      sources.append(try LightGBMTree(section, featureCount: names.count))
    }
    if let columns { try Self.check(names, are: columns.map(\.name)) }
    let cuts = try LightGBMCuts(
      columns ?? names.map { LightGBMFeature(name: $0) },
      areKnown: columns != nil,
      trees: sources
    )
    var trees: [Tree] = []
    for source in sources { trees.append(try cuts.tree(source)) }
    self.init(features: cuts.features, initialMargin: 0, trees: trees)
  }

  private static func check(_ names: [Text], are columns: [Text]) throws(LightGBMError) {
    let expected = LightGBMWriter.names(of: columns).map { Text($0) }
    guard names != expected else { return }
    let place = zip(names, expected).enumerated().first { $1.0 != $1.1 }?.offset
    let shorter = min(names.count, expected.count)
    func name(_ names: [Text]) -> Text? {
      let place = place ?? shorter
      return names.indices.contains(place) ? names[place] : nil
    }
    throw .otherFeature(column: place ?? shorter, found: name(names), expected: name(expected))
  }

  private static func checkSupport(_ header: LightGBMSection) throws(LightGBMError) {
    guard try header.integer("num_class") == 1,
      try header.integer("num_tree_per_iteration") == 1
    else { throw .unsupported(what: "several classes") }
    if header.flags.contains("average_output") { throw .unsupported(what: "averaged trees") }
    let objective = try header.words("objective")
    guard objective.first == "binary", objective.dropFirst().allSatisfy({ $0 == "sigmoid:1" })
    else {
      throw .unsupported(what: "the objective '\(objective.joined(separator: " "))'")
    }
  }
}

/// The bins that tell apart all that some trees test.
private struct LightGBMCuts {
  let features: [FeatureBins]
  /// The bin of each category, of each categorical feature.
  private var categoryBins: [[Int: Int]]

  /// - Parameters:
  ///   - columns: the model's features.
  ///   - areKnown: whether the columns say which features are categorical.
  ///   - trees: the model's.
  /// - Throws: when a feature is tested in ways that have no counterpart here.
  init(
    _ columns: [LightGBMFeature],
    areKnown: Bool,
    trees: [LightGBMTree]
  ) throws(LightGBMError) {
    var thresholds = [Set<Double>](repeating: [], count: columns.count)
    var categories = [Set<Int>](repeating: [], count: columns.count)
    var rules = [FeatureBins.MissingRule?](repeating: nil, count: columns.count)
    for tree in trees {
      for node in tree.nodes {
        switch node.test {
        case .upTo(let threshold, _, let missing):
          thresholds[node.feature].insert(threshold)
          if let rule = rules[node.feature], rule != missing {
            throw .unsupported(what: "a feature whose missing values are read in two ways")
          }
          rules[node.feature] = missing
        case .among(let members): categories[node.feature].formUnion(members)
        }
      }
    }
    categoryBins = [[Int: Int]](repeating: [:], count: columns.count)
    var features: [FeatureBins] = []
    for (index, column) in columns.enumerated() {
      let name = column.name
      let count = max(thresholds[index].count, categories[index].count)
      guard count <= FeatureBins.binCountMax - 2 else {
        throw .tooManyBins(feature: name, count: count)
      }
      guard thresholds[index].isEmpty || categories[index].isEmpty else {
        throw .unsupported(what: "a feature that is a number and a category")
      }
      if let known = column.categories {
        guard thresholds[index].isEmpty, known.count <= FeatureBins.binCountMax - 2,
          categories[index].allSatisfy({ $0 <= known.count })
        else { throw .otherCategories(feature: name, count: known.count) }
        for number in known.indices { categoryBins[index][number] = number + 2 }
        categoryBins[index][known.count] = 1
        features.append(FeatureBins(name: name, cut: .categories(known)))
        continue
      }
      guard categories[index].isEmpty || !areKnown else {
        throw .otherCategories(feature: name, count: 0)
      }
      if categories[index].isEmpty {
        features.append(
          FeatureBins(
            name: name,
            cut: .edges(thresholds[index].sorted()),
            missing: rules[index] ?? .own
          )
        )
      } else {
        let members = categories[index].sorted()
        for (bin, member) in members.enumerated() { categoryBins[index][member] = bin + 2 }
        features.append(
          FeatureBins(name: name, cut: .categories(members.map { Text($0.description) }))
        )
      }
    }
    self.features = features
  }

  /// The tree over these bins; nodes are taken in the order of a walk from the root.
  func tree(_ source: LightGBMTree) throws(LightGBMError) -> Tree {
    var tree = Tree()
    var leaves = [Tree.Leaf?](repeating: nil, count: source.leaves.count)
    var open = [(child: source.nodes.isEmpty ? -1 : 0, leaf: 0)]
    while let (child, leaf) = open.popLast() {
      if child < 0 {
        guard source.leaves.indices.contains(~child), leaf < leaves.count else {
          throw .malformedTree(source.number)
        }
        leaves[leaf] = source.leaves[~child]
        continue
      }
      // Every node is split once at most, or there would be more leaves than the tree has.
      guard child < source.nodes.count, tree.nodes.count < source.nodes.count else {
        throw .malformedTree(source.number)
      }
      let node = source.nodes[child]
      let right = tree.split(leaf: leaf, by: rule(node))
      open.append((node.right, right))
      open.append((node.left, leaf))
    }
    let found = leaves.compactMap { $0 }
    guard found.count == leaves.count, tree.leaves.count == found.count else {
      throw .malformedTree(source.number)
    }
    tree.set(found)
    return tree
  }

  private func rule(_ node: LightGBMTree.Node) -> SplitRule {
    switch node.test {
    case .among(let members):
      let bins = members.compactMap { categoryBins[node.feature][$0] }
      return SplitRule(feature: node.feature, test: .among(BinSet(bins)))
    case .upTo(let threshold, let defaultLeft, _):
      guard case .edges(let edges) = features[node.feature].cut else {
        return SplitRule(feature: node.feature, test: .among(BinSet()))
      }
      let bin = 1 + (edges.firstIndex { threshold <= $0 } ?? edges.count)
      return SplitRule(
        feature: node.feature,
        test: .upTo(bin: UInt8(truncatingIfNeeded: bin), missingLeft: defaultLeft)
      )
    }
  }
}

extension PropensityModel {
  /// What the columns of the model in LightGBM's format are.
  package var lightGBMColumns: [LightGBMFeature] {
    features.map { feature in
      if case .categories(let names) = feature.cut {
        LightGBMFeature(name: feature.name, categories: names)
      } else {
        LightGBMFeature(name: feature.name)
      }
    }
  }
}
