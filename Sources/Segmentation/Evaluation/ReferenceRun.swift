import Bytes
import Domain
import ProfileStore

/// A program on its way through the blocks of a shard, by the reference interpreter alone.
struct ReferenceRun {
  private let program: SegmentProgram
  private let asOf: Instant
  /// By definition; the ordinals of its members so far.
  private(set) var members: [Bitmap]
  private(set) var nanoseconds: [UInt64]
  private(set) var failures: [EvaluationFailure?]

  init(_ program: SegmentProgram, asOf: Instant) {
    self.program = program
    self.asOf = asOf
    let count = program.definitions.count
    members = Array(repeating: Bitmap(), count: count)
    nanoseconds = Array(repeating: 0, count: count)
    failures = Array(repeating: nil, count: count)
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
    for definition in program.definitions.indices {
      if isCancelled() { throw .cancelled }
      let start = clock.now
      answers.evaluateNext(&failures[definition])
      for (row, isMember) in answers.isMember[definition].enumerated() where isMember {
        members[definition].insert(block.firstOrdinal + row)
      }
      nanoseconds[definition] += start.duration(to: clock.now).nanoseconds
    }
  }
}
