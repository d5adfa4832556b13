package import Bytes

/// What the clock alone makes of an answer.
package enum ClockChange: Hashable, Sendable {
  /// The answer is the opposite from this instant on, and the same until then.
  case at(Instant)
  /// The answer stays for ever.
  case never
  /// The answer is the same until this instant; nobody looked further.
  case notBefore(Instant)
}

/// An answer, and what it needs to stay true.
package struct TimedAnswer: Hashable, Sendable {
  package var isMember: Bool
  /// The first instant at which the answer may be another; `nil` when it stays for ever.
  ///
  /// Memberships that were asked for are taken as given.
  package var until: Instant?
  /// Segments whose membership the answer is built on.
  package var segmentsAsked: Set<Text>
  /// Steps that the evaluation took.
  package var stepCount: Int

  package init(
    isMember: Bool,
    until: Instant?,
    segmentsAsked: Set<Text> = [],
    stepCount: Int = 0
  ) {
    self.isMember = isMember
    self.until = until
    self.segmentsAsked = segmentsAsked
    self.stepCount = stepCount
  }
}

/// How far an answer is followed into the future.
package struct ClockHorizon: Hashable, Sendable {
  /// Most evaluations that are made.
  ///
  /// A definition that looks at the day of the month is evaluated once a day; one that looks at the
  /// second, once a second.
  package static let evaluationCountMax = 5_000
  /// Ten years of 366 days.
  package static let milliseconds: Int64 = 3_660 * 86_400_000

  package var end: Instant
  package var evaluationCountMax: Int
  /// Most steps that the evaluations may take together before one more is begun.
  package var stepCountMax: Int

  package init(
    end: Instant,
    evaluationCountMax: Int = ClockHorizon.evaluationCountMax,
    stepCountMax: Int = EvaluationContext.stepCountMax
  ) {
    self.end = end
    self.evaluationCountMax = evaluationCountMax
    self.stepCountMax = stepCountMax
  }

  /// The usual horizon of an instant.
  package init(after now: Instant) {
    self.init(end: now.advanced(byMilliseconds: ClockHorizon.milliseconds).clamped)
  }

  /// Follows an answer to the instant at which it changes.
  ///
  /// - Parameters:
  ///   - first: the answer now.
  ///   - answer: evaluates at an instant; an evaluation that fails ends the search.
  /// - Returns: the change, or how far the answer surely stays.
  package func change(
    of first: TimedAnswer,
    answer: (Instant) throws(EvaluationError) -> TimedAnswer
  ) -> ClockChange {
    var latest = first
    var stepCount = 0
    var evaluationCount = 0
    while let next = latest.until {
      if next > end { return .notBefore(end) }
      if evaluationCount >= evaluationCountMax || stepCount > stepCountMax {
        return .notBefore(next)
      }
      do throws(EvaluationError) {
        latest = try answer(next)
      } catch {
        return .notBefore(next)
      }
      if latest.isMember != first.isMember { return .at(next) }
      evaluationCount += 1
      stepCount += latest.stepCount
    }
    return .never
  }
}
