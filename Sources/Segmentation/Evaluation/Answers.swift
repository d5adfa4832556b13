import Bytes
import Domain
import PQL

/// What a program says of some profiles, definition by definition.
struct Answers {
  private let program: SegmentProgram
  private let profiles: [Value]
  private let keys: [ProfileKey]
  private let asOf: Instant
  /// By definition, then by profile; as many definitions as were evaluated so far.
  private(set) var isMember: [[Bool]] = []

  /// Takes profiles with their keys; `asOf` is what `now` means.
  init(_ program: SegmentProgram, profiles: [Value], keys: [ProfileKey], asOf: Instant) {
    precondition(profiles.count == keys.count, "\(profiles.count) profiles, \(keys.count) keys")
    self.program = program
    self.profiles = profiles
    self.keys = keys
    self.asOf = asOf
  }

  /// Evaluates the definition that comes next.
  ///
  /// A profile for which it fails counts as no member, and nothing of the run may be kept then. So
  /// after a failure only profiles of smaller keys are looked at, which may have failed first.
  mutating func evaluateNext(_ failure: inout EvaluationFailure?) {
    let step = program.steps[isMember.count]
    var context = context(of: step)
    var answers = [Bool](repeating: false, count: profiles.count)
    for (index, profile) in profiles.enumerated() {
      if let failure, failure.key < keys[index] { continue }
      context.membership = membership(of: step, index)
      do throws(EvaluationError) {
        answers[index] = try step.interpreter.isMember(profile, in: context)
      } catch {
        failure = EvaluationFailure(key: keys[index], message: Text(error.description))
      }
    }
    isMember.append(answers)
  }

  /// Why the program's last definition says what it says of the first profile.
  func explainLast() throws(EvaluationError) -> Explanation? {
    guard let step = program.steps.last, let definition = program.definitions.last,
      let profile = profiles.first
    else { return nil }
    var context = context(of: step)
    context.membership = membership(of: step, 0)
    return try step.interpreter.explanation(
      of: profile,
      source: definition.expression,
      in: context
    )
  }

  private func context(of step: SegmentProgram.Step) -> EvaluationContext {
    EvaluationContext(now: asOf, zone: step.zone, stepCountMax: program.stepCountMax)
  }

  /// What `inSegment` answers for a profile; `nil` for what this run does not know.
  private func membership(
    of step: SegmentProgram.Step,
    _ profile: Int
  ) -> (@Sendable (Text) -> Bool?)? {
    if step.references.isEmpty { return nil }
    var known: [Text: Bool] = [:]
    for reference in step.references {
      known[reference.id] = isMember[reference.definition][profile]
    }
    return { [known] id in known[id] }
  }
}
