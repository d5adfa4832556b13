import Bytes
import Domain
import ProfileStore

/// A program on its way through the blocks of a shard.
struct ShardRun {
  private let program: SegmentProgram
  private let asOf: Instant
  /// By definition; the ordinals of its members so far.
  private(set) var members: [Bitmap]
  private(set) var nanoseconds: [UInt64]
  private var failures: [EvaluationFailure?]

  init(_ program: SegmentProgram, asOf: Instant) {
    self.program = program
    self.asOf = asOf
    let count = program.definitions.count
    members = Array(repeating: Bitmap(), count: count)
    nanoseconds = Array(repeating: 0, count: count)
    failures = Array(repeating: nil, count: count)
  }

  /// Each definition's failure, unless it asks about one that failed.
  var ownFailures: [EvaluationFailure?] {
    var isWithoutGround: [Bool] = []
    for definition in failures.indices {
      isWithoutGround.append(lacksGround(definition, isWithoutGround))
    }
    return zip(failures, isWithoutGround).map { $1 ? nil : $0 }
  }

  mutating func evaluate(
    _ block: ProfileBlock,
    isCancelled: () -> Bool
  ) throws(ShardEvaluationError) {
    let rows = 0..<block.count
    var answers = Answers(
      program,
      profiles: rows.map(block.profile),
      keys: rows.map(block.key),
      asOf: asOf
    )
    let clock = ContinuousClock()
    var isWithoutGround: [Bool] = []
    for definition in program.definitions.indices {
      if isCancelled() { throw .cancelled }
      isWithoutGround.append(lacksGround(definition, isWithoutGround))
      if isWithoutGround[definition] {
        answers.skipNext()
        continue
      }
      let start = clock.now
      answers.evaluateNext(&failures[definition])
      for (row, isMember) in answers.isMember[definition].enumerated() where isMember {
        members[definition].insert(block.firstOrdinal + row)
      }
      nanoseconds[definition] += start.duration(to: clock.now).nanoseconds
    }
  }

  /// Whether one that the definition asks about, directly or not, has failed.
  private func lacksGround(_ definition: Int, _ earlier: [Bool]) -> Bool {
    program.steps[definition].references.contains { reference in
      earlier[reference.definition] || failures[reference.definition] != nil
    }
  }
}

extension Duration {
  /// Whole nanoseconds, at least 0.
  fileprivate var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
  }
}
