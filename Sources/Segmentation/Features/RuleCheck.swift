import Bytes
import Domain
import PQL
import Propensity

/// Checks the rules of an instance before anything is made of them.
struct RuleCheck {
  private let rules: FeatureRules

  init(_ rules: FeatureRules) { self.rules = rules }

  /// Checks everything that can be known without the audiences, and returns the goal.
  func check(_ instance: PropensityInstance) throws(FeaturePlanError) -> GoalRule {
    for (index, exclusion) in instance.exclusions.enumerated() {
      try EventRule.check(exclusion, field: Text("exclusions[\(index)]"))
    }
    for (index, event) in instance.customEvents.enumerated() {
      try EventRule.check(event.condition, field: Text("customEvents[\(index)].condition"))
    }
    let goal = try GoalRule(instance.goal)
    _ = try eligible()
    try checkNames(goal)
    return goal
  }

  /// The rule of the eligible population.
  func eligible() throws(FeaturePlanError) -> Rule? {
    guard let text = rules.eligible else { return nil }
    do throws(RuleError) {
      return try Rule(text)
    } catch {
      throw .rule(field: "eligible", error)
    }
  }

  /// Sees to it that names of exclusions mean fields of events in all rules.
  func checkNames(_ goal: GoalRule) throws(FeaturePlanError) {
    try checkNames(of: goal.expression, field: "goal")
    if let eligible = rules.eligible { try checkNames(of: eligible, field: "eligible") }
    for audience in rules.audiences {
      try checkNames(of: audience.expression, field: audience.id.text)
    }
  }

  /// Sees to it that names of exclusions mean fields of events wherever they are put.
  private func checkNames(of text: Text, field: Text) throws(FeaturePlanError) {
    if rules.exclusions.isEmpty { return }
    guard let query = try? Query.parse(text) else { return }
    let bound = query.boundNames
    if bound.isEmpty { return }
    for (index, exclusion) in rules.exclusions.enumerated() {
      guard let names = (try? Query.parse(exclusion))?.plainNames,
        let hidden = names.intersection(bound).sorted().first
      else { continue }
      throw .hiddenName(hidden, field: field, exclusion: Text("exclusions[\(index)]"))
    }
  }
}
