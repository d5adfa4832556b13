/// Grows one tree from histograms: keeps what is known of its leaves and chooses what to split.
///
/// Leaf-wise, the best leaf first (G. Ke et al., "LightGBM", NeurIPS 2017), with several splits under
/// way so that partitions need not wait: each answer leads to the next orders, while partitions carry
/// out those that they have. Answers are taken in the order of the orders, so the tree does not depend
/// on when they come. Of two children only the one with fewer rows is built; the other is what the
/// parent has beyond it.
struct TreeGrowth {
  private struct Leaf {
    var rowCount: UInt64
    var depth: Int
    var sums: LeafHistogram.Sums
    /// Kept while the leaf may still be split.
    var histogram: LeafHistogram?
    var best: SplitCandidate?
  }

  /// Splits of one order whose children are not yet known.
  private struct Pending {
    var children: [(left: Int, right: Int)]
    /// The child that partitions build; `nil` when no child can be split further.
    var built: Int?
  }

  /// What to do after all that is under way.
  struct Next {
    /// Splits of each order, in whose order leaves are counted, and the child to build.
    var orders: [(splits: [LeafSplit], build: Int?)] = []
    /// Whether the tree is whole with these, which are then at most one that builds nothing.
    var isLast = false
  }

  let finder: SplitFinder
  private let isAllowed: [Bool]
  /// Exact, of all rows.
  let whole: TrainingAnswer.RowSums
  private var leaves: [Leaf]
  /// One of each order that was not yet answered, the first one's at the front.
  private var pending: [Pending] = []
  /// Whether the last order was chosen; it is the last of those.
  private var isWhole = false
  private var tree = Tree()

  /// - Parameters:
  ///   - finder: for this model's features and settings.
  ///   - histogram: of all rows the tree sees.
  ///   - sums: of these rows.
  ///   - isAllowed: for each feature, whether the tree may use it.
  init(
    finder: SplitFinder,
    histogram: LeafHistogram,
    sums: TrainingAnswer.RowSums,
    isAllowed: [Bool]
  ) {
    self.finder = finder
    self.isAllowed = isAllowed
    whole = sums
    leaves = [
      Leaf(
        rowCount: sums.rowCount,
        depth: 0,
        sums: finder.totals(histogram),
        histogram: histogram,
        best: finder.best(histogram, rowCount: sums.rowCount, isAllowed: isAllowed)
      )
    ]
  }

  var settings: TrainingSettings { finder.settings }

  /// By leaf.
  var leafSums: [LeafHistogram.Sums] { leaves.map(\.sums) }

  /// Whether splits before those of the last order are not yet known.
  var hasOpenSplits: Bool { pending.count > (isWhole ? 1 : 0) }

  /// Chooses leaves to split beside those that are being split, at most `leavesPerRound` orders in all.
  ///
  /// Leaves whose children cannot be split further share an order, which builds nothing.
  mutating func next() -> Next {
    let room = settings.leafCountMax - leaves.count
    let openCount = pending.count { $0.built != nil }
    let free = max(0, min(room - openCount, settings.leavesPerRound - pending.count))
    let ranked = leaves.indices
      .compactMap { leaf in leaves[leaf].best.map { (leaf: leaf, split: $0) } }
      .sorted { $0.split.gain != $1.split.gain ? $0.split.gain > $1.split.gain : $0.leaf < $1.leaf }
    // Children of the last leaves to be split stay as they are. While others are under way, which may
    // have a better one each, half of those are chosen at a time.
    let isEnd = room <= settings.leavesPerRound && ranked.count >= room
    let isTime = !isEnd || openCount == 0 || 2 * free >= settings.leavesPerRound
    guard !isWhole, isTime else { return Next() }
    var next = Next()
    for (leaf, split) in ranked.prefix(free) {
      let order = LeafSplit(leaf: leaf, rule: split.rule)
      let right = self.split(leaf, by: split)
      let mayGrow = !isEnd && leaves[leaf].depth < settings.depthMax
      if !mayGrow, let last = next.orders.last, last.build == nil {
        next.orders[next.orders.count - 1].splits.append(order)
        pending[pending.count - 1].children.append((leaf, right))
        continue
      }
      let isLeftFewer = leaves[leaf].sums.hessian <= leaves[right].sums.hessian
      let built = mayGrow ? (isLeftFewer ? leaf : right) : nil
      next.orders.append(([order], built))
      pending.append(Pending(children: [(leaf, right)], built: built))
    }
    let opensNone = openCount == 0 && next.orders.allSatisfy { $0.build == nil }
    guard opensNone, free == room || ranked.count <= free else { return next }
    isWhole = true
    next.isLast = true
    // There is a last order also where nothing is left to split.
    if next.orders.isEmpty { pending.append(Pending(children: [])) }
    return next
  }

  /// - Returns: the right child; the left one takes the leaf's place.
  private mutating func split(_ leaf: Int, by split: SplitCandidate) -> Int {
    let right = tree.split(leaf: leaf, by: split.rule)
    leaves[leaf].best = nil
    leaves[leaf].depth += 1
    leaves.append(
      Leaf(rowCount: 0, depth: leaves[leaf].depth, sums: leaves[leaf].sums - split.left)
    )
    leaves[leaf].sums = split.left
    return right
  }

  /// Takes what partitions answered to the first of the orders that are under way.
  mutating func take(_ answer: TrainingAnswer) throws(TrainingError) {
    let order = try takeChildren(answer)
    guard answer.histograms.count == (order.built == nil ? 0 : 1) else {
      throw .unexpectedAnswer(what: "not as many histograms as leaves to build")
    }
    guard let built = order.built, let own = answer.histograms.first,
      let (left, right) = order.children.first
    else { return }
    // Taken out, so that it is changed in its place.
    var parent: LeafHistogram?
    swap(&parent, &leaves[left].histogram)
    guard var sibling = parent.take(), own.sums.count == sibling.sums.count else {
      throw .unexpectedAnswer(what: "a histogram of another shape")
    }
    sibling.subtract(own)
    open(built, own)
    open(built == left ? right : left, sibling)
  }

  /// Takes what partitions answered to the last order.
  ///
  /// - Returns: the tree, with all that is to be known of its leaves.
  mutating func end(_ answer: TrainingAnswer) throws(TrainingError) -> Tree {
    _ = try takeChildren(answer)
    tree.set(
      zip(leaves, leafValues).map { Tree.Leaf(value: $1, cover: max(1, $0.rowCount)) }
    )
    return tree
  }

  /// Takes how many rows the children of the first order have.
  ///
  /// - Returns: that order.
  private mutating func takeChildren(_ answer: TrainingAnswer) throws(TrainingError) -> Pending {
    let counts = answer.childRowCounts
    guard let order = pending.first, counts.count == 2 * order.children.count else {
      throw .unexpectedAnswer(what: "not as many children as splits")
    }
    for (index, (left, right)) in order.children.enumerated() {
      leaves[left].rowCount = counts[2 * index]
      leaves[right].rowCount = counts[2 * index + 1]
    }
    pending.removeFirst()
    return order
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
