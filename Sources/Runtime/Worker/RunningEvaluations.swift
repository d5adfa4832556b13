import Cluster
import Domain
import Synchronization

/// Evaluations under way, each with a flag that ends it early.
final class RunningEvaluations: Sendable {
  /// One evaluation; asked for its flag between blocks of profiles.
  final class Flag: Sendable {
    let task: TaskAttempt
    private let isSet = Atomic(false)

    fileprivate init(_ task: TaskAttempt) { self.task = task }

    var isCancelled: Bool { isSet.load(ordering: .relaxed) }

    fileprivate func cancel() { isSet.store(true, ordering: .relaxed) }
  }

  private let flags = Mutex<[ObjectIdentifier: Flag]>([:])
  private let begun = Atomic(0)

  var isEmpty: Bool { flags.withLock { $0.isEmpty } }

  /// How many have begun so far.
  var begunCount: Int { begun.load(ordering: .relaxed) }

  func begin(_ task: TaskAttempt) -> Flag {
    let flag = Flag(task)
    begun.add(1, ordering: .relaxed)
    flags.withLock { $0[ObjectIdentifier(flag)] = flag }
    return flag
  }

  func end(_ flag: Flag) { flags.withLock { $0[ObjectIdentifier(flag)] = nil } }

  /// Cancels the evaluations under way that are meant; later ones run.
  func cancel(where isMeant: (_ task: (job: JobID, place: ShardPlace)) -> Bool) {
    flags.withLock { flags in
      for flag in flags.values where isMeant((flag.task.job, flag.task.place)) { flag.cancel() }
    }
  }

  func cancelAll() { cancel { _ in true } }
}
