import Bytes
import Cluster
import Domain
import Propensity

/// A client that has a model trained, and then scores written, and waits until it is told how that
/// ended.
final class SimulatedTrainer: SimulatedClient {
  private let set: Name
  private let token: Text
  private let instance: InstanceRecord
  private let asOf: Instant
  private let timeout: UInt64?
  private var job: JobID?
  /// Scorings that were asked for and are done.
  private var scoringCount: Int64 = 0

  init?(_ cluster: SimulatedCluster, set: Name, number: Int) {
    var order = ModelTraining.instance(Text("model\(number)"))
    // Every other one is scored by itself, whoever asks for it meanwhile.
    order.writeToProfile = number % 2 == 0
    guard let instance = ModelTraining.record(order) else { return nil }
    self.set = set
    self.instance = instance
    token = Text("train-\(number)")
    asOf = Instant(milliseconds: Int64(cluster.draw(1_000_000)))
    timeout =
      cluster.options.hasTimeouts && cluster.chance(2) ? UInt64(cluster.draw(20_000)) : nil
    super.init(cluster)
  }

  func run() {
    apply([instance]) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .document: self.train()
      case nil: self.pause { self.run() }
      default: self.cluster.violation("an instance was answered \(String(describing: reply))")
      }
    }
  }

  private func train() {
    let request = TrainingRequest(
      instance: instance.name,
      set: set,
      asOf: asOf,
      token: token,
      timeoutMilliseconds: timeout
    )
    ask(.train(request)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .accepted(let job):
        if let known = self.job, known != job {
          self.cluster.violation("one token made \(known) and \(job)")
        }
        self.job = job
        if self.cluster.options.hasCancels && self.cluster.chance(4) {
          self.cluster.cancelLater(job)
        }
        self.follow(job) { self.end($0) }
      case .failed(let error):
        switch error.code {
        case .busy, .noSuchSet: self.pause { self.train() }
        default: self.cluster.violation("the training was answered: \(error.code.word) \(error)")
        }
      case nil: self.pause { self.train() }
      default: self.cluster.violation("train was answered \(String(describing: reply))")
      }
    }
  }

  private func end(_ state: Text?) {
    switch state {
    case "done":
      cluster.note(.trainingCommitted)
      return score()
    case "failed": cluster.note(.trainingFailed)
    case "cancelled": cluster.note(.trainingCancelled)
    default: cluster.violation("a training ended as \(String(describing: state))")
    }
    finish()
  }

  /// Has the model's scores written into the profiles, and again a little later.
  private func score() {
    let request = ScoringRequest(
      instance: instance.name,
      set: set,
      asOf: asOf.advanced(byMilliseconds: scoringCount * 1_000),
      token: Text("score-\(scoringCount)-\(token)"),
      isForced: true
    )
    ask(.score(request)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .accepted(let job):
        if self.cluster.options.hasCancels && self.cluster.chance(4) {
          self.cluster.cancelLater(job)
        }
        self.follow(job) { self.endScoring($0) }
      case .failed(let error) where error.code == .busy: self.pause { self.score() }
      case nil: self.pause { self.score() }
      default: self.cluster.violation("score was answered \(String(describing: reply))")
      }
    }
  }

  private func endScoring(_ state: Text?) {
    switch state {
    case "done":
      cluster.note(.scoringCommitted)
      scoringCount += 1
      if scoringCount < 2 { return score() }
    case "failed", "cancelled": break
    default: cluster.violation("a scoring ended as \(String(describing: state))")
    }
    finish()
  }
}
