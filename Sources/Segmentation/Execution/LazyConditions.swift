import Bytes
import Domain
import PQL
import ProfileStore

/// Asks the reference interpreter about single profiles, where nothing else has decided yet.
///
/// A conjunction asks its lazy terms only about profiles for which all others hold, so what is
/// necessary for a residual saves its evaluation; answers are kept for the block.
final class LazyConditions {
  /// Profiles after which it is asked whether to go on.
  private static let cancelInterval = 16

  private let program: CompiledProgram
  private let run: BlockRun
  private let isCancelled: @Sendable () -> Bool
  /// By residual, the smallest key for which it has no answer.
  private(set) var failures: [EvaluationFailure?]
  private(set) var costs: [ResidualCost]
  /// By residual, for which profiles of the block the answer is known, and what it is.
  private var known: [[UInt64]]
  private var answers: [[UInt64]]
  private var profiles: [Value?] = []
  /// Something was asked about the block.
  private var isAsked = false
  private let clock = ContinuousClock()

  init(_ program: CompiledProgram, _ run: BlockRun, isCancelled: @escaping @Sendable () -> Bool) {
    self.program = program
    self.run = run
    self.isCancelled = isCancelled
    let count = program.graph.residuals.count
    failures = Array(repeating: nil, count: count)
    costs = Array(repeating: ResidualCost(), count: count)
    let none = [UInt64](repeating: 0, count: BlockVector.wordCount)
    known = Array(repeating: none, count: count)
    answers = known
  }

  /// Turns to the block that was run last.
  func begin() {
    guard isAsked else { return }
    isAsked = false
    profiles.removeAll(keepingCapacity: true)
    for residual in known.indices {
      for word in 0..<BlockVector.wordCount { known[residual][word] = 0 }
    }
  }

  /// Writes into a node's vector what its residual says of the profiles in doubt.
  func resolve(_ doubt: EventDoubt) throws(ShardEvaluationError) {
    let everyone = run.everyone
    let wanted = doubt.profiles.indices.map { doubt.profiles[$0] & everyone[$0] }
    try evaluate(doubt.residual, wanted)
    let vector = unsafe run.vectors.vector(doubt.node)
    for word in wanted.indices {
      let kept = unsafe vector[word] & ~wanted[word]
      unsafe vector[word] = kept | answers[doubt.residual][word] & wanted[word]
    }
  }

  /// Where a condition holds among some profiles; what it says of others means nothing.
  func holds(
    _ reference: NodeReference,
    among wanted: [UInt64]
  ) throws(ShardEvaluationError) -> [UInt64] {
    let positive = try holds(reference.node, among: wanted)
    return reference.isNegated ? positive.map { ~$0 } : positive
  }

  private func holds(_ node: Int, among wanted: [UInt64]) throws(ShardEvaluationError) -> [UInt64] {
    guard program.isLazy[node] else {
      let vector = unsafe run.vectors.vector(node)
      return (0..<BlockVector.wordCount).map { unsafe vector[$0] }
    }
    switch program.graph.nodes[node] {
    case .and(let terms):
      var rest = wanted
      for term in terms where !program.isLazy[term.node] {
        let vector = unsafe run.vectors.vector(term.node)
        for word in rest.indices {
          let bits = unsafe vector[word]
          rest[word] &= term.isNegated ? ~bits : bits
        }
      }
      for term in terms where program.isLazy[term.node] {
        if rest.allSatisfy({ $0 == 0 }) { break }
        let holds = try holds(term, among: rest)
        for word in rest.indices { rest[word] &= holds[word] }
      }
      return rest
    case .residual(let number):
      try evaluate(number, wanted)
      return answers[number]
    default: return wanted
    }
  }

  /// Finds the answers of a residual for some profiles, as far as they are not known.
  func evaluate(_ number: Int, _ wanted: [UInt64]) throws(ShardEvaluationError) {
    let missing = wanted.indices.map { wanted[$0] & ~known[number][$0] }
    if missing.allSatisfy({ $0 == 0 }) { return }
    isAsked = true
    if profiles.isEmpty { profiles = Array(repeating: nil, count: run.profileCount) }
    let residual = program.graph.residuals[number]
    var memberships: [(id: Text, holds: [UInt64])] = []
    for (id, reference) in residual.memberships {
      memberships.append((id, try holds(reference, among: missing)))
    }
    let values: ProfileBlock
    do throws(StoreError) {
      values = try run.blockValues()
    } catch {
      throw .store(error)
    }
    var context = program.context(of: residual)
    let start = clock.now
    var count = 0
    for row in 0..<run.profileCount where Self.isSet(row, in: missing) {
      if count % Self.cancelInterval == 0, isCancelled() { throw .cancelled }
      count += 1
      known[number][row / 64] |= 1 << UInt64(row % 64)
      answers[number][row / 64] &= ~(1 << UInt64(row % 64))
      if let failure = failures[number], failure.key < values.key(row) { continue }
      if !memberships.isEmpty {
        var answers: [Text: Bool] = [:]
        for (id, holds) in memberships { answers[id] = Self.isSet(row, in: holds) }
        context.membership = { [answers] in answers[$0] }
      }
      do throws(EvaluationError) {
        let isMember = try residual.interpreter.isMember(
          profile(row, values),
          in: context,
          counting: &costs[number].stepCount
        )
        if isMember { answers[number][row / 64] |= 1 << UInt64(row % 64) }
      } catch {
        failures[number] = EvaluationFailure(
          key: values.key(row),
          message: Text(error.description)
        )
      }
    }
    costs[number].profileCount += count
    let spent = start.duration(to: clock.now).nanoseconds
    costs[number].nanoseconds += spent
    run.meter.leaveOut(spent)
  }

  private func profile(_ row: Int, _ values: ProfileBlock) -> Value {
    if let known = profiles[row] { return known }
    let made = values.profile(row)
    profiles[row] = made
    return made
  }

  private static func isSet(_ row: Int, in words: [UInt64]) -> Bool {
    words[row / 64] >> UInt64(row % 64) & 1 == 1
  }
}

/// What asking the reference interpreter took.
struct ResidualCost: Hashable, Sendable {
  var profileCount = 0
  /// Steps of the interpreter.
  var stepCount = 0
  var nanoseconds: UInt64 = 0
}

extension Duration {
  /// Whole nanoseconds, at least 0.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
  }
}
