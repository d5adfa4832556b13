/// One tree of a LightGBM model text, checked and as it stands there.
struct LightGBMTree {
  enum Test {
    case upTo(threshold: Double, defaultLeft: Bool, missing: FeatureBins.MissingRule)
    /// These whole numbers go left.
    case among([Int])
  }

  struct Node {
    var feature: Int
    var test: Test
    /// A node, or the complement of a leaf.
    var left: Int
    var right: Int
  }

  /// Categories are whole numbers below this.
  private static let categoryMax = 1 << 20

  let number: Int
  let nodes: [Node]
  let leaves: [Tree.Leaf]

  init(_ section: LightGBMSection, featureCount: Int) throws(LightGBMError) {
    number = section.tree ?? 0
    let leafCount = try section.integer("num_leaves")
    guard leafCount >= 1, leafCount <= ModelFormat.leafCountMax else {
      throw .invalidValue(key: "num_leaves", tree: number)
    }
    if section.values["is_linear"] == "1" { throw .unsupported(what: "linear trees") }
    nodes = try Self.nodes(section, count: leafCount - 1, featureCount: featureCount)
    let values = try section.numbers("leaf_value", count: leafCount)
    guard values.allSatisfy({ abs($0) <= ModelFormat.valueMax }) else {
      throw .invalidValue(key: "leaf_value", tree: number)
    }
    // A tree of one leaf is written without counts.
    let counts =
      leafCount == 1 ? [1] : try section.integers("leaf_count", count: leafCount)
    guard counts.allSatisfy({ $0 > 0 && $0 < 1 << 40 }) else {
      throw .invalidValue(key: "leaf_count", tree: number)
    }
    leaves = zip(values, counts).map { Tree.Leaf(value: $0, cover: UInt64($1)) }
  }

  private static func nodes(
    _ section: LightGBMSection,
    count: Int,
    featureCount: Int
  ) throws(LightGBMError) -> [Node] {
    guard count > 0 else { return [] }
    let features = try section.integers("split_feature", count: count)
    let thresholds = try section.numbers("threshold", count: count)
    let decisions = try section.integers("decision_type", count: count)
    let left = try section.integers("left_child", count: count)
    let right = try section.integers("right_child", count: count)
    let sets = try categorySets(section)
    var nodes: [Node] = []
    for index in 0..<count {
      guard (0..<featureCount).contains(features[index]) else {
        throw .invalidValue(key: "split_feature", tree: section.tree)
      }
      nodes.append(
        Node(
          feature: features[index],
          test: try test(decisions[index], thresholds[index], sets: sets, in: section),
          left: left[index],
          right: right[index]
        )
      )
    }
    return nodes
  }

  /// Bit 0 of a decision type says categorical, bit 1 that missing goes left; bits 2 and 3 say what
  /// is missing: nothing, zero, NaN.
  private static func test(
    _ decision: Int,
    _ threshold: Double,
    sets: [[Int]],
    in section: LightGBMSection
  ) throws(LightGBMError) -> Test {
    if decision & 1 == 1 {
      guard let set = Int(exactly: threshold), sets.indices.contains(set) else {
        throw .invalidValue(key: "threshold", tree: section.tree)
      }
      return .among(sets[set])
    }
    let missing: FeatureBins.MissingRule
    switch decision >> 2 {
    case 0: missing = .isZero
    case 1: missing = .sharesZero
    case 2: missing = .own
    default: throw .invalidValue(key: "decision_type", tree: section.tree)
    }
    return .upTo(threshold: threshold, defaultLeft: decision & 2 == 2, missing: missing)
  }

  /// The categories of each set: its 32-bit words lie between two of `cat_boundaries`.
  private static func categorySets(_ section: LightGBMSection) throws(LightGBMError) -> [[Int]] {
    let count = try section.integer("num_cat")
    guard count > 0 else { return [] }
    guard count <= ModelFormat.leafCountMax else {
      throw .invalidValue(key: "num_cat", tree: section.tree)
    }
    let boundaries = try section.integers("cat_boundaries", count: count + 1)
    let words = try section.words("cat_threshold").map { UInt32($0) }
    guard boundaries.first == 0, boundaries.last == words.count,
      zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 })
    else { throw .invalidValue(key: "cat_boundaries", tree: section.tree) }
    var sets: [[Int]] = []
    for set in 0..<count {
      var members: [Int] = []
      for (place, word) in words[boundaries[set]..<boundaries[set + 1]].enumerated() {
        guard let word, place < categoryMax / 32 else {
          throw .invalidValue(key: "cat_threshold", tree: section.tree)
        }
        members += (0..<32).filter { word >> UInt32($0) & 1 == 1 }.map { 32 * place + $0 }
      }
      sets.append(members)
    }
    return sets
  }
}
