import Bytes
package import Domain

extension ReferenceInterpreter {
  /// Whether the profile is a member, and until when this surely stays so.
  package func timedAnswer(
    of profile: Value,
    in context: EvaluationContext
  ) throws(EvaluationError) -> TimedAnswer {
    let clock = ClockWatch(context)
    let evaluator = Evaluator(self, profile: profile, context: context, clock: clock)
    let isMember = try evaluator.holds(query.body)
    return TimedAnswer(
      isMember: isMember,
      until: clock.next,
      segmentsAsked: clock.segmentsAsked,
      stepCount: evaluator.stepCount
    )
  }

  /// The earliest later instant at which the profile's membership changes by the clock alone.
  ///
  /// What `context` says of other segments is taken as given for ever.
  package func nextChange(
    of profile: Value,
    in context: EvaluationContext,
    horizon: ClockHorizon
  ) throws(EvaluationError) -> ClockChange {
    let answer = { (now: Instant) throws(EvaluationError) -> TimedAnswer in
      var context = context
      context.now = now
      return try timedAnswer(of: profile, in: context)
    }
    return horizon.change(of: try answer(context.now), answer: answer)
  }
}
