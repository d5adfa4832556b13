import Bytes
import Domain

/// A worker as the coordinator sees it.
///
/// ```
/// joining ──hello──▶ ok ◀──heard── suspect ──away or silent for 15 s──▶ lost
///    │               └──closed, or silent for 5 s──▶ │                    │
///    └── not back 15 s after the start ──────────────┼──────▶ lost        │
///                    ok ◀───────────────hello────────┴────────────────────┘
/// ```
struct Node: Sendable {
  /// How far the worker can be counted on, the worst first.
  enum State: Int, Comparable, Sendable {
    case lost
    case suspect
    case joining
    case ok

    static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }

    var word: Text {
      switch self {
      case .lost: "lost"
      case .suspect: "suspect"
      case .joining: "joining"
      case .ok: "ok"
      }
    }
  }

  /// A connection on which the worker was welcomed.
  struct Session: Sendable {
    var peer: PeerID
    var incarnation: UInt64
    var threadCount: UInt32
    var version: Text
    var address: Text
    var heardAt: Int64
    var vitals: WorkerVitals?
    /// Jobs whose plan was sent on it.
    var plannedJobs: Set<JobID> = []
    /// Tasks that were asked for on it and have not ended.
    var taskCount = 0

    /// The most tasks that are asked for at a time.
    var taskCountMax: Int { Int(threadCount) * Coordinator.taskCountOfThreadMax }
  }

  /// Where the worker is; times are monotonic milliseconds.
  enum Presence: Sendable {
    /// Not seen since the coordinator started.
    case awaited(since: Int64)
    case connected(Session)
    case away(since: Int64, reason: Text)
  }

  var capacity: UInt32
  var presence: Presence
  var state: State
  /// When the state began.
  var since: Instant

  var session: Session? {
    get { if case .connected(let session) = presence { session } else { nil } }
    set { if let newValue, case .connected = presence { presence = .connected(newValue) } }
  }

  /// What the state should be by now.
  func judged(at time: Int64) -> State {
    switch presence {
    case .awaited(let since):
      return time - since >= Coordinator.lostMilliseconds ? .lost : .joining
    case .connected(let session):
      let silence = time - session.heardAt
      if silence >= Coordinator.lostMilliseconds { return .lost }
      return silence >= Coordinator.suspectMilliseconds ? .suspect : .ok
    case .away(let since, _):
      return time - since >= Coordinator.lostMilliseconds ? .lost : .suspect
    }
  }

  /// When the state changes if nothing is heard; `nil` once it is lost.
  var nextDeadline: Int64? {
    switch (presence, state) {
    case (_, .lost): nil
    case (.awaited(let since), _), (.away(let since, _), _): since + Coordinator.lostMilliseconds
    case (.connected(let session), .ok): session.heardAt + Coordinator.suspectMilliseconds
    case (.connected(let session), _): session.heardAt + Coordinator.lostMilliseconds
    }
  }

  /// Why the worker is not `ok`.
  func reason(at time: Int64) -> Text? {
    switch presence {
    case .awaited: return "it has not come back since the coordinator started"
    case .away(_, let reason): return reason
    case .connected(let session):
      guard state != .ok else { return nil }
      return Text("it has been silent for \((time - session.heardAt) / 1_000) s")
    }
  }

  /// Takes time off a silence during which nobody listened.
  mutating func excuse(milliseconds: Int64) { session?.heardAt += milliseconds }
}
