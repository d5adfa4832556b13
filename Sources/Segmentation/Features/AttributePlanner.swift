import Bytes
import Domain
import PQL
import Propensity

/// Chooses features from the attributes that a schema knows.
///
/// Objects are gone into; arrays are counted; maps, the profile's events and what the cluster keeps
/// by itself are no features. A field with texts and with other values has a feature for each.
struct AttributePlanner {
  /// Top-level fields that the cluster writes, or that say who somebody is.
  static let systemFields: Set<Text> = ["covey", "segmentMembership", "identityMap", "xEvent"]
  /// The deepest field that is looked at.
  private static let depthMax = 16

  private(set) var features: [FeatureDefinition] = []
  private(set) var omissions: [FeaturePlan.Omission] = []
  private let goalPaths: [[Text]]
  private let survey: FeatureSurvey
  private var included: [[Text]]?
  private var excluded: [[Text]] = []

  /// Takes the ways to the fields that the goal reads, and what the set holds.
  init(goalPaths: [[Text]], survey: FeatureSurvey) {
    self.goalPaths = goalPaths
    self.survey = survey
  }

  /// Adds the features of all attributes, by path.
  mutating func add(
    _ profile: SchemaNode,
    chosen: PropensityInstance.Attributes
  ) throws(FeaturePlanError) {
    if let include = chosen.include {
      included = try paths(include, field: "attributes.include", in: profile)
    }
    excluded = try paths(chosen.exclude, field: "attributes.exclude", in: profile)
    addFields(of: profile, path: [])
  }

  private func paths(
    _ texts: [Text],
    field: Text,
    in profile: SchemaNode
  ) throws(FeaturePlanError) -> [[Text]] {
    var paths: [[Text]] = []
    for text in texts {
      guard let names = FieldProjection(text)?.names, profile.node(at: names) != nil else {
        let nearest = PQL.nearest(to: text, among: profile.pathTexts(depthMax: Self.depthMax))
        throw .unknownAttribute(text, field: field, nearest: nearest)
      }
      paths.append(names)
    }
    return paths
  }

  // MARK: Fields

  private mutating func addFields(of node: SchemaNode, path: [Text]) {
    guard path.count < Self.depthMax else { return }
    for (name, field) in node.fields.sorted(by: { $0.key < $1.key }) {
      add(field, path: path + [name])
    }
  }

  private mutating func add(_ node: SchemaNode, path: [Text]) {
    let text = Text(path: path)
    if Self.systemFields.contains(path[0]) { return omit(text, .system) }
    if excluded.contains(where: { path.starts(with: $0) }) { return omit(text, .excluded) }
    if goalPaths.contains(where: { path.starts(with: $0) }) { return omit(text, .goalReadsIt) }
    if isChosen(path) { addReadings(node, path: path, text) }
    if !node.isMap { addFields(of: node, path: path) }
  }

  private mutating func addReadings(_ node: SchemaNode, path: [Text], _ text: Text) {
    let readings = FieldReading.allCases.filter { node.has($0) }
    if readings.isEmpty { return }
    // A goal that looks into a field may look at the whole of it.
    if goalPaths.contains(where: { $0.starts(with: path) }) { return omit(text, .goalReadsIt) }
    for reading in readings {
      let feature = FeatureDefinition(attribute: path, reading, of: node)
      let tellsProfilesApart =
        reading == .text && survey.tellsProfilesApart(path)
        || reading == .number && survey.repeatsKeys(path)
      if tellsProfilesApart {
        omissions.append(FeaturePlan.Omission(code: feature.code, reason: .tellsProfilesApart))
      } else {
        features.append(feature)
      }
    }
  }

  private func isChosen(_ path: [Text]) -> Bool {
    guard let included else { return true }
    return included.contains { path.starts(with: $0) }
  }

  private mutating func omit(_ text: Text, _ reason: FeaturePlan.Omission.Reason) {
    omissions.append(FeaturePlan.Omission(code: Text("attribute:\(text)"), reason: reason))
  }
}

extension FeatureDefinition {
  fileprivate init(attribute path: [Text], _ reading: FieldReading, of node: SchemaNode) {
    let text = Text(path: path)
    let isAlone = reading != .text || !node.has(.number)
    let (suffix, name, kind): (String, String, Kind) =
      switch reading {
      case .number: ("", "\(text)", node.kinds.isDisjoint(with: .numbers) ? .flag : .number)
      case .text: (isAlone ? "" : "#text", isAlone ? "\(text)" : "text of \(text)", .category)
      case .age: ("#days", "days since \(text)", .age)
      case .elementCount: ("#count", "number of \(text)", .number)
      }
    self.init(
      code: Text("attribute:\(text)\(suffix)"),
      name: Text(name),
      group: text,
      kind: kind,
      source: .attribute(path: path, reading)
    )
  }
}

extension FieldKinds {
  fileprivate static let numbers: FieldKinds = [.integer, .double]
}

extension SchemaNode {
  /// Whether the field has values that are read so.
  fileprivate func has(_ reading: FieldReading) -> Bool {
    let hasTimes = textForm == .date || textForm == .instant
    guard reading.suits(kinds) else { return false }
    return switch reading {
    case .number, .elementCount: true
    case .text: !hasTimes
    case .age: hasTimes
    }
  }

  fileprivate func node(at names: [Text]) -> SchemaNode? {
    var node = self
    for name in names {
      guard let field = node.fields[name] else { return nil }
      node = field
    }
    return node
  }

  /// The paths of all fields, ascending, as they are written.
  fileprivate func pathTexts(depthMax: Int, under path: [Text] = []) -> [Text] {
    guard path.count < depthMax else { return [] }
    return fields.sorted { $0.key < $1.key }.flatMap { name, field in
      [Text(path: path + [name])]
        + field.pathTexts(depthMax: depthMax, under: path + [name])
    }
  }
}
