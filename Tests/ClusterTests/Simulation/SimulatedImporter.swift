import Bytes
import Cluster
import Domain

/// A client that imports the same rows until it is told how that ended.
final class SimulatedImporter: SimulatedClient {
  let importID: Text
  let rows: [ModelRow]
  private let set: Name
  private var batches: [(shard: ShardIndex, sequence: UInt32, rows: [UInt8])] = []
  private var counts: [UInt32] = []
  private var attempt = ImportAttempt(job: JobID(0), attempt: 0)
  private var sentCount = 0
  private var storedCount = 0

  init(_ cluster: SimulatedCluster, set: Name, importID: Text) {
    self.set = set
    self.importID = importID
    rows = (0..<cluster.draw(60)).map { _ in
      ModelRow(profile: UInt16(cluster.draw(50)), isEvent: cluster.chance(2))
    }
    super.init(cluster)
  }

  func run() {
    let specification = ImportSpecification(
      set: set,
      shardCountIfNew: .exactly(UInt32(cluster.options.shardCount)),
      importID: importID,
      contentHash: Array(importID.utf8),
      byteCount: UInt64(rows.count * 3),
      sources: ["simulated"]
    )
    ask(.beginImport(specification)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .importOpened(let attempt, let shardCount): self.begin(attempt, Int(shardCount))
      case .importDoneBefore: self.end(.importCommitted)
      case .failed(let error): self.react(to: error)
      case nil: self.pause { self.run() }
      default: self.cluster.violation("beginImport was answered \(String(describing: reply))")
      }
    }
  }

  private func begin(_ attempt: ImportAttempt, _ shardCount: Int) {
    self.attempt = attempt
    batches = []
    counts = Array(repeating: 0, count: shardCount)
    for (shard, rows) in Dictionary(grouping: rows, by: { $0.key.shard(of: shardCount) })
      .sorted(by: { $0.key < $1.key })
    {
      for start in stride(from: 0, to: rows.count, by: 4) {
        let batch = ModelRow.encode(Array(rows[start..<min(rows.count, start + 4)]))
        batches.append((shard, counts[Int(shard.number)], batch))
        counts[Int(shard.number)] += 1
      }
    }
    sentCount = 0
    storedCount = 0
    if batches.isEmpty { return finishRows() }
    for _ in 0..<3 { sendNext() }
  }

  private func sendNext() {
    guard sentCount < batches.count else { return }
    let (attempt, batch) = (self.attempt, batches[sentCount])
    sentCount += 1
    ask(.storeBatch(attempt, batch.shard, sequence: batch.sequence, rows: batch.rows)) {
      [weak self] reply in
      // Only the first bad news of an attempt counts.
      guard let self, !self.isDone, self.attempt == attempt else { return }
      switch reply {
      case .stored:
        self.storedCount += 1
        self.sendNext()
        if self.storedCount == self.batches.count { self.finishRows() }
      case .failed(let error): self.giveUpAttempt { self.react(to: error) }
      case nil: self.giveUpAttempt { self.pause { self.run() } }
      default: self.cluster.violation("a batch was answered \(String(describing: reply))")
      }
    }
  }

  private func finishRows() {
    let attempt = self.attempt
    if cluster.options.hasCancels, cluster.chance(3) { cluster.cancelLater(attempt.job) }
    let totals = ImportTotals(
      attributeRowCount: UInt64(rows.count { !$0.isEvent }),
      eventRowCount: UInt64(rows.count { $0.isEvent })
    )
    ask(.finishImport(attempt, totals, batchCounts: counts)) { [weak self] reply in
      guard let self, !self.isDone, self.attempt == attempt else { return }
      switch reply {
      case .document: self.end(.importCommitted)
      case .failed(let error): self.giveUpAttempt { self.react(to: error) }
      case nil: self.giveUpAttempt { self.pause { self.run() } }
      default: self.cluster.violation("finishImport was answered \(String(describing: reply))")
      }
    }
  }

  private func giveUpAttempt(_ then: () -> Void) {
    attempt = ImportAttempt(job: JobID(0), attempt: 0)
    then()
  }

  private func react(to error: ClusterError) {
    switch error.code {
    case .busy, .noCopy, .noWorkers, .importInterrupted: pause { self.run() }
    case .failed: end(.importFailed)
    default: cluster.violation("the import was answered: \(error.code.word) \(error)")
    }
  }

  private func end(_ outcome: SimulatedCluster.Outcome) {
    if outcome == .importCommitted { cluster.acknowledged.insert(importID) }
    cluster.note(outcome)
    finish()
  }
}
