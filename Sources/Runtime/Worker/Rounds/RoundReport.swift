import Cluster
import Synchronization

/// Tells the answers of a worker's part of a round as they come, until the last one or a problem.
final class RoundReport: Sendable {
  private let task: RoundTask
  private let finish: @Sendable (StoreCompletion, _ isLast: Bool) -> Void
  private let isOver = Atomic(false)

  /// - Parameters:
  ///   - task: whose answers they are.
  ///   - finish: is told each of them, or why there are none, on the thread that found it.
  init(
    _ task: RoundTask,
    finish: @escaping @Sendable (StoreCompletion, _ isLast: Bool) -> Void
  ) {
    self.task = task
    self.finish = finish
  }

  /// Tells an answer, counted from 0, of so many.
  func tell(_ result: Result<[UInt8], RoundProblem>, _ index: Int = 0, of count: Int = 1) {
    switch result {
    case .success(let bytes) where bytes.count > RoundLimits.answerByteCountMax:
      end(RoundProblem.tooLong(byteCount: bytes.count).completion(of: task))
    case .success(let bytes) where index == count - 1: end(.roundDone(task, answer: bytes))
    case .success(let bytes):
      guard !isOver.load(ordering: .acquiring) else { return }
      finish(.roundAnswer(task, index: UInt32(index), answer: bytes), false)
    case .failure(let problem): end(problem.completion(of: task))
    }
  }

  /// Of what several threads find, the first problem is told.
  private func end(_ completion: StoreCompletion) {
    guard !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
    finish(completion, true)
  }
}
