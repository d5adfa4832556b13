import Bytes
import Cluster
import Domain
import Intake
import Platform

/// One try at an import that the coordinator has opened.
struct ImportAttemptRun {
  let client: ClusterClient
  let attempt: ImportAttempt
  let shardCount: Int
  let options: ImportJob.Options
  private let clock = LinuxClock()

  init(
    client: ClusterClient,
    attempt: ImportAttempt,
    shardCount: Int,
    options: ImportJob.Options
  ) {
    self.client = client
    self.attempt = attempt
    self.shardCount = shardCount
    self.options = options
  }

  /// Sends every row and commits them; what fails here but an interruption aborts the import.
  ///
  /// - Parameters:
  ///   - source: the files and how to read them.
  ///   - preview: what is known of them; learns the types of cells.
  ///   - progress: called once a chunk of input.
  /// - Returns: the commit and what the files hold, or `nil` when cells proved to have other types than
  ///   they were sent with, so that what was sent has to be sent again.
  /// - Throws: what ended the import, or interrupted it.
  func send(
    _ source: IntakeSource,
    _ preview: inout Preview,
    progress: (ImportProgress) throws -> Void
  ) throws -> (document: Value, report: SurveyReport)? {
    do {
      let (outcome, batchCounts) = try sendBatches(source, &preview, progress: progress)
      guard case .loaded(let report) = outcome else { return nil }
      guard report.rejects.count <= options.rejectCountMax else {
        throw ImportError.tooManyRejects(report.rejects, limit: options.rejectCountMax)
      }
      try progress(
        ImportProgress(
          phase: .committing,
          byteCount: report.fileByteCount,
          byteCountTotal: report.fileByteCount,
          rowCount: report.profileRows + report.eventRows,
          milliseconds: 0
        )
      )
      let reply = try client.request(
        .finishImport(
          attempt,
          ImportTotals(
            schema: report.schema,
            attributeRowCount: report.profileRows,
            eventRowCount: report.eventRows,
            rejectedRowCount: report.rejects.count
          ),
          batchCounts: batchCounts
        ),
        timeoutMilliseconds: options.commitMilliseconds
      )
      guard case .document(let document) = reply else {
        throw ClientError.unexpectedReply(to: "finishImport")
      }
      return (document, report)
    } catch let error where !ImportError.isInterruption(error) {
      let reason = Text(String(describing: error))
      // The error that ended the import counts, not what becomes of the word about it.
      _ = try? client.request(.abortImport(attempt, reason: reason))
      throw error
    }
  }

  private func sendBatches(
    _ source: IntakeSource,
    _ preview: inout Preview,
    progress: (ImportProgress) throws -> Void
  ) throws -> (Loader.Outcome, [UInt32]) {
    let start = clock.monotonicMilliseconds
    let window = Window(
      client,
      countMax: options.windowCount,
      timeoutMilliseconds: options.storeMilliseconds
    )
    let counts = Counts(shardCount)
    let outcome = try withoutActuallyEscaping(progress) { progress in
      try Loader.run(
        source,
        &preview,
        shardCount: shardCount,
        progress: { read in
          try progress(
            ImportProgress(.sending, read, milliseconds: clock.monotonicMilliseconds - start)
          )
        },
        emit: { shard, rows, _ in
          let sequence = counts.next(shard)
          try window.send(.storeBatch(attempt, shard, sequence: sequence, rows: rows))
        }
      )
    }
    try window.finish()
    return (outcome, counts.counts)
  }
}

/// The batches sent to each shard so far.
private final class Counts {
  private(set) var counts: [UInt32]

  init(_ shardCount: Int) { counts = Array(repeating: 0, count: shardCount) }

  /// The number of the shard's next batch.
  func next(_ shard: ShardIndex) -> UInt32 {
    defer { counts[Int(shard.number)] += 1 }
    return counts[Int(shard.number)]
  }
}

/// Requests that are answered with `stored`, a bounded number of them under way.
private final class Window {
  private let client: ClusterClient
  private let countMax: Int
  private let timeoutMilliseconds: Int64
  /// Under way, oldest first.
  private var requests: [UInt32] = []

  init(_ client: ClusterClient, countMax: Int, timeoutMilliseconds: Int64) {
    self.client = client
    self.timeoutMilliseconds = timeoutMilliseconds
    self.countMax = max(1, countMax)
  }

  func send(_ request: ClientRequest) throws {
    while requests.count >= countMax { try takeOldest() }
    requests.append(try client.send(request, timeoutMilliseconds: timeoutMilliseconds))
  }

  func finish() throws {
    while !requests.isEmpty { try takeOldest() }
  }

  private func takeOldest() throws {
    let oldest = requests.removeFirst()
    switch try client.reply(to: oldest, timeoutMilliseconds: timeoutMilliseconds) {
    case .stored: break
    case .failed(let error): throw error
    default: throw ClientError.unexpectedReply(to: "storeBatch")
    }
  }
}
