import Bytes
import Cluster
import Domain

/// A client that has a set evaluated and waits until it is told how that ended.
final class SimulatedEvaluator: SimulatedClient {
  private let set: Name
  private let token: Text
  private let asOf: Instant?
  private let timeout: UInt64?
  private var job: JobID?

  init(_ cluster: SimulatedCluster, set: Name, token: Text) {
    self.set = set
    self.token = token
    asOf = cluster.chance(2) ? nil : Instant(milliseconds: Int64(cluster.draw(1_000_000)))
    timeout =
      cluster.options.hasTimeouts && cluster.chance(2) ? UInt64(cluster.draw(20_000)) : nil
    super.init(cluster)
  }

  func run() {
    let request = EvaluationRequest(
      set: set,
      segments: nil,
      asOf: asOf,
      token: token,
      timeoutMilliseconds: timeout
    )
    ask(.evaluate(request)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .accepted(let job):
        if let known = self.job, known != job {
          self.cluster.violation("one token made \(known) and \(job)")
        }
        self.job = job
        if self.cluster.options.hasCancels && self.cluster.chance(4) {
          self.cancel(job)
        } else {
          self.watch(job, seen: 0)
        }
      case .failed(let error):
        switch error.code {
        case .busy, .noSuchSet, .noSuchSegment: self.pause { self.run() }
        default: self.cluster.violation("the evaluation was answered: \(error.code.word) \(error)")
        }
      case nil: self.pause { self.run() }
      default: self.cluster.violation("evaluate was answered \(String(describing: reply))")
      }
    }
  }

  private func cancel(_ job: JobID) {
    ask(.cancelJob(job)) { [weak self] reply in
      if reply == nil { self?.pause { self?.cancel(job) } } else { self?.watch(job, seen: 0) }
    }
  }

  private func watch(_ job: JobID, seen: UInt64) {
    ask(.waitJob(job, seenVersion: seen)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .document(let document):
        if document["state"]?.text == "running" {
          let version = document["version"]?.integer ?? 0
          return self.watch(job, seen: UInt64(clamping: version))
        }
        self.end(document["state"]?.text)
      case nil: self.pause { self.watch(job, seen: 0) }
      default:
        // An accepted job is durable: it cannot be unknown later.
        self.cluster.violation("waiting for \(job) was answered \(String(describing: reply))")
      }
    }
  }

  private func end(_ state: Text?) {
    switch state {
    case "done": cluster.note(.evaluationCommitted)
    case "failed": cluster.note(.evaluationFailed)
    case "cancelled": cluster.note(.evaluationCancelled)
    default: cluster.violation("an evaluation ended as \(String(describing: state))")
    }
    finish()
  }
}

/// A client that reads audiences and remembers what it was told, to be compared in the end.
final class SimulatedReader: SimulatedClient {
  private let set: Name

  init(_ cluster: SimulatedCluster, set: Name) {
    self.set = set
    super.init(cluster)
  }

  func run() {
    guard !cluster.isHealed,
      let audience = ModelDefinitions.names.randomElement(using: &cluster.random)
    else { return finish() }
    read(audience, after: nil, job: nil, keys: []) { self.pause { self.run() } }
  }

  /// Reads an audience page by page.
  func read(
    _ audience: Name,
    after: ProfileKey?,
    job: JobID?,
    keys: [ProfileKey],
    _ then: @escaping () -> Void
  ) {
    let query = PageQuery(
      audience: audience,
      after: after,
      rowCountMax: UInt32(1 + cluster.draw(30)),
      membershipJob: job
    )
    ask(.page(set: set, query)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .page(let rows, let isDone, let job):
        let keys = keys + rows.map(\.key)
        if isDone {
          self.cluster.observe(.init(audience: audience, job: job, keys: keys))
          then()
        } else {
          self.read(audience, after: rows.last?.key ?? after, job: job, keys: keys, then)
        }
      case .failed(let error):
        switch error.code {
        case .noSuchSet, .noSuchAudience, .noCopy, .changed, .failed: then()
        default: self.cluster.violation("a page was answered: \(error.code.word) \(error)")
        }
      case nil: then()
      default: self.cluster.violation("a page was answered \(String(describing: reply))")
      }
    }
  }
}
