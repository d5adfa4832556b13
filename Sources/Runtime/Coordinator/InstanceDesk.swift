import Bytes
import Cluster
import Domain
import PQL
import Platform
import Propensity
import Segmentation

/// Reads instances that clients apply and plans the features of trainings, on a thread beside the loop.
final class InstanceDesk: Sendable {
  struct Application: Sendable {
    var peer: PeerID
    var request: UInt64
    var files: [[UInt8]]
    var isDryRun: Bool
  }

  private enum Order: Sendable {
    case check(Application)
    case plan(FeatureOrder)
  }

  enum Outcome: Sendable {
    case checked(Application, Result<[InstanceRecord], ClusterError>)
    case planned(JobID, Result<PlannedFeatures, ClusterError>)
  }

  private let orders = BlockingQueue<Order>()
  private let thread: WorkerThread

  /// Starts the thread; outcomes are told on it.
  init(notify: @escaping @Sendable (Outcome) -> Void) throws(PlatformError) {
    let orders = self.orders
    thread = try WorkerThread(named: "covey-instances") {
      while let order = orders.pop() {
        switch order {
        case .check(let application):
          notify(.checked(application, Self.records(of: application.files)))
        case .plan(let order): notify(.planned(order.job, Self.features(for: order)))
        }
      }
    }
  }

  func check(_ application: Application) { orders.push(.check(application)) }

  func plan(_ order: FeatureOrder) { orders.push(.plan(order)) }

  /// Ends the thread after what it was given.
  func close() {
    orders.close()
    thread.join()
  }

  /// All the instances, or what is wrong with the first bad one.
  static func records(of files: [[UInt8]]) -> Result<[InstanceRecord], ClusterError> {
    Result { () throws(ClusterError) in
      var records: [InstanceRecord] = []
      for (index, file) in files.enumerated() {
        let instance: PropensityInstance
        do throws(InstanceError) {
          instance = try PropensityInstance(json: file)
        } catch {
          throw ClusterError(.badInstance, "instance \(index + 1): \(error)")
        }
        try check(instance)
        guard let name = Name(instance.name) else {
          throw ClusterError(.badInstance, "'\(instance.name)' is no name for an instance")
        }
        records.append(InstanceRecord(name: name, file: instance.json()))
      }
      return records
    }
  }

  /// Finds what is wrong with an instance whatever set it is for.
  private static func check(_ instance: PropensityInstance) throws(ClusterError) {
    do throws(FeaturePlanError) {
      _ = try FeaturePlan(instance, schema: Schema())
    } catch {
      switch error {
      case .rule, .notOfOneEvent, .hiddenName:
        throw ClusterError(.badInstance, "instance '\(instance.name)': \(error)")
      // Fields and audiences are those of the set that it will be trained on.
      case .unknownAttribute, .unknownAudience, .audience: return
      }
    }
  }

  static func features(for order: FeatureOrder) -> Result<PlannedFeatures, ClusterError> {
    Result { () throws(ClusterError) in
      var survey = FeatureSurvey()
      do throws(DecodingError) {
        for bytes in order.surveys {
          var reader = ByteReader(bytes)
          survey = survey.merging(try FeatureSurvey(from: &reader))
        }
      } catch {
        throw ClusterError(.failed, "a worker's survey of the data cannot be read: \(error)")
      }
      let plan: FeaturePlan
      let instance: PropensityInstance
      do {
        instance = try PropensityInstance(json: order.instance)
        plan = try FeaturePlan(
          instance,
          schema: order.schema,
          survey: survey,
          audiences: order.definitions.map(ProgramDefinition.init)
        )
      } catch {
        throw ClusterError(.badInstance, "\(error)", next: "covey propensity apply FILE")
      }
      var writer = ByteWriter()
      plan.encode(into: &writer)
      var planned = PlannedFeatures(
        plan: writer.bytes,
        hasOutcomeWindow: plan.hasOutcomeWindow,
        omitted: plan.omissions.map { OmittedFeature(name: $0.code, reason: Text($0.reason.word)) },
        remarks: remarks(on: instance, order.schema)
      )
      planned.numericTexts = numericTexts(among: plan, order.schema)
      planned.origins = plan.origins
      planned.lookBackDays = plan.rules.lookBackDays
      return planned
    }
  }

  /// Attributes that a plan has as categories, or leaves out as names, and that have numbers among
  /// their samples.
  private static func numericTexts(among plan: FeaturePlan, _ schema: Schema) -> [NumericTexts] {
    var codes = Set(plan.omissions.filter { $0.reason == .tellsProfilesApart }.map(\.code))
    for feature in plan.features {
      if case .attribute(_, .text) = feature.source { codes.insert(feature.code) }
    }
    func found(in node: SchemaNode, _ path: [Text]) -> [NumericTexts] {
      var all: [NumericTexts] = []
      let field = Text(path: path)
      if node.kinds == .string, codes.contains(Text("attribute:\(field)")),
        let sample = node.samples.first(where: { isNumber($0) })
      {
        all.append(NumericTexts(field: field, sample: sample))
      }
      for (name, inner) in node.fields.sorted(by: { $0.key < $1.key }) {
        all += found(in: inner, path + [name])
      }
      return all
    }
    return found(in: schema.profile, [])
  }

  /// Whether a text is a number as JSON has them, so that codes with zeros in front are none, or stands for
  /// one that is not finite, such as `NaN`.
  private static func isNumber(_ text: Text) -> Bool {
    switch try? Value.parse(json: Array(text.utf8)) {
    case .integer?, .double?: true
    default: Double(text.string).map { !$0.isFinite } ?? false
    }
  }

  /// Fields that rules name and the set does not have, and the like.
  private static func remarks(on instance: PropensityInstance, _ schema: Schema) -> [Text] {
    var rules: [(field: String, text: Text)] = []
    if case .predicate(let goal) = instance.goal { rules.append(("goal", goal)) }
    if let eligible = instance.eligible { rules.append(("field 'eligible'", eligible)) }
    return rules.flatMap { rule -> [Text] in
      guard let query = try? CheckedQuery(rule.text) else { return [] }
      return query.advice(for: schema).map { Text("the \(rule.field) at \($0)") }
    }
  }
}

extension FeaturePlan.Omission.Reason {
  /// As reports have it.
  fileprivate var word: String {
    switch self {
    case .goalReadsIt: "goalReadsIt"
    case .excluded: "excluded"
    case .system: "system"
    case .tellsProfilesApart: "tellsProfilesApart"
    case .tooMany: "tooMany"
    }
  }
}
