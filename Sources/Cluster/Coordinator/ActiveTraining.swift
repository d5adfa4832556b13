import Bytes
import Domain
import Propensity

/// A training job that runs, in rounds of which every worker does a part: all the shards it owns.
///
/// A part has one answer to a round or several. An answer is taken when all parts have given it, and
/// may begin a round more while parts are at others. What was taken stays so: another try tells what
/// comes after it.
///
/// ```
/// away ──asked to begin anew──▶ there ──asked for the next rounds──▶ there …
///   ▲                             │
///   └──failed, or the worker is away: it makes its rows anew and carries out all orders so far
/// ```
struct ActiveTraining: Sendable {
  /// One worker's part.
  struct Part: Sendable {
    /// What the worker was asked for and has not answered in full.
    struct Task: Sendable {
      var round: UInt32
      var answerCount: Int
      /// Answers that have come.
      var givenCount = 0
    }

    let worker: Name
    /// Ascending.
    let shards: [ShardIndex]
    /// Whether the worker keeps, on its present connection, what it has been asked for.
    var isThere = false
    /// The newest try; tries begin with 1, each with rows that are made anew.
    var attempt: UInt32 = 0
    /// After a failure no try begins before this monotonic millisecond.
    var notBefore: Int64 = .min
    /// Since an answer was taken.
    var failureCount = 0
    /// Of the present try, in the order in which they are answered.
    var tasks: [Task] = []
    /// Answers that were not taken yet.
    fileprivate var answers: [TrainingCourse.Answer] = []

    /// Answers that the worker was asked for and has not given.
    fileprivate var awaitedCount: Int {
      tasks.reduce(0) { $0 + $1.answerCount - $1.givenCount }
    }

    /// Ends the present try.
    mutating func leave(notBefore: Int64 = .min) {
      isThere = false
      tasks = []
      self.notBefore = notBefore
    }
  }

  let plan: RoundPlan
  let summary: TrainingSummary
  /// How long the job may wait for workers that are away; `nil` without end.
  let timeoutMilliseconds: Int64?
  var course: TrainingCourse
  /// The newest one.
  private(set) var round: UInt32 = 1
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

  /// Whether a part has given all answers that there are to give.
  func isDone(_ part: Part) -> Bool { part.answers.count == course.answerCount }

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

  /// The part that a report is of, if it is of the present try.
  func part(of task: RoundTask, by worker: Name) -> Int? {
    guard plan.set == task.set else { return nil }
    return parts.firstIndex { part in
      part.worker == worker && !part.tasks.isEmpty && part.attempt == task.attempt
        && part.shards == task.shards
    }
  }

  /// Parts that may be asked for something now, should their workers be there.
  func partsToAsk(at time: Int64) -> [(index: Int, worker: Name)] {
    guard !isPlanning else { return [] }
    return parts.indices.compactMap { index in
      let part = parts[index]
      guard part.notBefore <= time, askedCount(of: part) > 0 else { return nil }
      return (index, part.worker)
    }
  }

  /// Answers that a part is to be asked for.
  private func askedCount(of part: Part) -> Int {
    if isDone(part) { return 0 }
    guard part.isThere else { return course.answerCount }
    return course.answerCount - part.answers.count - part.awaitedCount
  }

  /// When something is to be done without anything having happened.
  func nextDeadline(after time: Int64) -> Int64? {
    var next = Soonest()
    next.note(waitDeadline)
    for part in parts where !isDone(part) && !part.isThere && part.notBefore > time {
      next.note(part.notBefore)
    }
    return next.time
  }

  /// What a part that may be asked now has to do; `nil` when there is nothing it has not been asked for.
  ///
  /// - Returns: the work, and what it is a part of.
  mutating func ask(_ index: Int) -> (work: RoundWork, task: RoundTask)? {
    let count = askedCount(of: parts[index])
    guard count > 0 else { return nil }
    let work: RoundWork
    if parts[index].isThere {
      work = course.work(last: count)
    } else {
      work = course.workAnew
      parts[index].attempt &+= 1
      parts[index].isThere = true
      parts[index].answers = []
    }
    parts[index].tasks.append(Part.Task(round: round, answerCount: count))
    let task = RoundTask(
      job: plan.job,
      set: plan.set,
      round: round,
      attempt: parts[index].attempt,
      shards: parts[index].shards
    )
    return (work, task)
  }

  /// Keeps an answer to the first of a part's tasks until all parts have theirs.
  ///
  /// - Parameters:
  ///   - bytes: the answer.
  ///   - index: which of the task's answers it is; `nil` for the last one.
  ///   - task: that it answers.
  ///   - worker: who sent it.
  /// - Returns: whether it was one that was awaited; one that comes twice counts once.
  /// - Throws: when it is not what the part of the worker was asked for.
  mutating func keep(
    _ bytes: [UInt8],
    index: UInt32?,
    of task: RoundTask,
    by worker: Name
  ) throws(DecodingError) -> Bool {
    guard let part = part(of: task, by: worker), let asked = parts[part].tasks.first else {
      return false
    }
    let (due, last) = (UInt32(asked.givenCount), UInt32(asked.answerCount - 1))
    if task.round < asked.round { return false }
    if let index, task.round == asked.round, index < due { return false }
    guard task.round == asked.round, index ?? last == due, index != last else {
      throw .invalidValue(at: 0, what: "it is not the next of \(last + 1) answers")
    }
    parts[part].answers.append(try course.answer(bytes))
    parts[part].tasks[0].givenCount += 1
    if due == last { parts[part].tasks.removeFirst() }
    return true
  }

  /// Takes the next answers, which may begin a new round.
  ///
  /// - Parameter time: now, a monotonic millisecond.
  /// - Returns: what comes next, or why there can be no model, and whether people may be told of
  ///   progress; `nil` while a part has no such answer.
  mutating func goOn(
    at time: Int64
  ) -> (step: Result<TrainingCourse.Step, ClusterError>, hasProgressed: Bool)? {
    guard parts.allSatisfy({ !$0.answers.isEmpty }) else { return nil }
    let before = course.progress
    let step = Result { () throws(ClusterError) in try takeAnswers() }
    let after = course.progress
    if after.treeCount != nil, treesBeganAt == nil { treesBeganAt = time }
    guard case .success(.round) = step else { return (step, false) }
    return (step, before != after)
  }

  private mutating func takeAnswers() throws(ClusterError) -> TrainingCourse.Step {
    let answers = parts.indices.map { parts[$0].answers.removeFirst() }
    for index in parts.indices { parts[index].failureCount = 0 }
    let step = try course.take(answers)
    switch step {
    case .round, .plan: round &+= 1
    case .waiting, .finished, .checked: break
    }
    return step
  }

  /// A worker is away: it may come back without what it kept.
  mutating func release(_ worker: Name) {
    for index in parts.indices where parts[index].worker == worker { parts[index].leave() }
  }
}
