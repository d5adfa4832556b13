import Bytes
import Cluster
import Domain
import ProfileStore
import Propensity
import Synchronization

/// The scorer of the newest scoring, made once and not once a shard.
final class ScorerCache: Sendable {
  private let entry = Mutex<(job: JobID, scorer: ProfileScorer)?>(nil)

  func scorer(of plan: ScoringPlan) throws(RoundProblem) -> ProfileScorer {
    if let known = entry.withLock({ $0?.job == plan.job ? $0?.scorer : nil }) { return known }
    let model: PropensityModel
    do throws(ModelError) { model = try PropensityModel(decoding: plan.model) } catch {
      throw .model(error)
    }
    let scorer: ProfileScorer
    do throws(ScoringError) {
      scorer = try ProfileScorer(model, plan: plan.features, asOf: plan.asOf, explains: true)
    } catch {
      throw .scoring(error)
    }
    entry.withLock { $0 = (plan.job, scorer) }
    return scorer
  }
}

// A shard's part of a scoring: a snapshot in its lane, the work beside it, the rows back in the lane.
extension StoreExecutor {
  func score(_ plan: ScoringPlan, _ scoring: ShardScoring, _ credit: StoreCredit?) {
    know(scoring.place)
    lanes.add(
      {
        do throws(RoundProblem) {
          let snapshot = try self.snapshot(of: scoring.place, scoring.contents)
          self.pool.add { self.score(plan, scoring, snapshot, credit) }
        } catch {
          self.fail(scoring, error, credit)
        }
      },
      to: scoring.place
    )
  }

  private func score(
    _ plan: ScoringPlan,
    _ scoring: ShardScoring,
    _ snapshot: ShardSnapshot,
    _ credit: StoreCredit?
  ) {
    do throws(RoundProblem) {
      let scorer = try scorers.scorer(of: plan)
      if scoring.percentiles.isEmpty {
        let measured = try RoundProblem.scoring { () throws(ScoringError) in
          try scorer.measure(snapshot)
        }
        var writer = ByteWriter()
        measured.marginCounts.encode(into: &writer)
        let lastEvent: Instant?
        do throws(StoreError) { lastEvent = try snapshot.lastEvent() } catch { throw .store(error) }
        let measure = ShardMeasure(
          margins: writer.bytes,
          lastEvent: lastEvent,
          outcome: scorer.outcome,
          met: measured.met
        )
        return finish(.marginsCounted(scoring.attempt, scoring.place, measure), credit)
      }
      guard scoring.percentiles.count == MarginCounts.bucketCount else {
        throw .undecodable(.invalidValue(at: 0, what: "percentiles of other buckets"))
      }
      let scored = try RoundProblem.scoring { () throws(ScoringError) in
        try scorer.score(snapshot)
      }
      var earlier = try RoundProblem.scoring { () throws(ScoringError) in
        try EarlierScores(plan, judged: scoring.judged, in: snapshot)
      }
      let rows = ScoreRows(plan: plan, scorer: scorer, percentiles: scoring.percentiles)
      let batches: [[UInt8]]
      do throws(StoreError) { batches = try rows.batches(scored, of: snapshot, &earlier) } catch {
        throw .store(error)
      }
      let census = try RoundProblem.scoring { () throws(ScoringError) in
        try scorer.census(of: scored)
      }
      var writer = ByteWriter()
      census?.encode(into: &writer)
      var findings = ShardFindings(census: writer.bytes)
      writer = ByteWriter()
      for outcomes in earlier.outcomes { outcomes.encode(into: &writer) }
      findings.outcomes = writer.bytes
      let found = findings
      lanes.add({ self.prepare(scoring, batches, found, credit) }, to: scoring.place)
    } catch {
      fail(scoring, error, credit)
    }
  }

  private func prepare(
    _ scoring: ShardScoring,
    _ batches: [[UInt8]],
    _ findings: ShardFindings,
    _ credit: StoreCredit?
  ) {
    let attempt = StoredImport(scoring.attempt)
    do throws(StoreError) {
      let contents = try shelf.use(scoring.place) { store throws(StoreError) in
        for (sequence, rows) in batches.enumerated() {
          try store.append(attempt, sequence: UInt32(sequence), rows: rows)
        }
        return try store.prepare(attempt, batchCount: UInt32(batches.count))
      }
      finish(
        .scoresPrepared(scoring.attempt, scoring.place, ShardContents(contents), findings),
        credit
      )
    } catch {
      fail(scoring, .store(error), credit)
    }
  }

  private func fail(_ scoring: ShardScoring, _ problem: RoundProblem, _ credit: StoreCredit?) {
    if case .store(let error) = problem, error.isFatal {
      return finish(.storeFailed(reason: Text(error.description)), credit)
    }
    finish(.importFailed(scoring.attempt, scoring.place, problem.failure), credit)
  }
}

extension RoundProblem {
  fileprivate static func scoring<Value>(
    _ body: () throws(ScoringError) -> Value
  ) throws(RoundProblem) -> Value {
    do throws(ScoringError) { return try body() } catch { throw .scoring(error) }
  }
}
