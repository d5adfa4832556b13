import Bytes
import Cluster
import Domain
import Propensity
import Synchronization

/// What a worker keeps for the rounds of one training.
///
/// Rows are made in the first round that needs them, and are gone once they are in partitions. Rounds
/// of a job follow each other; in each of them lanes are worked on at the same time.
final class TrainingSession: Sendable {
  /// The rows of each of the part's shards.
  struct Rows: Sendable {
    var plan: RowPlan
    var names: [Text]
    var parts: [ShardRows.Part]
  }

  private struct State {
    var rows: Rows?
    var lanes: [TrainingLane] = []
  }

  let plan: RoundPlan
  private let state = Mutex(State())
  private let isEnded = Atomic(false)

  init(_ plan: RoundPlan) { self.plan = plan }

  var isCancelled: Bool { isEnded.load(ordering: .relaxed) }

  /// Stops what is under way and forgets what is kept.
  func end() {
    isEnded.store(true, ordering: .relaxed)
    // What is given out of the lock is freed outside it.
    _ = state.withLock { state -> State in
      defer { state = State() }
      return state
    }
  }

  /// The rows of a plan, if they were made and are still there.
  func rows(of plan: RowPlan) -> Rows? {
    state.withLock { state in state.rows?.plan == plan ? state.rows : nil }
  }

  func keep(_ rows: Rows) {
    let old = state.withLock { state -> Rows? in
      defer { state.rows = isCancelled ? nil : rows }
      return state.rows
    }
    _ = consume old
  }

  /// Puts lanes in the place of rows.
  func keep(_ lanes: [TrainingLane]) {
    let old = state.withLock { state -> State in
      defer { state = State(rows: nil, lanes: isCancelled ? [] : lanes) }
      return state
    }
    _ = consume old
  }

  /// Empty when nothing was begun, or it was lost.
  var lanes: [TrainingLane] { state.withLock { $0.lanes } }

  /// The settings that the instance has.
  func settings() throws(RoundProblem) -> TrainingSettings {
    do throws(InstanceError) {
      return try PropensityInstance(json: plan.instance).training
    } catch {
      throw .instance(error)
    }
  }
}

/// The trainings that a worker takes part in.
final class TrainingSessions: Sendable {
  private let sessions = Mutex<[JobID: TrainingSession]>([:])

  /// The session of a plan, made when there is none.
  func session(of plan: RoundPlan) -> TrainingSession {
    sessions.withLock { sessions in
      if let session = sessions[plan.job] { return session }
      let session = TrainingSession(plan)
      sessions[plan.job] = session
      return session
    }
  }

  func end(_ job: JobID) {
    let session = sessions.withLock { $0.removeValue(forKey: job) }
    session?.end()
  }

  func endAll() {
    let all = sessions.withLock { sessions in
      defer { sessions = [:] }
      return sessions
    }
    for session in all.values { session.end() }
  }
}
