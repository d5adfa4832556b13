import Bytes
import Cluster
import Domain

/// A client that has a set evaluated and waits until it is told how that ended.
final class SimulatedEvaluator: SimulatedClient {
  private let set: Name
  private let token: Text
  /// All or one of them.
  private let segments: [Name]?
  private let asOf: Instant?
  private let timeout: UInt64?
  private var job: JobID?

  init(_ cluster: SimulatedCluster, set: Name, token: Text) {
    self.set = set
    self.token = token
    segments =
      cluster.chance(2)
      ? nil : ModelDefinitions.names.randomElement(using: &cluster.random).map { [$0] }
    asOf = cluster.chance(2) ? nil : Instant(milliseconds: Int64(cluster.draw(1_000_000)))
    timeout =
      cluster.options.hasTimeouts && cluster.chance(2) ? UInt64(cluster.draw(20_000)) : nil
    super.init(cluster)
  }

  func run() {
    let request = EvaluationRequest(
      set: set,
      segments: segments,
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
          self.follow(job) { self.end($0) }
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
      guard let self else { return }
      if reply == nil {
        self.pause { self.cancel(job) }
      } else {
        self.follow(job) { self.end($0) }
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

/// A client that cancels a job until it is told that it has ended.
final class SimulatedCanceller: SimulatedClient {
  private let job: JobID

  init(_ cluster: SimulatedCluster, job: JobID) {
    self.job = job
    super.init(cluster)
  }

  func run() {
    ask(.cancelJob(job)) { [weak self] reply in
      guard let self else { return }
      if reply == nil { self.pause { self.run() } } else { self.finish() }
    }
  }
}
