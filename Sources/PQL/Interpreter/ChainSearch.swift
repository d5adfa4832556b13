import Bytes
import Domain

/// Decides whether a chain has a match, by going through its steps once.
///
/// After each step it keeps, for every choice of the labels that later conditions read, which items
/// can be the last one picked; so it searches all matches without going through them one by one.
/// Work grows with items times the choices of such labels: linear without labels, quadratic where a
/// step looks back at one.
struct ChainSearch {
  /// Items that can be the last one picked, for one choice of the labels still to be read.
  private struct Group {
    /// Item of each label of `labels`, in order.
    var choice: [Int]
    /// Ascending; empty before the first step.
    var picks: [Int]
  }

  private let chain: TypedChain
  private let evaluator: Evaluator
  /// Items with a readable time, in order.
  let items: [RuntimeValue]
  private let times: [Instant]
  /// How the times move with the clock; those of data do not.
  private let motions: [ClockMotion?]
  private let parts: [ChainStepParts]

  init(_ chain: TypedChain, _ evaluator: Evaluator) throws(EvaluationError) {
    self.chain = chain
    self.evaluator = evaluator
    let elements = try evaluator.value(of: chain.array)?.elements ?? .none
    try evaluator.charge(elements.count)
    let timed: [(index: Int, time: Instant, motion: ClockMotion?, item: RuntimeValue)] =
      elements.enumerated().compactMap { index, item in
        let time = chain.timestamp.reduce(item as RuntimeValue?) { $0?.property($1) }
        return time.flatMap(evaluator.relations.moment).map { (index, $0, time?.motion, item) }
      }
    let ordered = timed.sorted { $0.time == $1.time ? $0.index < $1.index : $0.time < $1.time }
    items = ordered.map(\.item)
    times = ordered.map(\.time)
    motions = ordered.map(\.motion)
    if let clock = evaluator.clock, motions.contains(where: { $0 != nil }) {
      clock.noteOrders(
        zip(times, motions).map { time, motion in
          var span = TimeSpan(time)
          span.motion = motion
          return span
        }
      )
    }
    parts = ChainStepParts.parts(of: chain)
  }

  func isTrue() throws(EvaluationError) -> Bool {
    if chain.steps.count == 1 { return try countIsInRange(chain.steps[0].count) }
    var groups = [Group(choice: [], picks: [])]
    var labels: [Int] = []
    var excluded: [Int] = []
    for (index, step) in chain.steps.enumerated() {
      if step.isExcluded {
        excluded.append(index)
        continue
      }
      let kept = parts[index].labelsReadLater
      groups = try advance(groups, labels: labels, over: index, excluding: excluded, keeping: kept)
      if groups.isEmpty { return false }
      labels = kept
      excluded = []
    }
    if excluded.isEmpty { return true }
    return try isClean(groups, labels: labels, after: excluded)
  }

  private func countIsInRange(_ range: CountRange) throws(EvaluationError) -> Bool {
    let count = try satisfying(0).count
    return count >= range.low && range.high.map { count <= $0 } ?? true
  }

  /// The items that satisfy all of a step that does not look back at a label, ascending.
  func satisfying(_ step: Int) throws(EvaluationError) -> [Int] {
    var found: [Int] = []
    for item in items.indices where try satisfies(item, parts[step].free) { found.append(item) }
    return found
  }

  /// Whether a step reads the label of an earlier one.
  func looksBack(_ step: Int) -> Bool { !parts[step].bound.isEmpty }

  private func satisfies(
    _ item: Int,
    _ conditions: [ChainStepParts.Condition]
  ) throws(EvaluationError) -> Bool {
    evaluator.items[chain.itemLevel] = items[item]
    try evaluator.charge(1)
    for condition in conditions {
      switch condition {
      case .expression(let expression):
        if !(try evaluator.holds(expression)) { return false }
      case .test(let test):
        if !(try evaluator.occurs(times[item], moving: motions[item], test)) { return false }
      }
    }
    return true
  }

  /// The groups after step `index`.
  private func advance(
    _ groups: [Group],
    labels: [Int],
    over index: Int,
    excluding excluded: [Int],
    keeping kept: [Int]
  ) throws(EvaluationError) -> [Group] {
    let candidates = try satisfying(index)
    var barriers: [[Int]] = []
    for step in excluded { barriers.append(try satisfying(step)) }
    var numbers: [[Int]: Int] = [:]
    var result: [Group] = []
    for group in groups {
      bind(labels, to: group.choice)
      let start = group.picks.first.map { firstItem(after: times[$0]) } ?? 0
      let wanted = try narrowed(candidates, from: start, by: index)
      if wanted.isEmpty { continue }
      var barred: [Int] = []
      for (step, barrier) in zip(excluded, barriers) {
        barred += try narrowed(barrier, from: start, by: step)
      }
      barred.sort()
      try evaluator.charge(wanted.count + barred.count + group.picks.count)
      for pick in reachable(from: group.picks, wanted, barred, count: chain.steps[index].count.low)
      {
        let choice = kept.map { label in
          label == index ? pick : group.choice[labels.firstIndex(of: label) ?? 0]
        }
        if let number = numbers[choice] {
          result[number].picks.append(pick)
        } else {
          numbers[choice] = result.count
          result.append(Group(choice: choice, picks: [pick]))
        }
      }
    }
    for number in result.indices { result[number].picks = Self.ascending(result[number].picks) }
    return result
  }

