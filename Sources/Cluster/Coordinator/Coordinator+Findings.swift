import Bytes
import Domain
import Propensity

/// What scorings find, gathered from the shards and kept with the commit.
extension Coordinator {
  /// Takes what a shard's scored profiles look like, beside the word that their scores are durable.
  mutating func noteScores(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ contents: ShardContents,
    _ bytes: [UInt8],
    by worker: Name
  ) {
    if let running = imports[attempt.job], running.attempt == attempt,
      case .preparing = running.phase, running.set == place.set, owner(of: place) == worker
    {
      do throws(DecodingError) {
        var reader = ByteReader(bytes)
        imports[attempt.job]?.scoring?.censuses[Int(place.shard.number)] = try ScoringCensus(
          from: &reader
        )
      } catch {
        return interrupt(
          attempt.job,
          reason: Text("shard \(place.shard) on '\(worker)' told what cannot be read: \(error)")
        )
      }
    }
    notePrepared(attempt, place, contents, by: worker)
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
        scoredAt: now.wall,
        profileCount: contents.reduce(0) { $0 &+ $1.profileCount },
        margins: margins.bytes,
        census: census.bytes
      )
    )
  }
}
