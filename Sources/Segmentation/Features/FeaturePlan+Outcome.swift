import Bytes
import Domain

extension FeaturePlan {
  /// Whether the goal is judged by what happens in an outcome window behind each cut-off, and not by
  /// attributes alone.
  package var hasOutcomeWindow: Bool { (try? GoalRule(rules.goal))?.isOfWindow ?? false }

  /// What is left of the plan for whoever only judges the goal: no features, everybody has a row, and
  /// of the audiences those that the goal asks about.
  ///
  /// It judges later what was predicted now, also when the instance has changed meanwhile.
  ///
  /// - Returns: `nil` when the goal has no outcome window.
  package var outcome: FeaturePlan? {
    guard let goal = try? GoalRule(rules.goal), goal.isOfWindow else { return nil }
    var needed = Set(goal.rule.references)
    // Each audience comes after those it refers to.
    for audience in rules.audiences.reversed() where needed.contains(audience.id.text) {
      needed.formUnion((try? Rule(audience.expression))?.references ?? [])
    }
    return FeaturePlan(
      features: [],
      rules: FeatureRules(
        eligible: nil,
        goal: rules.goal,
        outcomeWindowDays: rules.outcomeWindowDays,
        exclusions: rules.exclusions,
        audiences: rules.audiences.filter { needed.contains($0.id.text) }
      ),
      events: EventSelection(),
      omissions: []
    )
  }
}
