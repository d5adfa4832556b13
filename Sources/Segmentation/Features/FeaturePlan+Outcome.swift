extension FeaturePlan {
  /// Whether the goal is judged by what happens in an outcome window behind each cut-off, and not by
  /// attributes alone.
  package var hasOutcomeWindow: Bool { (try? GoalRule(rules.goal))?.isOfWindow ?? false }
}
