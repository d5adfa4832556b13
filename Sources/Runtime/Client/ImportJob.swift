package import Bytes
package import Cluster
package import Domain
package import Intake
import Platform

/// The client's side of an import: look at the files, open the import, stream batches, commit.
///
/// An import that is interrupted, by a worker or a coordinator that went away, is begun again from
/// the first row under the same id: what was sent before counts for nothing.
package struct ImportJob {
  package struct Options: Sendable {
    package var set: Name
    /// Shards of the set, should it not exist yet; `nil` when it must.
    package var shardCountIfNew: ShardCount?
    /// `nil` takes the hash of the contents, so that the same files are imported once.
    package var importID: Text?
    /// Bad rows with which the import still goes on.
    package var rejectCountMax: UInt64 = 0
    /// How long an interrupted import is tried again without getting anywhere.
    package var retryMilliseconds: Int64 = 300_000
    /// Batches that were sent and not yet taken; below what the coordinator lets one client have.
    package var windowCount = 32
    /// How long a shard may take to take a batch: it may be busy making columns.
    package var storeMilliseconds: Int64 = 120_000
    /// How long all workers may take to make the rows durable.
    package var commitMilliseconds: Int64 = 600_000

    package init(set: Name) { self.set = set }
  }

  /// What the import came to.
  package struct Outcome: Sendable {
    /// As the coordinator tells it.
    package var document: Value
    package var report: SurveyReport
    package var surveyMilliseconds: Int64
    /// From the first try to the commit.
    package var loadMilliseconds: Int64
    package var attemptCount: Int
  }

  private let source: IntakeSource
  private let options: Options
  private let connect: () throws -> ClusterClient
  private let progress: (ImportProgress) throws -> Void
  private let clock = LinuxClock()

  /// Describes an import; `run` does it.
  ///
  /// - Parameters:
  ///   - source: the files and how to read them.
  ///   - options: where the rows go.
  ///   - connect: makes a connection of the role client; called again after one is lost.
  ///   - progress: called once a block of input; what it throws ends the import.
  package init(
    _ source: IntakeSource,
    options: Options,
    connect: @escaping () throws -> ClusterClient,
    progress: @escaping (ImportProgress) throws -> Void = { _ in }
  ) {
    self.source = source
    self.options = options
    self.connect = connect
    self.progress = progress
  }

  /// Does the import.
  ///
  /// - Throws: `ImportError`, `IntakeError`, `ClientError`, `ClusterError`, or what `progress`
  ///   throws; nothing is stored then.
  package func run() throws -> Outcome {
    let start = clock.monotonicMilliseconds
    let preview = try Preview(source) { read in
      try progress(
        ImportProgress(.surveying, read, milliseconds: clock.monotonicMilliseconds - start)
      )
    }
    let previewed = clock.monotonicMilliseconds
    let loaded = try load(preview)
    return Outcome(
      document: loaded.document,
      report: loaded.report,
      surveyMilliseconds: previewed - start,
      loadMilliseconds: clock.monotonicMilliseconds - previewed,
      attemptCount: loaded.attemptCount
    )
  }

  private func load(
    _ preview: Preview
  ) throws -> (document: Value, report: SurveyReport, attemptCount: Int) {
    var preview = preview
    let specification = specification(preview)
    var client: ClusterClient?
    var hasConnected = false
    var attemptCount = 0
    var backoff = Backoff(seed: UInt64(truncatingIfNeeded: clock.monotonicMilliseconds))
    var advancedAt = clock.monotonicMilliseconds
    while true {
      do {
        let connected = try client ?? connect()
        client = connected
        hasConnected = true
        switch try connected.request(.beginImport(specification)) {
        case .importDoneBefore(let document):
          return (document, try survey(), attemptCount)
        case .importOpened(let attempt, let shardCount):
          attemptCount += 1
          let run = ImportAttemptRun(
            client: connected,
            attempt: attempt,
            shardCount: Int(shardCount),
            options: options
          )
          let sent = try run.send(source, &preview) { now in
            advancedAt = clock.monotonicMilliseconds
            backoff.reset()
            try progress(now)
          }
          // Sent with types that proved wrong: begun again with the right ones.
          guard let sent else { continue }
          return (sent.document, sent.report, attemptCount)
        default: throw ClientError.unexpectedReply(to: "beginImport")
        }
      } catch let error
        where (attemptCount > 0 || (hasConnected && error is ClientError))
        && ImportError.isInterruption(error)
      {
        // A refusal leaves the connection as it is; whatever else does not.
        if error is ClientError { client = nil }
        guard clock.monotonicMilliseconds - advancedAt < options.retryMilliseconds else {
          throw ImportError.gaveUp(
            milliseconds: options.retryMilliseconds,
            reason: String(describing: error)
          )
        }
        try progress(
          ImportProgress(
            phase: .waiting(reason: String(describing: error)),
            byteCount: 0,
            byteCountTotal: preview.fileByteCount,
            rowCount: 0,
            milliseconds: clock.monotonicMilliseconds - advancedAt
          )
        )
        Pause.wait(milliseconds: backoff.next())
      }
    }
  }

  /// What the files hold whose rows need not be sent.
  private func survey() throws -> SurveyReport {
    let start = clock.monotonicMilliseconds
    let report = try Survey.run(source) { read in
      try progress(
        ImportProgress(.surveying, read, milliseconds: clock.monotonicMilliseconds - start)
      )
    }
    guard report.rejects.count <= options.rejectCountMax else {
      throw ImportError.tooManyRejects(report.rejects, limit: options.rejectCountMax)
    }
    return report
  }

  private func specification(_ preview: Preview) -> ImportSpecification {
    ImportSpecification(
      set: options.set,
      shardCountIfNew: options.shardCountIfNew,
      importID: options.importID ?? Text(hexadecimalText(preview.importHash)),
      contentHash: preview.importHash,
      byteCount: UInt64(clamping: preview.fileByteCount),
      sources: source.shownNames.map { Text($0) }
    )
  }
}
