import Bytes
import Domain
import PQL
import Propensity

/// Checks the rules of an instance before anything is made of them.
struct RuleCheck {
  private let rules: FeatureRules
  private let audiences: Set<Text>

  init(_ rules: FeatureRules) {
    self.rules = rules
    audiences = Set(rules.audiences.map(\.id.text))
  }

  /// Checks everything and returns the goal.
  func check(_ instance: PropensityInstance) throws(FeaturePlanError) -> GoalRule {
    for (index, exclusion) in instance.exclusions.enumerated() {
      try EventRule.check(exclusion, field: Text("exclusions[\(index)]"))
    }
    for (index, event) in instance.customEvents.enumerated() {
      try EventRule.check(event.condition, field: Text("customEvents[\(index)].condition"))
    }
    let goal = try GoalRule(instance.goal)
    try check(goal.rule, goal.expression, field: "goal")
    if let eligible = rules.eligible {
      try check(try rule(eligible, field: "eligible"), eligible, field: "eligible")
    }
    for audience in rules.audiences {
      do throws(RuleError) {
        _ = try Rule(audience.expression)
      } catch {
        throw .audience(ProgramError(id: audience.id, .rule(error)))
      }
      try checkNames(of: audience.expression, field: audience.id.text)
    }
    return goal
  }

  private func rule(_ text: Text, field: Text) throws(FeaturePlanError) -> Rule {
    do throws(RuleError) {
      return try Rule(text)
    } catch {
      throw .rule(field: field, error)
    }
  }

  private func check(_ rule: Rule, _ text: Text, field: Text) throws(FeaturePlanError) {
    for id in rule.references where !audiences.contains(id) {
      throw .unknownAudience(id, field: field)
    }
    try checkNames(of: text, field: field)
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
