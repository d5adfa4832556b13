/// A model's trees with what each leaf contributes, in the flat form in which blocks of rows are
/// explained.
struct ExplainedForest: Sendable {
  /// The table of one leaf, or of two that stand for each other's opposite.
  struct Path: Sendable {
    /// The slot of the leaf's pattern.
    var slot: Int32
    var featureStart: Int32
    var valueStart: Int
    var featureCount: UInt8
    /// Values of a pattern, as a power of two.
    var shift: UInt8
    /// The bits of a pattern that stand for features.
    var mask: UInt8
  }

  struct Place: Sendable {
    var paths: Range<Int>
    var deep: Range<Int>
  }

  let forest: BlockForest
  /// For each node all bits but that of its feature on the way to it; those that no table asks for
  /// have none.
  let others: [UInt8]
  let trees: [Place]
  /// Invariant: slots, features and values are there.
  let paths: [Path]
  let features: [Int32]
  let values: TableValues
  /// Paths of a tree that have tables, at most.
  let pathCountMax: Int
  let deep: [DeepPath]

  /// - Parameters:
  ///   - trees: of a model.
  ///   - forest: the same trees.
  init(_ trees: [Tree], forest: BlockForest) {
    var others = [UInt8](repeating: 0xFF, count: forest.nodes.count)
    var places: [Place] = []
    var paths: [Path] = []
    var features: [Int32] = []
    var values: [Double] = []
    var deep: [DeepPath] = []
    var rules: [Int: GaussLegendre] = [:]
    func rule(_ featureCount: Int) -> GaussLegendre {
      let count = max(1, (featureCount + 1) / 2)
      let rule = rules[count] ?? GaussLegendre(count: count)
      rules[count] = rule
      return rule
    }
    for (tree, place) in zip(trees, forest.trees) {
      let (pathStart, deepStart) = (paths.count, deep.count)
      var before: LeafPath?
      for path in LeafPath.all(tree) where !path.features.isEmpty {
        let count = path.features.count
        if count > LeafPath.tableFeatureCountMax {
          deep.append(DeepPath(path, of: tree, rule: rule(count)))
          continue
        }
        for condition in path.conditions {
          others[place.nodes.lowerBound + condition.node] = ~(1 << UInt8(condition.element))
        }
        // A right leaf follows its left sibling.
        if let before, before.isSibling(path), let last = paths.last {
          let flipped = path.table(rule(count))
          let bit = 1 << (before.conditions[before.conditions.count - 1].element)
          for index in flipped.indices {
            values[last.valueStart + index] += flipped[index ^ bit << path.tableShift]
          }
          continue
        }
        before = path
        paths.append(
          Path(
            slot: Int32(path.leaf),
            featureStart: Int32(features.count),
            valueStart: values.count,
            featureCount: UInt8(count),
            shift: UInt8(path.tableShift),
            mask: 1 << UInt8(count) - 1
          )
        )
        features += path.features.map { Int32($0) }
        values += path.table(rule(count))
        while values.count % TableValues.lineCount != 0 { values.append(0) }
      }
      // Paths of one length follow each other, so that loops over features end where they did before.
      paths[pathStart...].sort { ($0.featureCount, $0.slot) < ($1.featureCount, $1.slot) }
      places.append(Place(paths: pathStart..<paths.count, deep: deepStart..<deep.count))
    }
    // As in the forest, no array is empty.
    paths.append(
      Path(slot: 0, featureStart: 0, valueStart: 0, featureCount: 0, shift: 0, mask: 0)
    )
    features.append(0)
    // A pattern's whole line may be read, whatever of it is used.
    values += [Double](repeating: 0, count: TableValues.lineCount)
    self.forest = forest
    self.others = others
    self.trees = places
    self.paths = paths
    self.features = features
    self.values = TableValues(values)
    pathCountMax = places.map(\.paths.count).max() ?? 0
    self.deep = deep
  }
}
