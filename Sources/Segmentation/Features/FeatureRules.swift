package import Bytes
import PQL
package import Propensity

/// What decides who has a row and which rows are positive: rules in PQL, the same at every cut-off.
package struct FeatureRules: Equatable, Sendable {
  /// Who has a row, judged at the cut-off from the events before it; `nil` for everybody.
  package var eligible: Text?
  /// Which rows are positive, judged from the events of the outcome window.
  package var goal: PropensityInstance.Goal
  /// Days from the cut-off to the end of the outcome window.
  package var outcomeWindowDays: Int
  /// PQL over an event each: such events are as if they had not happened.
  package var exclusions: [Text]
  /// Audiences that rules ask about or whose members are a feature, each after those it refers to.
  package var audiences: [ProgramDefinition]

  /// The days of activity that make a profile eligible where nothing else is said.
  package static let activeDays = 45

  package init(
    eligible: Text?,
    goal: PropensityInstance.Goal,
    outcomeWindowDays: Int,
    exclusions: [Text],
    audiences: [ProgramDefinition]
  ) {
    self.eligible = eligible
    self.goal = goal
    self.outcomeWindowDays = outcomeWindowDays
    self.exclusions = exclusions
    self.audiences = audiences
  }

  /// The eligible population of an instance.
  ///
  /// Where the instance says nothing: everybody when there are no events, else those with one in the
  /// last 45 days before the cut-off.
  static func eligible(of instance: PropensityInstance, hasEvents: Bool) -> Text? {
    if let rule = instance.eligible { return rule }
    guard hasEvents else { return nil }
    return Text("xEvent[this.timestamp occurs <= \(activeDays) days before now].exists()")
  }
}

/// The goal as one rule.
struct GoalRule {
  let expression: Text
  /// Where the instance has it.
  let field: Text
  /// It speaks of events or of audiences, so it is judged at the end of the outcome window; one of
  /// attributes alone is judged at the cut-off.
  let isOfWindow: Bool
  let rule: Rule

  init(_ goal: PropensityInstance.Goal) throws(FeaturePlanError) {
    switch goal {
    case .predicate(let text):
      expression = text
    case .events(let goal):
      for (index, condition) in goal.conditions.enumerated() {
        try EventRule.check(condition, field: Text("goal.conditions[\(index)]"))
      }
      expression = Text(Self.expression(goal))
    }
    field = "goal"
    do throws(RuleError) {
      rule = try Rule(expression)
    } catch {
      throw .rule(field: field, error)
    }
    isOfWindow = !rule.references.isEmpty || rule.query.readsEvents
  }

  private static func expression(_ goal: PropensityInstance.EventGoal) -> String {
    let conditions = goal.conditions.map { "(\($0))" }
    let occurs: String
    switch (goal.scope, goal.match) {
    case (.sameEvent, .all): occurs = "xEvent[\(conditions.joined(separator: " and "))].exists()"
    case (_, .any): occurs = "xEvent[\(conditions.joined(separator: " or "))].exists()"
    case (.withinWindow, .all):
      occurs = conditions.map { "xEvent[\($0)].exists()" }.joined(separator: " and ")
    }
    return goal.occurs ? occurs : "not (\(occurs))"
  }
}

/// A condition on one event, which stands in an instance.
enum EventRule {
  /// The rule that some event fulfils a condition.
  static func expression(_ condition: Text) -> Text { Text("xEvent[(\(condition))].exists()") }

  /// Checks that the text is a condition that looks at nothing but one event and attributes.
  static func check(_ text: Text, field: Text) throws(FeaturePlanError) {
    let query: Query
    do throws(LanguageError) {
      query = try Query.parse(text)
    } catch {
      throw .rule(field: field, RuleError(error))
    }
    guard query.parameters == nil else { throw .notOfOneEvent(field: field) }
    let rule: Rule
    do throws(RuleError) {
      rule = try Rule(expression(text))
    } catch {
      throw .rule(field: field, error)
    }
    guard rule.query.eventMentionCount == 1, rule.references.isEmpty else {
      throw .notOfOneEvent(field: field)
    }
  }
}
