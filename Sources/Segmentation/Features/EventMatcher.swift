import Bytes
import Domain
import PQL
import ProfileStore

/// Finds out which events are custom ones of a plan, and which are excluded.
final class EventMatcher {
  /// A condition on one event, asked of one after the other.
  private struct Condition {
    /// The kind of events that fulfil it; 0 when they are excluded.
    var kind: UInt64
    var name: Text
    var interpreter: ReferenceInterpreter
    var readsProfile: Bool
  }

  private var conditions: [Condition] = []
  private let context: EvaluationContext
  private let cutOff: Int64
  /// Kinds that some event may be of by a condition.
  private var kinds: UInt64 = 0
  /// The first condition without an answer.
  private(set) var failure: (rule: Text, EvaluationFailure)?

  init(_ plan: FeaturePlan, _ cutOff: CutOff) throws(FeatureError) {
    context = EvaluationContext(now: cutOff.instant)
    self.cutOff = cutOff.instant.milliseconds
    for (number, kind) in plan.events.kinds.enumerated() {
      guard case .custom(let condition) = kind.meaning else { continue }
      let bit = UInt64(1) << UInt64(number)
      kinds |= bit
      conditions.append(try Self.condition(condition, name: kind.name, kind: bit))
    }
    for (number, exclusion) in plan.rules.exclusions.enumerated() {
      conditions.append(try Self.condition(exclusion, name: Text("exclusions[\(number)]"), kind: 0))
    }
  }

  private static func condition(
    _ text: Text,
    name: Text,
    kind: UInt64
  ) throws(FeatureError) -> Condition {
    do throws(RuleError) {
      let rule = try Rule(Text("xEvent[(\(text))].exists()"))
      return Condition(
        kind: kind,
        name: name,
        interpreter: ReferenceInterpreter(rule.query),
        readsProfile: !rule.query.profilePaths.isEmpty
      )
    } catch {
      throw .plan(.rule(field: name, error))
    }
  }

  /// Adds the custom kinds of a table's events and takes all kinds from those that are excluded.
  ///
  /// - Parameters:
  ///   - column: the table.
  ///   - profiles: by row, its profile.
  ///   - instants: by row; only those before the cut-off are looked at.
  ///   - rowCount: rows of the table.
  ///   - kinds: by row, the kinds so far.
  /// - Returns: the kinds that may have been added.
  /// - Throws: damage that was found.
  func match(
    _ column: EventColumn,
    profiles: UnsafePointer<UInt16>,
    instants: UnsafePointer<Int64>,
    rowCount: Int,
    into kinds: UnsafeMutablePointer<UInt64>
  ) throws(StoreError) -> UInt64 {
    if conditions.isEmpty { return 0 }
    for row in 0..<rowCount where unsafe instants[row] < cutOff {
      let event = try column.event(row)
      for condition in conditions {
        let profile = Int(unsafe profiles[row])
        guard try fulfils(condition, event, column, profile) else { continue }
        unsafe kinds[row] = condition.kind == 0 ? 0 : kinds[row] | condition.kind
      }
    }
    return self.kinds
  }

  private func fulfils(
    _ condition: Condition,
    _ event: Value,
    _ column: EventColumn,
    _ profile: Int
  ) throws(StoreError) -> Bool {
    let block = try column.block.values()
    var object = condition.readsProfile ? block.attributes(profile) : ObjectValue()
    object[.xEvent] = .array([event])
    do throws(EvaluationError) {
      return try condition.interpreter.isMember(.object(object), in: context)
    } catch {
      let failure = EvaluationFailure(
        key: block.key(profile),
        message: Text(error.description)
      )
      if self.failure.map({ failure.key < $0.1.key }) ?? true {
        self.failure = (condition.name, failure)
      }
      return false
    }
  }
}
