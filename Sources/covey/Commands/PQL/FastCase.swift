import Bytes
import Domain
import PQL
import Platform
import ProfileStore
import Segmentation

/// A case evaluated as jobs do it: its profiles become a shard, its definition a program.
///
/// Members are the program's; values, which only definitions of other uses have, are the
/// interpreter's, of the profiles as the shard gives them back. What no shard or job takes (events
/// that are no objects, memberships given from outside, a segment that is not written out) is left to
/// the interpreter.
struct FastCase {
  private let evaluationCase: EvaluationCase

  init(_ evaluationCase: EvaluationCase) { self.evaluationCase = evaluationCase }

  func answer(_ details: Set<EvaluationCase.Detail>) throws -> [UInt8] {
    guard evaluationCase.memberships.isEmpty, let rows = rows(), let program = program() else {
      return evaluationCase.answer(details)
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let store = try ShardStore(disk: LinuxDisk(), directory: folder.path + "/shard")
    let attempt = StoredImport(job: JobID(1), attempt: 1)
    try store.append(attempt, sequence: 0, rows: rows)
    _ = try store.prepare(attempt, batchCount: 1)
    _ = try store.commit(attempt)
    let snapshot = try store.snapshot()
    return try evaluationCase.answer(details) { query in try answers(query, program, snapshot) }
  }

  private func answers(
    _ query: CheckedQuery,
    _ program: SegmentProgram,
    _ snapshot: ShardSnapshot
  ) throws -> Result<[EvaluationCase.Answer], EvaluationError> {
    let found = try program.members(snapshot, asOf: evaluationCase.now)
    if found.failures[0] != nil {
      return .failure(.stepLimitExceeded(limit: EvaluationContext.stepCountMax))
    }
    let interpreter = ReferenceInterpreter(query)
    let context = EvaluationContext(now: evaluationCase.now)
    var answers: [EvaluationCase.Answer] = []
    for (ordinal, profile) in evaluationCase.profiles.enumerated() {
      let (block, row) = snapshot.locate(ordinal)
      do throws(EvaluationError) {
        let stored = (try? snapshot.block(block).profile(row)) ?? profile.profile
        answers.append(
          EvaluationCase.Answer(
            id: profile.id,
            value: try interpreter.value(of: stored, in: context),
            isMember: found.members[0].contains(ordinal)
          )
        )
      } catch {
        return .failure(error)
      }
    }
    return .success(answers)
  }

  private func program() -> SegmentProgram? {
    guard let id = Name("case") else { return nil }
    let definition = ProgramDefinition(
      id: id,
      version: 1,
      expression: evaluationCase.definition,
      timeZone: nil
    )
    return try? SegmentProgram([definition], zones: .utcOnly)
  }

  /// The profiles as rows, keyed by their number; `nil` when they cannot be rows.
  private func rows() -> [UInt8]? {
    var writer = RowBatchWriter()
    for (number, profile) in evaluationCase.profiles.enumerated() {
      guard case .object(var object) = profile.profile else { return nil }
      let key = ProfileKey(Text("\(number)"))
      let events = object[.xEvent]
      object[.xEvent] = nil
      writer.append(kind: .attributes, key: key, object: object)
      guard let events else { continue }
      guard let elements = events.elements else { return nil }
      for event in elements {
        guard case .object(let event) = event else { return nil }
        writer.append(kind: .event, key: key, object: event)
      }
    }
    return writer.isEmpty ? nil : writer.take()
  }
}
