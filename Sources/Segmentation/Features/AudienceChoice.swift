import Bytes
import Domain
import PQL
import Propensity

/// Chooses the audiences that a plan needs: those whose memberships are features, those that rules ask
/// about, and those that these ask about.
struct AudienceChoice {
  /// Audiences that are features where an instance names none.
  static let featureCountMax = 64

  /// In the order of their ids.
  private(set) var features: [FeatureDefinition] = []
  private(set) var omissions: [FeaturePlan.Omission] = []
  /// Those that are needed, in the order that was given.
  private(set) var needed: [ProgramDefinition] = []

  /// The ways to the fields that the goal reads, by itself and by the audiences it asks about.
  private(set) var goalPaths: [[Text]]

  private let known: [Text: ProgramDefinition]
  private var rules: [Text: Rule] = [:]
  private let goal: Rule

  /// Makes the choice.
  ///
  /// - Parameters:
  ///   - audiences: all that there are, each after those it refers to.
  ///   - instance: what is to be learned.
  ///   - goal: its goal.
  ///   - eligible: the rule of its eligible population.
  /// - Throws: an audience that is not known, or whose rule cannot be read.
  init(
    of audiences: [ProgramDefinition],
    _ instance: PropensityInstance,
    goal: Rule,
    eligible: Rule?
  ) throws(FeaturePlanError) {
    known = Dictionary(audiences.map { ($0.id.text, $0) }) { first, _ in first }
    self.goal = goal
    goalPaths = goal.query.profilePaths
    for (_, rule) in try closure(goal.references) { goalPaths += rule.query.profilePaths }
    try add(goal.references, field: "goal")
    if let eligible { try add(eligible.references, field: "eligible") }
    for (index, id) in (instance.memberships ?? []).enumerated() where known[id] == nil {
      throw .unknownAudience(id, field: Text("memberships[\(index)]"))
    }
    let candidates = Set(instance.memberships ?? audiences.map(\.id.text)).sorted()
    for id in candidates {
      guard let audience = known[id] else { continue }
      let feature = FeatureDefinition(membershipOf: audience.id)
      if let reason = try reasonToOmit(id) {
        omissions.append(FeaturePlan.Omission(code: feature.code, reason: reason))
      } else if instance.memberships == nil && features.count >= Self.featureCountMax {
        omissions.append(FeaturePlan.Omission(code: feature.code, reason: .tooMany))
      } else {
        features.append(feature)
        try add([id], field: "memberships")
      }
    }
    needed = audiences.filter { rules[$0.id.text] != nil }
  }

  /// Adds audiences that are needed, with those they ask about as far as these are known.
  private mutating func add(_ ids: [Text], field: Text) throws(FeaturePlanError) {
    for id in ids where known[id] == nil { throw .unknownAudience(id, field: field) }
    for (id, rule) in try closure(ids) { rules[id] = rule }
  }

  /// The rules of some audiences and of those they ask about.
  private func closure(_ ids: [Text]) throws(FeaturePlanError) -> [Text: Rule] {
    var found: [Text: Rule] = [:]
    var pending = ids
    while let id = pending.popLast() {
      guard found[id] == nil, let audience = known[id] else { continue }
      let rule: Rule
      do throws(RuleError) {
        rule = try Rule(audience.expression)
      } catch {
        throw .audience(ProgramError(id: audience.id, .rule(error)))
      }
      found[id] = rule
      pending += rule.references
    }
    return found
  }

  /// Why an audience's membership would tell what it must not.
  private func reasonToOmit(_ id: Text) throws(FeaturePlanError) -> FeaturePlan.Omission.Reason? {
    if goal.references.contains(id) { return .goalReadsIt }
    let paths = try closure([id]).values.flatMap { $0.query.profilePaths }
    if paths.contains(where: { AttributePlanner.systemFields.contains($0[0]) }) { return .system }
    let tells = paths.contains { path in
      goalPaths.contains { $0.starts(with: path) || path.starts(with: $0) }
    }
    return tells ? .goalReadsIt : nil
  }
}