  /// The candidates from item `start` on that also satisfy what step `index` asks of the labels.
  private func narrowed(
    _ candidates: [Int],
    from start: Int,
    by index: Int
  ) throws(EvaluationError) -> [Int] {
    let later = candidates[Self.position(of: start, in: candidates)...]
    if parts[index].bound.isEmpty { return Array(later) }
    var kept: [Int] = []
    for item in later where try satisfies(item, parts[index].bound) { kept.append(item) }
    return kept
  }

  /// The items that can be the last of `count` picks after one of `previous`.
  ///
  /// All items are ascending. `previous` are the possible last picks of the step before, none at the
  /// start of the chain; `wanted` satisfy the step; none of `barred` may lie between the last pick
  /// before and the first pick.
  private func reachable(
    from previous: [Int],
    _ wanted: [Int],
    _ barred: [Int],
    count: Int
  ) -> [Int] {
    if count > 1 {
      // The first of the picks is best the first item wanted, and the fewer items are passed over,
      // the more can be counted: so the earliest way that meets nothing barred is best.
      guard
        let start = starts(previous).first(where: { start in
          let first = Self.position(of: start.item, in: wanted)
          return first < wanted.count && isClear(barred, from: start.item, to: wanted[first])
        })
      else { return [] }
      let first = Self.position(of: start.item, in: wanted)
      return Array(wanted[first...].dropFirst(count - 1))
    }
    let starts = starts(previous)
    var next = 0
    var picks: [Int] = []
    for item in wanted {
      // The latest way that ends before the item passes over the fewest.
      while next < starts.count, starts[next].time.map({ $0 < times[item] }) ?? true { next += 1 }
      if next > 0, isClear(barred, from: starts[next - 1].item, to: item) { picks.append(item) }
    }
    return picks
  }

  /// A place where a step may begin: after `time`, which is before item `item`.
  private struct Start {
    var time: Instant?
    var item: Int
  }

  private func starts(_ previous: [Int]) -> [Start] {
    if previous.isEmpty { return [Start(time: nil, item: 0)] }
    return previous.map { Start(time: times[$0], item: firstItem(after: times[$0])) }
  }

  /// Whether no barred item from `start` on is earlier than the time of `end`.
  private func isClear(_ barred: [Int], from start: Int, to end: Int) -> Bool {
    let next = Self.position(of: start, in: barred)
    return next == barred.count || times[barred[next]] >= times[end]
  }

  /// Whether some last pick has no excluded item after it.
  private func isClean(
    _ groups: [Group],
    labels: [Int],
    after excluded: [Int]
  ) throws(EvaluationError) -> Bool {
    var barriers: [[Int]] = []
    for step in excluded { barriers.append(try satisfying(step)) }
    for group in groups {
      bind(labels, to: group.choice)
      // The latest pick has the fewest items after it.
      let start = group.picks.last.map { firstItem(after: times[$0]) } ?? 0
      var isClean = true
      for (step, barrier) in zip(excluded, barriers) where isClean {
        isClean = try narrowed(barrier, from: start, by: step).isEmpty
      }
      if isClean { return true }
    }
    return false
  }

  /// Gives the labels of some steps the items chosen for them.
  private func bind(_ labels: [Int], to choice: [Int]) {
    for (label, item) in zip(labels, choice) {
      evaluator.slots[chain.steps[label].label.slot] = items[item]
    }
  }

  private func firstItem(after time: Instant) -> Int {
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Index of the first of some ascending items that is not before `item`.
  private static func position(of item: Int, in items: [Int]) -> Int {
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < item { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func ascending(_ items: [Int]) -> [Int] {
    var result: [Int] = []
    for item in items.sorted() where result.last != item { result.append(item) }
    return result
  }
}

/// The conditions of a chain's step, apart by whether they look back at labels.
struct ChainStepParts {
  enum Condition {
    case expression(TypedExpression)
    case test(TimeTest<TypedExpression>)
  }

  /// Conditions whose answer depends on the item alone.
  private(set) var free: [Condition] = []
  /// Conditions that read the label of an earlier step.
  private(set) var bound: [Condition] = []
  /// Steps up to this one whose label a later step reads, ascending.
  private(set) var labelsReadLater: [Int] = []

  static func parts(of chain: TypedChain) -> [ChainStepParts] {
    var result: [ChainStepParts] = []
    // Steps whose label each step reads.
    var reads: [Set<Int>] = []
    var labels: [Int: Int] = [:]
    for (index, step) in chain.steps.enumerated() {
      var parts = ChainStepParts()
      var read: Set<Int> = []
      func take(_ condition: Condition, _ slots: Set<Int>) {
        let steps = slots.compactMap { labels[$0] }
        read.formUnion(steps)
        if steps.isEmpty { parts.free.append(condition) } else { parts.bound.append(condition) }
      }
      for expression in step.what.conjuncts + (step.condition?.conjuncts ?? []) {
        take(.expression(expression), labels.isEmpty ? [] : expression.slotsRead)
      }
      for test in step.when {
        take(.test(test), test.operands.reduce(into: []) { $0.formUnion($1.slotsRead) })
      }
      result.append(parts)
      reads.append(read)
      if !step.isExcluded { labels[step.label.slot] = index }
    }
    var readLater: Set<Int> = []
    for index in result.indices.reversed() {
      result[index].labelsReadLater = readLater.filter { $0 <= index }.sorted()
      readLater.formUnion(reads[index])
    }
    return result
  }
}

extension TypedExpression {
  /// The terms that all have to hold.
  fileprivate var conjuncts: [TypedExpression] {
    if case .and(let terms) = form { terms } else { [self] }
  }
}
