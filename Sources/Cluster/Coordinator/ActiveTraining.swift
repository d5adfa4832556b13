import Bytes
import Domain
import Propensity

/// A training job that runs, in rounds of which every worker does a part: all the shards it owns.
///
/// A part has one answer or several. The first ones of all parts are taken while workers make the next,
/// and what was taken stays so: another try gives the same answers.
///
/// ```
/// waiting ──asked──▶ running ──answered──▶ done ──all parts done──▶ waiting, in the next round
///    ▲                  │
///    └──failed, or the worker is away: it makes its rows anew and carries out all orders so far
/// ```
struct ActiveTraining: Sendable {
  /// One worker's part.
  struct Part: Sendable {
    enum State: Sendable {
      /// To be asked for; after a failure not before a monotonic millisecond.
      case waiting(notBefore: Int64)
      /// Asked of the worker on its present connection.
      case running
      case done
    }

    let worker: Name
    /// Ascending.
    let shards: [ShardIndex]
    var state = State.waiting(notBefore: .min)
    /// The newest try at any round; tries begin with 1.
    var attempt: UInt32 = 0
    /// In the present round.
    var failureCount = 0
    /// The round after which the worker stands, on its present connection; `nil` when it may have
    /// lost what it kept.
    var standing: UInt32?
    /// Answers that have come in the present try.
    var answerCount = 0
    /// Those of them that were not taken yet.
    fileprivate var answers: [TrainingCourse.Answer] = []

    var isRunning: Bool { if case .running = state { true } else { false } }
    var isDone: Bool { if case .done = state { true } else { false } }

    /// Ends the present try: the next one tells all answers again.
    mutating func wait(notBefore: Int64) {
      standing = nil
      state = .waiting(notBefore: notBefore)
      answerCount = 0
      answers = []
    }
  }

  let plan: RoundPlan
  let summary: TrainingSummary
  /// How long the job may wait for workers that are away; `nil` without end.
  let timeoutMilliseconds: Int64?
  var course: TrainingCourse
  var round: UInt32 = 1
  /// Answers of each part to the present round that were taken.
  private var takenCount = 0
  var parts: [Part]
  /// Whether features are being planned; parts wait meanwhile.
  var isPlanning = false
  /// When the first tree was begun, a monotonic millisecond.
  var treesBeganAt: Int64?
  /// Since when some part cannot be asked for.
  var waitingSince: Int64?

  /// - Parameters:
  ///   - plan: of the job.
  ///   - summary: of the job.
  ///   - course: at its start.
  ///   - owners: the worker that holds each shard, by shard index.
  init(_ plan: RoundPlan, _ summary: TrainingSummary, _ course: TrainingCourse, owners: [Name]) {
    self.plan = plan
    self.summary = summary
    self.course = course
    timeoutMilliseconds = summary.timeoutMilliseconds.map { Int64(clamping: min($0, 1 << 52)) }
    parts = Set(owners).sorted().map { worker in
      Part(
        worker: worker,
        shards: owners.indices.filter { owners[$0] == worker }.map { ShardIndex(UInt32($0)) }
      )
    }
  }

  var doneCount: Int { parts.count(where: \.isDone) }

  /// When the job fails if nobody comes back; `nil` when it does not wait or may for ever.
  var waitDeadline: Int64? {
    guard let waitingSince, let timeoutMilliseconds else { return nil }
    return waitingSince + timeoutMilliseconds
  }

  /// How long the rest takes at most, should trees go on as they have; `nil` before the first one.
  func millisecondsLeft(at time: Int64) -> Int64? {
    guard let treesBeganAt, let count = course.progress.treeCount, count > 0 else { return nil }
    let left = max(0, course.instance.training.treeCountMax - count)
    return max(0, time - treesBeganAt) / Int64(count) * Int64(left)
  }

  /// When something is to be done without anything having happened.
  func nextDeadline(after time: Int64) -> Int64? {
    var next = Soonest()
    next.note(waitDeadline)
    for part in parts {
      if case .waiting(let notBefore) = part.state, notBefore > time { next.note(notBefore) }
    }
    return next.time
  }

  /// Keeps an answer of a part until all parts have theirs.
  mutating func keep(_ answer: TrainingCourse.Answer, of part: Int) {
    if parts[part].answerCount >= takenCount { parts[part].answers.append(answer) }
    parts[part].answerCount += 1
    guard parts[part].answerCount == course.answerCount else { return }
    parts[part].state = .done
    parts[part].standing = round
  }

  /// Takes the next answers, which begins a new round after the last ones.
  ///
  /// - Returns: what comes next; `nil` while a part has no such answer.
  /// - Throws: why there can be no model.
  mutating func goOn() throws(ClusterError) -> TrainingCourse.Step? {
    guard parts.allSatisfy({ !$0.answers.isEmpty }) else { return nil }
    let answers = parts.indices.map { parts[$0].answers.removeFirst() }
    takenCount += 1
    if takenCount == course.answerCount {
      takenCount = 0
      round &+= 1
      for index in parts.indices {
        parts[index].state = .waiting(notBefore: .min)
        parts[index].failureCount = 0
        parts[index].answerCount = 0
      }
    }
    return try course.take(answers)
  }

  /// A worker is away: it may come back without what it kept.
  mutating func release(_ worker: Name) {
    for index in parts.indices where parts[index].worker == worker {
      parts[index].standing = nil
      if parts[index].isRunning { parts[index].wait(notBefore: .min) }
    }
  }
}
