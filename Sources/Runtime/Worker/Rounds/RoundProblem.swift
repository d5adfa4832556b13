import Bytes
import Cluster
import Domain
import Platform
import ProfileStore
import Propensity
import Segmentation

/// Why a part of a round has no answer.
enum RoundProblem: Error {
  case store(StoreError)
  case features(FeatureError)
  case training(TrainingError)
  case instance(InstanceError)
  case undecodable(DecodingError)
  /// The shard does not hold what the plan says.
  case otherContents(ShardContents, wanted: ShardContents, mayCome: Bool)
  /// The shard's number is none of the set.
  case noShard(ShardIndex)
  case tooLong(byteCount: Int)
  case scoring(ScoringError)
  case model(ModelError)
  /// The system gives no thread.
  case noThread(PlatformError)
  case cancelled

  func completion(of task: RoundTask) -> StoreCompletion {
    if case .store(let error) = self, error.isFatal {
      return .storeFailed(reason: Text(error.description))
    }
    return .roundFailed(task, failure)
  }

  /// The problem in the words of reports.
  var failure: WorkFailure {
    func failure(_ code: Text, _ message: some CustomStringConvertible, isRetryable: Bool = false)
      -> WorkFailure
    {
      WorkFailure(code: code, message: Text(message.description), isRetryable: isRetryable)
    }
    switch self {
    case .store(let error), .features(.store(let error)), .scoring(.store(let error)),
      .scoring(.features(.store(let error))):
      return WorkFailure(error)
    case .scoring(let error): return failure("SCORING", error)
    case .model(let error): return failure("MODEL", error)
    case .features(.cancelled), .cancelled:
      return failure("CANCELLED", "the job was stopped", isRetryable: true)
    case .features(let error): return failure(WorkFailure.badInstanceCode, error)
    case .instance(let error): return failure(WorkFailure.badInstanceCode, error)
    case .noThread(let error): return failure("NO_THREAD", error, isRetryable: true)
    // A part that lost what it kept begins anew.
    case .training(let error): return failure("TRAINING", error, isRetryable: true)
    case .undecodable(let error):
      return failure("UNREADABLE", "the work cannot be read: \(error)")
    case .otherContents(let found, let wanted, let mayCome):
      return .missingData(found, wanted: wanted, isRetryable: mayCome)
    case .noShard(let shard): return failure("NO_SHARD", "the set has no shard \(shard)")
    case .tooLong(let byteCount):
      return failure(
        "LIMIT_EXCEEDED",
        "an answer has \(byteCount) bytes, over the limit of \(RoundLimits.answerByteCountMax);"
          + " lower 'leavesPerRound' or 'binCountMax', or leave features out"
      )
    }
  }
}
