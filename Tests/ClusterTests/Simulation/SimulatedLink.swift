import Bytes

/// One connection: two directions, each with a lane for control and one for bulk.
///
/// A lane keeps its order; control may overtake bulk. A broken connection loses what is on its way
/// and tells both ends, each at a time of its own; a half-dead one tells nobody.
final class SimulatedLink {
  enum End: Int {
    /// Who opened the connection.
    case near = 0
    /// The coordinator.
    case far = 1
  }

  private let cluster: SimulatedCluster
  private let ends: [(Text) -> Void]
  private(set) var isOpen = true
  private var isTold = [false, false]
  /// Whether messages toward an end are lost.
  private var isDeaf = [false, false]
  /// When the last message of each lane toward an end arrives.
  private var arrivals: [[Int64]] = [[0, 0], [0, 0]]

  init(
    _ cluster: SimulatedCluster,
    nearEnded: @escaping (Text) -> Void,
    farEnded: @escaping (Text) -> Void
  ) {
    self.cluster = cluster
    ends = [nearEnded, farEnded]
  }

  func carry(to end: End, isBulk: Bool, _ arrive: @escaping () -> Void) {
    guard isOpen, !isDeaf[end.rawValue] else { return }
    let lane = isBulk ? 1 : 0
    let delay = cluster.draw(cluster.networkDelayMax) * (isBulk ? 3 : 1)
    // Bulk never overtakes control.
    let last = arrivals[end.rawValue][...lane].max() ?? 0
    let time = max(cluster.timeline.now + Int64(delay), last)
    arrivals[end.rawValue][lane] = time
    cluster.timeline.schedule(after: time - cluster.timeline.now) { [weak self] in
      guard let self, self.isOpen, !self.isTold[end.rawValue] else { return }
      arrive()
    }
  }

  /// Loses all that is on its way; both ends hear of it in time.
  func cut() {
    guard isOpen else { return }
    isOpen = false
    for end in [End.near, .far] { tell(end, "the connection broke") }
  }

  /// From now on nothing arrives at an end, and nobody is told.
  func deafen(_ end: End) { isDeaf[end.rawValue] = true }

  /// One end's process is gone or has closed: it is told nothing, the other is in time.
  func leave(_ end: End, reason: Text) {
    isTold[end.rawValue] = true
    guard isOpen else { return }
    isOpen = false
    let other: End = end == .near ? .far : .near
    if !isDeaf[other.rawValue] { tell(other, reason) }
  }

  private func tell(_ end: End, _ reason: Text) {
    cluster.timeline.schedule(after: Int64(cluster.draw(cluster.networkDelayMax))) {
      [weak self] in
      guard let self, !self.isTold[end.rawValue] else { return }
      self.isTold[end.rawValue] = true
      self.ends[end.rawValue](reason)
    }
  }
}
