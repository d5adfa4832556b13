import Bytes
import Domain
import PQL

/// The time at which features are measured, and the outcome window behind it.
struct CutOff: Hashable, Sendable {
  /// Features come from events strictly before it.
  let instant: Instant
  /// The end of the outcome window, which it is not part of.
  let end: Instant

  init(_ instant: Instant, outcomeWindowDays: Int) {
    self.instant = instant
    let days = Int64(clamping: outcomeWindowDays)
    end = instant.advanced(byMilliseconds: days &* CivilTime.millisecondsPerDay)
  }

  /// PQL for an event of before the cut-off.
  var isBefore: String { "this.timestamp occurs before timestamp(\"\(instant.iso)\")" }

  /// PQL for an event of before the window's end.
  var isBeforeEnd: String { "this.timestamp occurs before timestamp(\"\(end.iso)\")" }

  /// PQL for an event of the outcome window.
  var isWithin: String {
    "this.timestamp occurs from timestamp(\"\(instant.iso)\") and \(isBeforeEnd)"
  }
}

/// The rules of a plan as programs for one cut-off.
///
/// Rules see only the events that they may: those before the cut-off, or those of the outcome window,
/// and none that is excluded. That is written into their text, so what they mean is what the language
/// says.
struct CutOffPrograms: Sendable {
  /// Judged at the cut-off: the audiences, then who is eligible, and a goal over attributes alone.
  let before: SegmentProgram
  let eligible: Int?
  let goalOfAttributes: Int?
  /// Judged at the end of the outcome window: audiences that the goal asks about, then the goal.
  let within: SegmentProgram?
  let goalOfWindow: Int?

  init(
    _ rules: FeatureRules,
    _ cutOff: CutOff,
    zones: ZoneSource,
    _ purpose: FeatureExtractor.Purpose
  ) throws(FeatureError) {
    let goal: GoalRule
    do throws(FeaturePlanError) {
      goal = try GoalRule(rules.goal)
    } catch {
      throw .plan(error)
    }
    var maker = try DefinitionMaker(rules)
    try maker.addAudiences(in: cutOff.isBefore)
    eligible =
      if let rule = rules.eligible {
        try maker.add(rule, field: "eligible", in: cutOff.isBefore)
      } else {
        nil
      }
    goalOfAttributes =
      purpose == .training && !goal.isOfWindow
      ? try maker.add(goal.expression, field: "goal", in: cutOff.isBefore) : nil
    before = try maker.program(zones)
    guard purpose == .training, goal.isOfWindow else {
      (within, goalOfWindow) = (nil, nil)
      return
    }
    maker.removeAll()
    if !goal.rule.references.isEmpty { try maker.addAudiences(in: cutOff.isBeforeEnd) }
    goalOfWindow = try maker.add(goal.expression, field: "goal", in: cutOff.isWithin)
    within = try maker.program(zones)
  }
}

/// Writes definitions that speak of some events only.
private struct DefinitionMaker {
  private let rules: FeatureRules
  private let exclusions: String
  private var definitions: [ProgramDefinition] = []

  init(_ rules: FeatureRules) throws(FeatureError) {
    self.rules = rules
    exclusions = rules.exclusions.map { " and not (\($0))" }.joined()
  }

  mutating func removeAll() { definitions = [] }

  mutating func addAudiences(in span: String) throws(FeatureError) {
    for audience in rules.audiences {
      var definition = audience
      definition.expression = try text(audience.expression, audience.id.text, in: span)
      definitions.append(definition)
    }
  }

  /// Adds a rule of the instance and returns its number.
  mutating func add(_ rule: Text, field: String, in span: String) throws(FeatureError) -> Int {
    definitions.append(
      ProgramDefinition(
        id: ownName(field),
        version: 1,
        expression: try text(rule, Text(field), in: span),
        timeZone: nil
      )
    )
    return definitions.count - 1
  }

  /// A name that no audience has.
  private func ownName(_ field: String) -> Name {
    let known = Set(rules.audiences.map(\.id.text))
    var number = 0
    while true {
      if let name = Name("\(field)-\(number)"), !known.contains(name.text) { return name }
      number += 1
    }
  }

  private func text(_ rule: Text, _ field: Text, in span: String) throws(FeatureError) -> Text {
    do throws(LanguageError) {
      return try Query.text(rule, ofEventsWith: Text(span + exclusions))
    } catch {
      throw .plan(.rule(field: field, RuleError(error)))
    }
  }

  func program(_ zones: ZoneSource) throws(FeatureError) -> SegmentProgram {
    do throws(ProgramError) {
      return try SegmentProgram(definitions, zones: zones)
    } catch {
      throw .rules(error)
    }
  }
}
