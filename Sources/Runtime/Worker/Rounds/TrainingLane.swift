import Platform
import Propensity

/// Some of the rows of a training's part, and the thread that works on them.
///
/// A thread of their own finds them in its processor's cache, and is woken once a round. The partition
/// is touched by jobs of `add` only, of which there is one at a time. The thread ends with the lane.
final class TrainingLane: @unchecked Sendable {
  private let partition: TrainingPartition
  private let jobs = BlockingQueue<@Sendable () -> Void>()

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - partition: handed over.
  ///   - processor: that the thread keeps to; `nil` leaves it to the system.
  /// - Throws: when the system gives no thread.
  init(_ partition: TrainingPartition, processor: Int?) throws(PlatformError) {
    self.partition = partition
    let thread = try WorkerThread(named: "covey-train") { [jobs] in
      if let processor { Processors.keepThread(to: processor) }
      while let job = jobs.pop() { job() }
    }
    thread.detach()
  }

  deinit { jobs.close() }

  /// Has the lane's thread do something, after what was added before.
  func add(_ job: @escaping @Sendable () -> Void) { jobs.push(job) }

  /// Carries an order out; to be called on the lane's thread.
  func answer(_ order: TrainingOrder) throws(RoundProblem) -> TrainingAnswer {
    do throws(TrainingError) { return try partition.answer(order) } catch {
      throw .training(error)
    }
  }
}
