package import Bytes
import Domain
package import ProfileStore

/// Measures the profiles of shards at one cut-off, as a plan says.
///
/// What it finds of a profile depends on the plan, the cut-off and that profile alone.
package struct FeatureExtractor: Sendable {
  package let plan: FeaturePlan
  /// Features come from events strictly before it.
  package let instant: Instant
  private let cutOff: CutOff
  private let programs: CutOffPrograms
  private let eventRules: EventRules

  /// Prepares for rows with or without labels.
  package enum Purpose: Sendable {
    case training
    case scoring
  }

  /// Makes the plan's rules ready.
  ///
  /// - Parameters:
  ///   - plan: what to measure.
  ///   - instant: the cut-off, which the rules call `now`.
  ///   - purpose: training takes labels.
  ///   - zones: knows the time zones of the audiences.
  /// - Throws: what is wrong with the rules.
  package init(
    _ plan: FeaturePlan,
    at instant: Instant,
    for purpose: Purpose,
    zones: ZoneSource
  ) throws(FeatureError) {
    self.plan = plan
    self.instant = instant
    cutOff = CutOff(instant, outcomeWindowDays: plan.rules.outcomeWindowDays)
    programs = try CutOffPrograms(plan.rules, cutOff, zones: zones, purpose)
    eventRules = try EventRules(plan)
  }

  /// Finds out who has a row in a shard, and who reached the goal.
  ///
  /// - Parameters:
  ///   - snapshot: the shard's contents.
  ///   - threadCount: how many threads work at it, this one included.
  ///   - isCancelled: asked now and then.
  /// - Returns: who has a row.
  /// - Throws: damage, a rule without an answer, or that it was cancelled.
  package func population(
    of snapshot: ShardSnapshot,
    threadCount: Int = 1,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(FeatureError) -> FeaturePopulation {
    func members(
      _ program: SegmentProgram,
      at instant: Instant
    ) throws(FeatureError) -> [Bitmap] {
      if program.definitions.isEmpty { return [] }
      let found: ShardMembers
      do throws(ShardEvaluationError) {
        found = try program.members(
          snapshot,
          asOf: instant,
          threadCount: threadCount,
          isCancelled: isCancelled
        )
      } catch {
        throw FeatureError(error)
      }
      for (definition, failure) in zip(program.definitions, found.failures) {
        if let failure { throw .failed(rule: definition.id.text, failure) }
      }
      return found.members
    }
    let before = try members(programs.before, at: cutOff.instant)
    var positive = programs.goalOfAttributes.map { before[$0] }
    if let within = programs.within, let goal = programs.goalOfWindow {
      positive = try members(within, at: cutOff.end)[goal]
    }
    return FeaturePopulation(
      snapshot: snapshot,
      eligible: programs.eligible.map { before[$0] }
        ?? Bitmap(below: Int(snapshot.contents.profileCount)),
      positive: positive,
      members: Dictionary(
        zip(plan.rules.audiences.map(\.id), before),
        uniquingKeysWith: { first, _ in first }
      )
    )
  }

  /// Measures a population.
  ///
  /// - Parameters:
  ///   - population: who has a row.
  ///   - blocks: the blocks of the snapshot that are wanted; `nil` for all. Parts that follow each
  ///     other give the rows of the whole, but categories may be numbered differently.
  ///   - isCancelled: asked before each block.
  /// - Returns: the rows by ascending ordinal.
  /// - Throws: damage, or that it was cancelled.
  package func rows(
    of population: FeaturePopulation,
    in blocks: Range<Int>? = nil,
    isCancelled: () -> Bool = { false }
  ) throws(FeatureError) -> FeatureRows {
    let snapshot = population.snapshot
    let blocks = (blocks ?? 0..<snapshot.blockCount).clamped(to: 0..<snapshot.blockCount)
    let maker: RowMaker
    do throws(StoreError) {
      maker = try RowMaker(plan, eventRules, cutOff, population, blocks: blocks)
    } catch {
      throw .store(error)
    }
    for block in blocks {
      if isCancelled() { throw .cancelled }
      do throws(StoreError) {
        try maker.add(block)
      } catch {
        throw .store(error)
      }
    }
    return try maker.finish()
  }

  /// Measures all eligible profiles of a shard.
  package func rows(of snapshot: ShardSnapshot) throws(FeatureError) -> FeatureRows {
    try rows(of: try population(of: snapshot))
  }
}

extension FeatureError {
  fileprivate init(_ error: ShardEvaluationError) {
    switch error {
    case .store(let error): self = .store(error)
    case .cancelled: self = .cancelled
    }
  }
}
