/// Grows one tree from histograms: keeps what is known of its open leaves and chooses what to split.
///
/// Leaf-wise, the best leaf first (G. Ke et al., "LightGBM", NeurIPS 2017), with several splits under
/// way so that partitions need not wait: each answer leads to the next orders, while partitions carry
/// out those that they have. Answers are taken in the order of the orders, so the tree does not depend
/// on when they come. The last leaves are chosen when all others are known. Of two children only the
/// one with fewer rows is built; the other is what the parent has beyond it.
struct TreeGrowth {
  private struct Leaf {
    var rowCount: UInt64
    var depth: Int
    /// Kept while the leaf may still be split.
    var histogram: LeafHistogram?
    var best: SplitCandidate?
  }

  /// A split that was sent and whose children are not yet known.
  private struct Pending {
    var left: Int
    var right: Int
    /// The child that partitions build; `nil` when neither child can be split further.
    var built: Int?
  }

  /// What to do after all that is under way; the last order builds nothing, and measures.
  struct Next: Equatable {
    var orders: [TrainingOrder] = []
    var isLast = false
  }

  private let finder: SplitFinder
  private let isAllowed: [Bool]
  private var leaves: [Leaf]
  /// One of each order that was not yet answered, the first one's at the front.
  private var pending: [Pending] = []
  private(set) var tree = Tree()

  /// - Parameters:
  ///   - finder: for this model's features and settings.
  ///   - histogram: of all rows the tree sees.
  ///   - rowCount: how many they are, or close to it.
  ///   - isAllowed: for each feature, whether the tree may use it.
  init(finder: SplitFinder, histogram: LeafHistogram, rowCount: UInt64, isAllowed: [Bool]) {
    self.finder = finder
    self.isAllowed = isAllowed
    leaves = [
      Leaf(
        rowCount: rowCount,
        depth: 0,
        histogram: histogram,
        best: finder.best(histogram, rowCount: rowCount, isAllowed: isAllowed)
      )
    ]
  }

  /// Chooses leaves to split beside those that are being split.
  mutating func next() -> Next {
    let settings = finder.settings
    let room = settings.leafCountMax - leaves.count
    guard pending.isEmpty || room > settings.leavesPerRound else { return Next() }
    let ranked = leaves.indices
      .compactMap { leaf in leaves[leaf].best.map { (leaf: leaf, split: $0) } }
      .sorted { $0.split.gain != $1.split.gain ? $0.split.gain > $1.split.gain : $0.leaf < $1.leaf }
    let chosen = ranked.prefix(min(room, settings.leavesPerRound - pending.count))
    let isFull = chosen.count == room
    var splits: [LeafSplit] = []
    var own: [Pending] = []
    for (leaf, split) in chosen {
      let right = tree.split(leaf: leaf, by: split.rule)
      splits.append(LeafSplit(leaf: leaf, rule: split.rule))
      leaves[leaf].best = nil
      leaves[leaf].depth += 1
      leaves.append(Leaf(rowCount: 0, depth: leaves[leaf].depth))
      let mayGrow = !isFull && leaves[leaf].depth < settings.depthMax
      let built = mayGrow ? (split.leftShare <= 0.5 ? leaf : right) : nil
      own.append(Pending(left: leaf, right: right, built: built))
    }
    if pending.isEmpty && own.allSatisfy({ $0.built == nil }) {
      return Next(orders: [.measure(splits: splits)], isLast: true)
    }
    pending += own
    return Next(
      orders: zip(splits, own).map { .grow(splits: [$0], build: $1.built.map { [$0] } ?? []) }
    )
  }

  /// Takes what partitions answered to the first of the orders that are under way.
  mutating func take(_ answer: TrainingAnswer) throws(TrainingError) {
    guard let split = pending.first, answer.childRowCounts.count == 2,
      answer.histograms.count == (split.built == nil ? 0 : 1)
    else { throw .unexpectedAnswer(what: "not as many children as splits") }
    pending.removeFirst()
    leaves[split.left].rowCount = answer.childRowCounts[0]
    leaves[split.right].rowCount = answer.childRowCounts[1]
    // Taken out, so that it is changed in its place.
    var parent: LeafHistogram?
    swap(&parent, &leaves[split.left].histogram)
    guard let built = split.built, let own = answer.histograms.first, var sibling = parent.take()
    else { return }
    guard own.sums.count == sibling.sums.count else {
      throw .unexpectedAnswer(what: "a histogram of another shape")
    }
    sibling.subtract(own)
    open(built, own)
    open(built == split.left ? split.right : split.left, sibling)
  }

  private mutating func open(_ leaf: Int, _ histogram: LeafHistogram) {
    leaves[leaf].best = finder.best(
      histogram,
      rowCount: leaves[leaf].rowCount,
      isAllowed: isAllowed
    )
    leaves[leaf].histogram = leaves[leaf].best == nil ? nil : histogram
  }
}
