/// Grows one tree from histograms: keeps what is known of its open leaves and chooses what to split.
///
/// Leaf-wise, the best leaves of each round first (G. Ke et al., "LightGBM", NeurIPS 2017), several
/// leaves a round so that rounds of messages are few. Of two children only the one with fewer rows is
/// built; the other is what the parent has beyond it. A round is given in a few orders, so that the
/// first ones' answers are added up while partitions carry out the others.
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

  /// What to do next; the last round builds nothing, and measures.
  struct Round: Equatable {
    var orders: [TrainingOrder]
    var isLast: Bool
  }

  private static let ordersPerRound = 4

  private let finder: SplitFinder
  private let isAllowed: [Bool]
  private var leaves: [Leaf]
  /// By order that was not yet answered, the first one's at the front.
  private var pending: [[Pending]] = []
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

  /// Chooses the leaves to split now.
  mutating func nextRound() -> Round {
    let settings = finder.settings
    let room = settings.leafCountMax - leaves.count
    let ranked = leaves.indices
      .compactMap { leaf in leaves[leaf].best.map { (leaf: leaf, split: $0) } }
      .sorted { $0.split.gain != $1.split.gain ? $0.split.gain > $1.split.gain : $0.leaf < $1.leaf }
    let chosen = ranked.prefix(min(room, settings.leavesPerRound))
    let isFull = chosen.count == room
    var splits: [LeafSplit] = []
    var all: [Pending] = []
    for (leaf, split) in chosen {
      let right = tree.split(leaf: leaf, by: split.rule)
      splits.append(LeafSplit(leaf: leaf, rule: split.rule))
      leaves[leaf].best = nil
      leaves[leaf].depth += 1
      leaves.append(Leaf(rowCount: 0, depth: leaves[leaf].depth))
      let mayGrow = !isFull && leaves[leaf].depth < settings.depthMax
      let built = mayGrow ? (split.leftShare <= 0.5 ? leaf : right) : nil
      all.append(Pending(left: leaf, right: right, built: built))
    }
    guard all.contains(where: { $0.built != nil }) else {
      return Round(orders: [.measure(splits: splits)], isLast: true)
    }
    let size = (all.count + Self.ordersPerRound - 1) / Self.ordersPerRound
    var orders: [TrainingOrder] = []
    for first in stride(from: 0, to: all.count, by: size) {
      let part = first..<min(first + size, all.count)
      pending.append(Array(all[part]))
      orders.append(.grow(splits: Array(splits[part]), build: all[part].compactMap(\.built)))
    }
    return Round(orders: orders, isLast: false)
  }

  /// Whether all orders of the round were answered.
  var isSettled: Bool { pending.isEmpty }

  /// Takes what partitions answered to the next order of the round.
  mutating func take(_ answer: TrainingAnswer) throws(TrainingError) {
    guard let splits = pending.first, answer.childRowCounts.count == 2 * splits.count,
      answer.histograms.count == splits.count(where: { $0.built != nil })
    else { throw .unexpectedAnswer(what: "not as many children as splits") }
    pending.removeFirst()
    var histograms = answer.histograms[...]
    for (index, split) in splits.enumerated() {
      leaves[split.left].rowCount = answer.childRowCounts[2 * index]
      leaves[split.right].rowCount = answer.childRowCounts[2 * index + 1]
      // Taken out, so that it is changed in its place.
      var parent: LeafHistogram?
      swap(&parent, &leaves[split.left].histogram)
      guard let built = split.built, let own = histograms.popFirst(), var sibling = parent.take()
      else { continue }
      guard own.sums.count == sibling.sums.count else {
        throw .unexpectedAnswer(what: "a histogram of another shape")
      }
      sibling.subtract(own)
      let other = built == split.left ? split.right : split.left
      open(built, own)
      open(other, sibling)
    }
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
