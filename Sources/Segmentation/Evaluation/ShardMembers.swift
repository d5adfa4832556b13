package import Bytes
import Platform
package import ProfileStore

/// Who fulfils each definition in one shard.
package struct ShardMembers: Hashable, Sendable {
  /// By definition, the ordinals of its members; the sets share one memory.
  package var members: [Bitmap]
  /// By definition, why there is no answer; then its members mean nothing.
  ///
  /// A definition that asks about one that failed has no failure of its own.
  package var failures: [EvaluationFailure?]
  package var costs: ProgramCosts

  package init(members: [Bitmap], failures: [EvaluationFailure?], costs: ProgramCosts) {
    self.members = members
    self.failures = failures
    self.costs = costs
  }
}

extension SegmentProgram {
  /// Finds the members of every definition.
  ///
  /// - Parameters:
  ///   - snapshot: the shard's contents.
  ///   - asOf: what `now` means.
  ///   - threadCount: how many threads work at it, this one included.
  ///   - isCancelled: asked before each block, and now and then before single profiles.
  /// - Returns: the members, which depend on the contents, the definitions and the as-of alone.
  /// - Throws: damage that was found, or that the run was cancelled.
  package func members(
    _ snapshot: ShardSnapshot,
    asOf: Instant,
    threadCount: Int = 1,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ShardEvaluationError) -> ShardMembers {
    let compiled = compiled(asOf: asOf)
    let compilingNanoseconds = takeCompilingNanoseconds()
    let pass = ShardPass(
      program: self,
      compiled: compiled,
      snapshot: snapshot,
      asOf: asOf,
      isCancelled: isCancelled
    )
    let outcome = try pass.run(threadCount: threadCount)
    let parts = outcome.parts
    let start = LinuxClock.monotonicNanoseconds
    let collected = CollectedBitmaps(
      parts.map(\.members),
      partSize: min(snapshot.blockProfileCount, Bitmap.chunkSize)
    )
    let members = SegmentProgram.mapped(definitions.count, threadCount: threadCount) {
      collected.bitmap(of: $0)
    }
    let packingNanoseconds = LinuxClock.monotonicNanoseconds &- start
    var failures: [EvaluationFailure?] = []
    let failed = parts.filter(\.hasFailures)
    for definition in definitions.indices {
      var failure: EvaluationFailure?
      for part in failed {
        failure = .first(failure, part.failures[definition])
        for residual in compiled.residualsOfDefinitions[definition] {
          failure = .first(failure, part.residualFailures[residual])
        }
      }
      failures.append(failure)
    }
    return ShardMembers(
      members: members,
      failures: withoutThoseOfGround(failures),
      costs: ProgramCosts(
        outcome,
        compilingNanoseconds: compilingNanoseconds,
        packingNanoseconds: packingNanoseconds
      )
    )
  }

  /// Finds the members with the reference interpreter, profile by profile and definition by
  /// definition.
  package func referenceMembers(
    _ snapshot: ShardSnapshot,
    asOf: Instant,
    isCancelled: () -> Bool = { false }
  ) throws(ShardEvaluationError) -> ShardMembers {
    var run = ReferenceRun(self, asOf: asOf)
    for index in 0..<snapshot.blockCount {
      let block: ProfileBlock
      do throws(StoreError) {
        block = try snapshot.block(index)
      } catch {
        throw .store(error)
      }
      try run.evaluate(block, isCancelled: isCancelled)
    }
    return ShardMembers(
      members: run.members,
      failures: withoutThoseOfGround(run.failures),
      costs: ProgramCosts(nanosecondsOfDefinitions: run.nanoseconds)
    )
  }

  /// Each definition's failure, unless it asks, directly or not, about one that failed.
  private func withoutThoseOfGround(_ failures: [EvaluationFailure?]) -> [EvaluationFailure?] {
    if failures.allSatisfy({ $0 == nil }) { return failures }
    var lacksGround: [Bool] = []
    for step in steps {
      lacksGround.append(
        step.references.contains { lacksGround[$0.definition] || failures[$0.definition] != nil }
      )
    }
    return zip(failures, lacksGround).map { $1 ? nil : $0 }
  }
}
