import Cluster
import Platform
import Synchronization

/// Serial queues, one a shard, over a few threads: jobs of one shard run in the order they were
/// given, those of different shards at the same time.
final class ShardLanes: Sendable {
  typealias Job = @Sendable () -> Void

  private struct Lane {
    var jobs: [Job] = []
    /// Jobs before this index were taken.
    var head = 0
  }

  /// Lanes that have something to do, being done or waiting; each stands in `ready` at most once.
  private let lanes = Mutex<[ShardPlace: Lane]>([:])
  private let ready = BlockingQueue<ShardPlace>()
  private let threads = Mutex<[WorkerThread]>([])

  init(threadCount: Int) throws(PlatformError) {
    for _ in 0..<max(1, threadCount) {
      // The thread holds this object until `close`.
      let thread = try WorkerThread(named: "covey-store") { self.work() }
      threads.withLock { $0.append(thread) }
    }
  }

  func add(_ job: @escaping Job, to place: ShardPlace) {
    let isNew = lanes.withLock { lanes in
      let isNew = lanes[place] == nil
      lanes[place, default: Lane()].jobs.append(job)
      return isNew
    }
    if isNew { ready.push(place) }
  }

  /// Ends the threads after the jobs they are at; what waits is dropped.
  func close() {
    lanes.withLock { $0 = [:] }
    ready.close()
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  private func work() {
    while let place = ready.pop() {
      guard let job = takeJob(of: place) else { continue }
      job()
      if hasMore(place) { ready.push(place) }
    }
  }

  private func takeJob(of place: ShardPlace) -> Job? {
    lanes.withLock { lanes in
      guard let lane = lanes[place], lane.head < lane.jobs.count else { return nil }
      lanes[place]?.head += 1
      return lane.jobs[lane.head]
    }
  }

  /// Whether the lane has jobs left; one that has not is forgotten.
  private func hasMore(_ place: ShardPlace) -> Bool {
    lanes.withLock { lanes in
      guard let lane = lanes[place] else { return false }
      if lane.head == lane.jobs.count {
        lanes[place] = nil
        return false
      }
      if lane.head >= 64, lane.head * 2 >= lane.jobs.count {
        lanes[place]?.jobs.removeFirst(lane.head)
        lanes[place]?.head = 0
      }
      return true
    }
  }
}
