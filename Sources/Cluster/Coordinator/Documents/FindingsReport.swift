import Bytes
import Domain
import Propensity

/// What is told of a set before a model is learned from it, with what to do about each finding.
///
/// Everything comes from the rows and nothing from how they were divided: reports of equal rows are
/// equal.
enum FindingsReport {
  private static let millisecondsPerDay: Int64 = 86_400_000
  /// The least history that features need, in days.
  private static let historyDaysMin = 30

  static func document(of findings: TrainingFindings, _ instance: PropensityInstance) -> Value {
    let outcomes = findings.outcomes
    return .known([
      "isTrainable": .boolean(findings.problems.isEmpty),
      "problems": .array(
        findings.problems.map {
          .known(["message": .string($0.message), "next": $0.next.map { .string($0) }])
        }
      ),
      "warnings": .array(
        warnings(of: findings, instance).map {
          .known(["message": .string($0.message), "next": .string($0.next)])
        }
      ),
      "rows": .count(outcomes.rowCount),
      "positives": .count(outcomes.positiveCount),
      "negatives": .count(outcomes.negativeCount),
      "neededOfEither": .count(PropensityInstance.outcomeRowCountMin),
      "cutOffs": .array(findings.cutOffs.map { document(of: $0) }),
      "history": history(of: findings, instance),
      "features": .array(features(of: findings)),
      "unused": .array(
        findings.unused.map {
          .known([
            "name": .string($0.name), "reason": .string($0.reason.rawValue),
            "next": .string(advice(on: $0.reason)),
          ])
        }
      ),
      "omitted": .array(
        findings.omitted.map {
          .known([
            "name": .string($0.name), "reason": .string($0.reason),
            "next": .string(advice(onOmitted: $0.reason)),
          ])
        }
      ),
      "leaks": .array(leaks(of: findings)),
    ])
  }

  private static func document(of cutOff: TrainingFindings.CutOff) -> Value {
    .known([
      "cutOff": .instant(cutOff.instant),
      "isOutOfTime": .boolean(cutOff.isOutOfTime),
      "rows": .count(cutOff.outcomes.rowCount),
      "positives": .count(cutOff.outcomes.positiveCount),
      "negatives": .count(cutOff.outcomes.negativeCount),
    ])
  }

  /// Days of events that there should be and that there are; `nil` where events are of no account.
  private static func history(
    of findings: TrainingFindings,
    _ instance: PropensityInstance
  ) -> Value? {
    guard findings.hasOutcomeWindow else { return nil }
    let available = findings.events.map { availableDays($0) }
    return .known([
      "neededDays": .count(neededDays(of: findings, instance)),
      "availableDays": available.map { .count($0) },
      "lookBackDays": findings.lookBackDays.map { .count($0) },
      "outcomeWindowDays": .count(instance.outcomeWindowDays),
      "first": findings.events.map { .instant($0.first) },
      "last": findings.events.map { .instant($0.last) },
    ])
  }

  private static func availableDays(_ events: EventSpan) -> Int64 {
    let (span, isOver) = events.last.milliseconds.subtractingReportingOverflow(
      events.first.milliseconds
    )
    return isOver ? .max / millisecondsPerDay : span / millisecondsPerDay
  }

  /// The oldest cut-off's time before it, which features look back on, and all that is behind it.
  private static func neededDays(
    of findings: TrainingFindings,
    _ instance: PropensityInstance
  ) -> Int64 {
    let window = Int64(instance.outcomeWindowDays)
    let step = Int64(instance.cutOffStepDays ?? instance.outcomeWindowDays)
    let older = instance.cutOffCount > 1 ? window + Int64(instance.cutOffCount - 2) * step : 0
    return Int64(max(historyDaysMin, findings.lookBackDays ?? 0)) + window + older
  }

  /// Features that trees may use, those first that tell most by themselves.
  private static func features(of findings: TrainingFindings) -> [Value] {
    let unused = Set(findings.unused.map(\.name))
    let kept = findings.features.filter { !unused.contains($0.name) }.enumerated().sorted {
      let (a, b) = ($0.element.area ?? 0, $1.element.area ?? 0)
      return a != b ? a > b : $0.offset < $1.offset
    }
    return kept.map { _, feature in
      .known([
        "name": .string(feature.name),
        "kind": .string(feature.kind == .numeric ? "numeric" : "categorical"),
        "areaAlone": feature.area.map { .double($0) },
        "missing": .double(feature.missingShare),
      ])
    }
  }

  /// How well a feature orders labels by itself.
  static func area(of index: Int, _ findings: TrainingFindings) -> Value? {
    guard findings.features.indices.contains(index) else { return nil }
    return findings.features[index].area.map { .double($0) }
  }

