package import Bytes
package import Domain
package import PQL

/// Follows one definition's answer for one profile by the clock, together with the definitions it
/// asks about, which have changes of their own.
package struct ClockForecast {
  private let program: SegmentProgram
  private let definition: Int
  /// What the definition asks about, directly or not, and itself at last.
  private let needed: [Int]

  /// Takes the index of the definition among the program's.
  package init(_ program: SegmentProgram, of definition: Int) {
    self.program = program
    self.definition = definition
    var needed: Set<Int> = []
    var pending = [definition]
    while let next = pending.popLast() {
      guard needed.insert(next).inserted else { continue }
      pending += program.steps[next].references.map(\.definition)
    }
    self.needed = needed.sorted()
  }

  /// The earliest instant after `now` at which the profile enters or leaves if nothing happens.
  package func nextChange(
    of profile: Value,
    after now: Instant,
    horizon: ClockHorizon
  ) throws(EvaluationError) -> ClockChange {
    let answer = { (now: Instant) throws(EvaluationError) in
      try timedAnswer(for: profile, at: now)
    }
    return horizon.change(of: try answer(now), answer: answer)
  }

  /// The definition's answer at an instant; it stays until one it is built on may change.
  package func timedAnswer(
    for profile: Value,
    at now: Instant
  ) throws(EvaluationError) -> TimedAnswer {
    var answers: [Text: TimedAnswer] = [:]
    var result = TimedAnswer(isMember: false, until: nil)
    var stepCount = 0
    for index in needed {
      let step = program.steps[index]
      var context = EvaluationContext(
        now: now,
        zone: step.zone,
        stepCountMax: program.stepCountMax
      )
      if !step.references.isEmpty {
        context.membership = { [answers] id in answers[id]?.isMember }
      }
      result = try step.interpreter.timedAnswer(of: profile, in: context)
      let untils = [result.until] + result.segmentsAsked.map { answers[$0]?.until }
      result.until = untils.compactMap { $0 }.min()
      stepCount += result.stepCount
      answers[program.definitions[index].id.text] = result
    }
    result.stepCount = stepCount
    return result
  }
}
