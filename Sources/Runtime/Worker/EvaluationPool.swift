import Platform
import Synchronization

/// Threads for evaluations, which need no order, and a bound on the memory they use together.
///
/// While the process is over its budget only one evaluation runs at a time, so each shard's turn
/// comes whatever the budget is.
final class EvaluationPool: Sendable {
  typealias Job = @Sendable () -> Void

  private struct State {
    var runningCount = 0
    /// Jobs that wait for memory; others are running.
    var parked: [Job] = []
  }

  private let ready = BlockingQueue<Job>()
  private let state = Mutex(State())
  private let threads = Mutex<[WorkerThread]>([])
  private let isOverBudget: @Sendable () -> Bool

  init(
    threadCount: Int,
    isOverBudget: @escaping @Sendable () -> Bool
  ) throws(PlatformError) {
    self.isOverBudget = isOverBudget
    for _ in 0..<max(1, threadCount) {
      // The thread holds this object until `close`.
      let thread = try WorkerThread(named: "covey-evaluate") { self.work() }
      threads.withLock { $0.append(thread) }
    }
  }

  func add(_ job: @escaping Job) { ready.push(job) }

  /// Ends the threads after the jobs they are at; what waits is dropped.
  func close() {
    ready.close()
    while ready.pop() != nil {}
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  private func work() {
    while let job = ready.pop() {
      let isOver = isOverBudget()
      let mayRun = state.withLock { state in
        guard !isOver || state.runningCount == 0 else {
          state.parked.append(job)
          return false
        }
        state.runningCount += 1
        return true
      }
      guard mayRun else { continue }
      job()
      let next = state.withLock { state -> Job? in
        state.runningCount -= 1
        return state.parked.isEmpty ? nil : state.parked.removeFirst()
      }
      if let next { ready.push(next) }
    }
  }
}
