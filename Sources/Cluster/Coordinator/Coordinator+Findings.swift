import Bytes
import Domain
import Propensity

/// What scorings find, gathered from the shards and kept with the commit.
extension Coordinator {
  /// Takes what a shard's scored profiles look like and what became of earlier ones, beside the word
  /// that their scores are durable.
  mutating func noteScores(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ contents: ShardContents,
    _ told: ShardFindings,
    by worker: Name
  ) {
    if let running = imports[attempt.job], running.attempt == attempt,
      case .preparing = running.phase, running.set == place.set, owner(of: place) == worker
    {
      do throws(DecodingError) {
        let findings = try Self.findings(told, of: running.scoring)
        imports[attempt.job]?.scoring?.shardFindings[Int(place.shard.number)] = findings
      } catch {
        return interrupt(
          attempt.job,
          reason: Text("shard \(place.shard) on '\(worker)' told what cannot be read: \(error)")
        )
      }
    }
    notePrepared(attempt, place, contents, by: worker)
  }

  private static func findings(
    _ told: ShardFindings,
    of scoring: ActiveScoring?
  ) throws(DecodingError) -> ActiveScoring.Findings {
    var reader = ByteReader(told.census)
    let census = try ScoringCensus(from: &reader)
    let others = scoring?.shardFindings.lazy.compactMap(\.self).first
    if let others, others.census.leaders != census.leaders {
      throw .invalidValue(at: 0, what: "a census of another model")
    }
    reader = ByteReader(told.outcomes)
    var outcomes: [ScoredOutcomes] = []
    for _ in scoring?.judged ?? [] { outcomes.append(try ScoredOutcomes(from: &reader)) }
    return ActiveScoring.Findings(census: census, outcomes: outcomes)
  }

  /// The record by which a ready import is committed.
  func commitRecord(
    _ running: ActiveImport,
    _ contents: [ShardContents],
    of set: SetRecord
  ) -> CatalogueRecord {
    guard let scoring = running.scoring, let findings = scoring.findings else {
      return .importCommitted(running.attempt, contents, running.totals, at: now.wall)
    }
    var margins = ByteWriter()
    findings.margins.encode(into: &margins)
    var census = ByteWriter()
    findings.census.encode(into: &census)
    let awaited = scoring.measure?.outcome.map { outcome in
      PastScoring(
        setName: set.name,
        asOf: scoring.plan.asOf,
        job: running.attempt.job,
        modelVersion: scoring.plan.modelVersion,
        windowEnd: outcome.end(after: scoring.plan.asOf),
        expected: ScoreBucket.allCases.map { findings.census.expectation(of: $0) },
        fate: .awaited(outcome: outcome.plan)
      )
    }
    return .scoringCommitted(
      running.attempt,
      contents,
      running.totals,
      at: now.wall,
      ScoringRecord(
        instance: scoring.plan.instance,
        modelVersion: scoring.plan.modelVersion,
        job: running.attempt.job,
        setName: set.name,
        asOf: scoring.plan.asOf,
        windowEnd: awaited?.windowEnd,
        scoredAt: now.wall,
        profileCount: contents.reduce(0) { $0 &+ $1.profileCount },
        margins: margins.bytes,
        census: census.bytes
      ),
      OutcomeNews(awaited: awaited, known: scoring.known)
    )
  }
}
