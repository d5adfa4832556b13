package import Bytes
package import Domain
import PQL
package import Propensity

/// What is measured of each profile, and who has a row: made once from an instance, the schema and a
/// survey of the data, and then the same on all hosts.
package struct FeaturePlan: Equatable, Sendable {
  /// Features at most; what comes later in the order of families is left out.
  package static let featureCountMax = 2_000

  /// A feature that was thought of and left out.
  package struct Omission: Hashable, Sendable {
    package enum Reason: UInt8, CaseIterable, Sendable {
      /// The goal reads it, or it reads what the goal does: it would tell the answer.
      case goalReadsIt = 0
      case excluded = 1
      /// It is, or it reads, what the cluster keeps of a profile, such as earlier scores.
      case system = 2
      /// Nearly every profile has a text of its own, or it repeats the profile's key.
      case tellsProfilesApart = 3
      /// There are more features than a plan may have.
      case tooMany = 4
    }

    /// As in the code of a feature.
    package var code: Text
    package var reason: Reason

    package init(code: Text, reason: Reason) {
      self.code = code
      self.reason = reason
    }
  }

  package internal(set) var features: [FeatureDefinition]
  package internal(set) var rules: FeatureRules
  package internal(set) var events: EventSelection
  package internal(set) var omissions: [Omission]

  /// Makes the plan of an instance.
  ///
  /// - Parameters:
  ///   - instance: what is to be learned.
  ///   - schema: the fields of the profile set.
  ///   - survey: what the set's shards hold, merged.
  ///   - audiences: all that there are, each after those it refers to; the plan keeps those it needs.
  /// - Throws: what is wrong with the instance.
  package init(
    _ instance: PropensityInstance,
    schema: Schema,
    survey: FeatureSurvey = FeatureSurvey(),
    audiences: [ProgramDefinition] = []
  ) throws(FeaturePlanError) {
    rules = FeatureRules(
      eligible: FeatureRules.eligible(of: instance, hasEvents: schema.event.count > 0),
      goal: instance.goal,
      outcomeWindowDays: instance.outcomeWindowDays,
      exclusions: instance.exclusions,
      audiences: []
    )
    let check = RuleCheck(rules)
    let goal = try check.check(instance)
    let choice = try AudienceChoice(
      of: audiences,
      instance,
      goal: goal.rule,
      eligible: try check.eligible()
    )
    rules.audiences = choice.needed
    try RuleCheck(rules).checkNames(goal)
    var attributes = AttributePlanner(goalPaths: choice.goalPaths, survey: survey)
    try attributes.add(schema.profile, chosen: instance.attributes)
    let events = EventPlanner(instance, survey: survey)
    self.events = events.selection
    omissions = attributes.omissions + choice.omissions
    let found = Self.distinct(attributes.features + choice.features + events.features)
    features = Array(found.prefix(Self.featureCountMax))
    omissions += found.dropFirst(Self.featureCountMax).map { feature in
      Omission(code: feature.code, reason: .tooMany)
    }
  }

  /// Features of different codes and names: of one code the first, and with its code behind its name
  /// where another one has the name.
  private static func distinct(_ features: [FeatureDefinition]) -> [FeatureDefinition] {
    var (codes, names): (Set<Text>, Set<Text>) = ([], [])
    return features.compactMap { feature in
      guard codes.insert(feature.code).inserted else { return nil }
      var feature = feature
      if !names.insert(feature.name).inserted {
        feature.name = Text("\(feature.name) (\(feature.code))")
        names.insert(feature.name)
      }
      return feature
    }
  }

  init(
    features: [FeatureDefinition],
    rules: FeatureRules,
    events: EventSelection,
    omissions: [Omission]
  ) {
    self.features = features
    self.rules = rules
    self.events = events
    self.omissions = omissions
  }
}

extension FeaturePlan {
  /// A column that is an attribute as it stands.
  package struct AttributeColumn: Hashable, Sendable {
    package var name: Text
    package var path: [Text]
    package var isCategory: Bool

    package init(name: Text, path: [Text], isCategory: Bool) {
      self.name = name
      self.path = path
      self.isCategory = isCategory
    }
  }

  /// The plan of a model that was made elsewhere, of numbers and texts of attributes: everybody has a
  /// row, and what the goal was is not known.
  package init(of columns: [AttributeColumn]) {
    self.init(
      features: columns.map { column in
        let path = Text(path: column.path)
        return FeatureDefinition(
          code: Text("attribute:\(path)"),
          name: column.name,
          group: path,
          kind: column.isCategory ? .category : .number,
          source: .attribute(path: column.path, column.isCategory ? .text : .number)
        )
      },
      rules: FeatureRules(
        eligible: nil,
        goal: .predicate("true"),
        outcomeWindowDays: 1,
        exclusions: [],
        audiences: []
      ),
      events: EventSelection(),
      omissions: []
    )
  }

  /// What of a profile each feature is made of, by the feature's name.
  package var origins: [Text: FeatureOrigin] {
    Dictionary(
      features.map { ($0.name, origin(of: $0.source)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The kinds of events that some features are about, each once.
  ///
  /// - Parameter features: of the plan.
  /// - Returns: with their numbers, ascending.
  package func kinds(
    of features: some Sequence<FeatureDefinition>
  ) -> [(number: Int, kind: EventKind)] {
    var numbers: Set<Int> = []
    for case .events(let kind, let measure) in features.map(\.source) {
      numbers.insert(kind)
      if case .follows(let second, _) = measure { numbers.insert(second) }
    }
    return numbers.sorted().map { ($0, events.kinds[$0]) }
  }

  private func origin(of source: FeatureDefinition.Source) -> FeatureOrigin {
    switch source {
    case .attribute(let path, let reading): .attribute(path: path, reading)
    case .membership: .audience
    case .events(_, let measure):
      switch measure {
      case .sum(let field, _), .mean(let field, _), .largest(let field, _):
        .eventField(path: events.numbers[field], .number)
      case .variety(let field, _), .last(let field):
        .eventField(path: events.texts[field], .text)
      case .recency, .tenure, .count, .dayCount, .trend, .slope, .gapMean, .gapDeviation,
        .gapRatio, .hourShare, .weekdayShare, .follows:
        .events
      }
    }
  }
}

extension FeatureDefinition {
  init(membershipOf audience: Name) {
    self.init(
      code: Text("membership:\(audience)"),
      name: Text("member of \(audience)"),
      group: Text("\(audience)"),
      kind: .flag,
      source: .membership(audience)
    )
  }
}
