import Bytes

/// Writes a model in LightGBM's text format, version 4, so that LightGBM can read it.
///
/// Margins are those of this model; the margin before the first tree is added to the first tree's
/// leaves. LightGBM knows a category by a whole number: category i of a feature's list is i, and
/// what is not listed is the number behind the last; missing is NaN. Characters that LightGBM does not
/// take in a feature's name become `_`, and a name that then stands twice gets its column's number.
/// Calibration and score map have no place in the format.
struct LightGBMWriter {
  private let model: PropensityModel

  init(_ model: PropensityModel) { self.model = model }

  var text: String {
    // LightGBM needs at least one tree.
    let trees = model.trees.isEmpty ? [Tree()] : model.trees
    let sections = trees.enumerated().map { section($1, number: $0) }
    return """
      tree
      version=v4
      num_class=1
      num_tree_per_iteration=1
      label_index=0
      max_feature_idx=\(model.features.count - 1)
      objective=binary sigmoid:1
      feature_names=\(Self.names(of: model.features.map(\.name)).joined(separator: " "))
      feature_infos=\(infos.joined(separator: " "))
      tree_sizes=\(sections.map { $0.utf8.count.description }.joined(separator: " "))


      """ + sections.joined() + "end of trees\n"
  }

  /// The names that features have in the format.
  static func names(of features: [Text]) -> [String] {
    var taken: Set<String> = []
    return features.enumerated().map { index, name in
      let forbidden: Set<Character> = ["\"", ",", ":", "[", "]", "{", "}", "="]
      let plain = String(
        name.string.map { forbidden.contains($0) || $0.isWhitespace ? "_" : $0 }
      )
      let name = plain.isEmpty || taken.contains(plain) ? "\(plain)_\(index)" : plain
      taken.insert(name)
      return name
    }
  }

  private var infos: [String] {
    model.features.map { feature in
      switch feature.cut {
      case .edges(let edges):
        guard let first = edges.first, let last = edges.last else { return "none" }
        return "[\(first):\(last)]"
      case .categories(let names):
        return (0...names.count).map { $0.description }.joined(separator: ":")
      }
    }
  }

  private func section(_ tree: Tree, number: Int) -> String {
    let offset = number == 0 ? model.initialMargin : 0
    var sets: [[UInt32]] = []
    var lines: [(key: String, values: [String])] = []
    if !tree.nodes.isEmpty {
      let nodes = tree.nodes.map { node(of: $0, sets: &sets) }
      lines = [
        ("split_feature", tree.nodes.map { $0.rule.feature.description }),
        ("threshold", nodes.map(\.threshold)),
        ("decision_type", nodes.map(\.decision)),
        ("left_child", nodes.map { Self.child($0.left) }),
        ("right_child", nodes.map { Self.child($0.right) }),
        ("leaf_count", tree.leaves.map { $0.cover.description }),
        ("internal_count", tree.nodeCovers.map { $0.description }),
      ]
    }
    if !sets.isEmpty {
      let ends = sets.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
      lines.append(("cat_boundaries", ends.map { $0.description }))
      lines.append(("cat_threshold", sets.joined().map { $0.description }))
    }
    lines.append(("leaf_value", tree.leaves.map { ($0.value + offset).description }))
    let body = lines.map { "\($0.key)=\($0.values.joined(separator: " "))\n" }.joined()
    return "Tree=\(number)\nnum_leaves=\(tree.leaves.count)\nnum_cat=\(sets.count)\n"
      + body + "is_linear=0\nshrinkage=1\n\n\n"
  }

  private struct Node {
    var threshold: String
    var decision: String
    var left: Tree.Child
    var right: Tree.Child
  }

  private func node(of node: Tree.Node, sets: inout [[UInt32]]) -> Node {
    let feature = model.features[node.rule.feature]
    switch (feature.cut, node.rule.test) {
    case (.edges(let edges), .upTo(let bin, let missingLeft)):
      // Up to the last bin, or no bin but the one for missing.
      let threshold =
        bin == 0
        ? -Double.greatestFiniteMagnitude
        : Int(bin) <= edges.count ? edges[Int(bin) - 1] : Double.greatestFiniteMagnitude
      let kind =
        switch feature.missing {
        case .isZero: 0
        case .sharesZero: 4
        case .own: 8
        }
      return Node(
        threshold: threshold.description,
        decision: (kind | (missingLeft ? 2 : 0)).description,
        left: node.left,
        right: node.right
      )
    case (.edges, .among), (.categories, _):
      // In LightGBM missing categories always go right, so a test that sends them left is turned.
      let isTurned = node.rule.goesLeft(0)
      let members = (1..<feature.binCount).filter { node.rule.goesLeft($0) != isTurned }
      let numbers = members.map { $0 == 1 ? feature.binCount - 2 : $0 - 2 }
      var words = [UInt32](repeating: 0, count: feature.binCount / 32 + 1)
      for number in numbers { words[number / 32] |= 1 << UInt32(number % 32) }
      sets.append(words)
      return Node(
        threshold: (sets.count - 1).description,
        decision: "9",
        left: isTurned ? node.right : node.left,
        right: isTurned ? node.left : node.right
      )
    }
  }

  private static func child(_ child: Tree.Child) -> String {
    switch child {
    case .node(let node): node.description
    case .leaf(let leaf): (~leaf).description
    }
  }
}

extension PropensityModel {
  /// The model in LightGBM's text format, as `LightGBMWriter` says.
  package var lightGBMText: String { LightGBMWriter(self).text }
}