  // MARK: Leaks

  /// Features that nearly decide the goal, and dates of after the cut-off.
  static func leaks(of findings: TrainingFindings) -> [Value] {
    findings.leaks.map { feature in
      .known([
        "name": .string(feature.name), "reason": .string("decidesGoal"),
        "areaAlone": feature.area.map { .double($0) },
      ])
    }
      + findings.lateDates.map { date in
        .known([
          "name": .string(date.name), "reason": .string("afterCutOff"),
          "rows": .count(date.rowCount),
        ])
      }
  }

  static func leakWarnings(of findings: TrainingFindings) -> [String] {
    leakAdvice(of: findings).map { "\($0.message); \($0.next)" }
  }

  private static func leakAdvice(
    of findings: TrainingFindings
  ) -> [(message: String, next: String)] {
    findings.leaks.map { feature in
      let area = feature.area.map { thousandths($0) } ?? "1"
      return (
        "'\(feature.name)' by itself nearly decides the goal (area under the curve \(area)): it is"
          + " probably known only when the outcome is",
        "leave it out by 'attributes.exclude', unless it is known at the cut-off"
      )
    }
      + findings.lateDates.map { date in
        (
          "'\(date.name)' is of a date after the cut-off in \(date.rowCount) rows: it was probably"
            + " written after the cut-off",
          "leave it out by 'attributes.exclude', unless it was known then, as the end of a contract is"
        )
      }
  }

  /// Attributes of texts that are probably to be numbers.
  static func numericTextWarnings(of findings: TrainingFindings) -> [String] {
    numericTextAdvice(of: findings).map { "\($0.message); \($0.next)" }
  }

  private static func numericTextAdvice(
    of findings: TrainingFindings
  ) -> [(message: String, next: String)] {
    findings.numericTexts.map { texts in
      (
        "'\(texts.field)' has texts, and some of them, such as '\(texts.sample)', are numbers",
        "if all are to be, import it with '--types \(texts.field)=double', which names the rows"
          + " where it is none"
      )
    }
  }

  private static func thousandths(_ area: Double) -> String {
    let digits = Int((area * 1_000).rounded(.down))
    return digits >= 1_000 ? "1" : "0.\(digits)"
  }

  // MARK: What to do

  private static func warnings(
    of findings: TrainingFindings,
    _ instance: PropensityInstance
  ) -> [(message: String, next: String)] {
    var warnings = leakAdvice(of: findings)
    warnings += findings.remarks.map { ($0.string, "look at the rule, and at 'covey sets schema'") }
    warnings += numericTextAdvice(of: findings)
    guard findings.hasOutcomeWindow else { return warnings }
    let needed = neededDays(of: findings, instance)
    if let events = findings.events, availableDays(events) < needed {
      warnings.append(
        (
          "the events span \(availableDays(events)) days where \(needed) are needed",
          "import older events, or shorten 'outcomeWindowDays', the time that 'eligible' looks back"
            + ", or 'cutOffs'"
        )
      )
    }
    if !findings.cutOffs.isEmpty, findings.cutOffs.count < instance.cutOffCount {
      warnings.append(
        (
          "only \(findings.cutOffs.count) of \(instance.cutOffCount) cut-offs have events before them",
          "import older events, or lower 'cutOffs.count' or 'cutOffs.stepDays'"
        )
      )
    }
    let attributes = findings.attributeCount
    if attributes > 0 {
      warnings.append(
        (
          "\(attributes) \(attributes == 1 ? "attribute is" : "attributes are") as known now and not"
            + " as at the cut-off, since nobody keeps when an attribute was changed",
          "leave out by 'attributes.exclude' what an outcome changes"
        )
      )
    }
    return warnings
  }

  private static func advice(on reason: TrainingFindings.UnusedFeature.Reason) -> String {
    switch reason {
    case .constant: "nothing: all rows are alike in it"
    case .tooManyCategories: "put its values into fewer groups, or leave it out"
    case .beyondLearned:
      "nothing: it tells the time rather than the profile, and its newest values were never learned"
    }
  }

  private static func advice(onOmitted reason: Text) -> String {
    switch reason {
    case "goalReadsIt": "nothing: it would tell the answer"
    case "excluded": "nothing: the instance leaves it out"
    case "system": "nothing: the cluster keeps it, such as earlier scores"
    case "tellsProfilesApart":
      "nothing if it is a name or an id; numbers with odd texts among them need '--types' at import"
    case "tooMany": "choose by 'attributes.include', or name fewer custom events"
    default: "nothing"
    }
  }
}
