import Bytes
import Domain
import Propensity

/// What shards tell before scores are made: whether they can be made, and what they are measured by.
extension Coordinator {
  /// Takes what a shard has counted; once all have, scores are made, unless the model cannot use what
  /// there is.
  mutating func noteMargins(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ told: ShardMeasure,
    by worker: Name
  ) {
    guard let running = imports[attempt.job], running.attempt == attempt,
      case .measuring = running.phase, running.set == place.set, owner(of: place) == worker
    else { return }
    do throws(DecodingError) {
      let measure = try Self.measure(told, of: running.scoring)
      imports[attempt.job]?.scoring?.measures[Int(place.shard.number)] = measure
    } catch {
      return interrupt(
        attempt.job,
        reason: Text("shard \(place.shard) on '\(worker)' counted what cannot be read: \(error)")
      )
    }
    touch(attempt.job)
    guard let scoring = imports[attempt.job]?.scoring, let measure = scoring.measure,
      let set = catalogue.sets[running.set]
    else { return }
    let fit = FieldFit(scoring.origins, in: set.schema, met: measure.met)
    let refusal = fit.refusal(
      of: set.name,
      by: scoring.plan.instance,
      version: scoring.plan.modelVersion,
      learnedFrom: scoring.modelSet
    )
    if let refusal { return endImport(attempt.job, .failed, refusal) }
    keep(fit.warnings(of: set.name), with: attempt.job)
    makeScores(scoring.plan, measure, attempt, of: set)
  }

  private static func measure(
    _ told: ShardMeasure,
    of scoring: ActiveScoring?
  ) throws(DecodingError) -> ActiveScoring.Measure {
    var reader = ByteReader(told.margins)
    let counts = try MarginCounts(from: &reader)
    if let met = told.met, var other = scoring?.measures.lazy.compactMap({ $0?.met }).first,
      !other.add(met)
    {
      throw .invalidValue(at: 0, what: "events of another model")
    }
    return ActiveScoring.Measure(
      counts: counts,
      lastEvent: told.lastEvent,
      outcome: told.outcome,
      met: told.met
    )
  }

  /// Keeps what is said of a scoring, where it is not known yet.
  private mutating func keep(_ warnings: [Text], with job: JobID) {
    guard var record = catalogue.jobs[job], case .scoring(var summary) = record.work,
      summary.warnings != warnings
    else { return }
    summary.warnings = warnings
    record.work = .scoring(summary)
    persist([.job(record)])
  }

  private mutating func makeScores(
    _ plan: ScoringPlan,
    _ measure: ActiveScoring.Measure,
    _ attempt: ImportAttempt,
    of set: SetRecord
  ) {
    imports[attempt.job]?.totals = ImportTotals(
      schema: ScoreSchema.schema(
        of: plan.instance,
        count: measure.counts.rowCount,
        hasHistory: !plan.earlier.isEmpty
      ),
      attributeRowCount: measure.counts.rowCount
    )
    let judged = judged(by: plan, in: set.name, measure.lastEvent)
    imports[attempt.job]?.scoring?.judged = judged
    imports[attempt.job]?.phase = .preparing(
      until: now.monotonic + Coordinator.scoringMilliseconds
    )
    askShards(of: attempt.job, percentiles: PercentileTable(margins: measure.counts).percentiles)
  }

  /// Earlier scorings whose outcome windows have passed.
  ///
  /// As at a training, a window ends neither after what the job calls now nor after the last event: where
  /// data are late, nobody is said not to have done what is not imported yet.
  private func judged(
    by plan: ScoringPlan,
    in set: Name,
    _ lastEvent: Instant?
  ) -> [Instant] {
    guard let lastEvent else { return [] }
    let told = Set(plan.earlier.map(\.asOf))
    return awaited(plan.instance, set, at: plan.asOf)
      .filter { $0.windowEnd <= min(lastEvent, plan.asOf) && told.contains($0.asOf) }
      .map(\.asOf)
  }
}
