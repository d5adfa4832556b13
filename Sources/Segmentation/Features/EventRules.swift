import Bytes
import Domain
import PQL

/// The conditions of a plan on single events: what makes a custom event, and what excludes one.
struct EventRules: Sendable {
  struct Condition: Sendable {
    /// The kind of events that fulfil it, as a bit; 0 when they are excluded.
    var kind: UInt64
    var name: Text
    var interpreter: ReferenceInterpreter
    var readsProfile: Bool
  }

  let conditions: [Condition]
  /// A definition for each condition: whether some event fulfils it.
  let program: SegmentProgram

  init(_ plan: FeaturePlan) throws(FeatureError) {
    var texts: [(kind: UInt64, name: Text, text: Text)] = []
    for (number, kind) in plan.events.kinds.enumerated() {
      guard case .custom(let condition) = kind.meaning else { continue }
      texts.append((UInt64(1) << UInt64(number), kind.name, condition))
    }
    for (number, exclusion) in plan.rules.exclusions.enumerated() {
      texts.append((0, Text("exclusions[\(number)]"), exclusion))
    }
    var conditions: [Condition] = []
    var definitions: [ProgramDefinition] = []
    for (number, (kind, name, text)) in texts.enumerated() {
      let rule: Rule
      let expression = EventRule.expression(text)
      do throws(RuleError) {
        rule = try Rule(expression)
      } catch {
        throw .plan(.rule(field: name, error))
      }
      conditions.append(
        Condition(
          kind: kind,
          name: name,
          interpreter: ReferenceInterpreter(rule.query),
          readsProfile: !rule.query.profilePaths.isEmpty
        )
      )
      guard let id = Name("condition-\(number)") else { continue }
      definitions.append(
        ProgramDefinition(id: id, version: 1, expression: expression, timeZone: nil)
      )
    }
    self.conditions = conditions
    do throws(ProgramError) {
      program = try SegmentProgram(definitions, zones: .utcOnly)
    } catch {
      throw .rules(error)
    }
  }
}

extension CompiledProgram {
  /// The matches one of which an event has to fit for a definition to hold by that event alone; `nil`
  /// when a definition asks for more than that.
  func matches(ofDefinition number: Int) -> [Int]? {
    let root = roots[number]
    switch (graph.nodes[root.node], root.isNegated) {
    case (.exists, false): return [root.node]
    case (.constant, true): return []
    case (.and(let terms), true):
      var nodes: [Int] = []
      for term in terms {
        guard term.isNegated, case .exists = graph.nodes[term.node] else { return nil }
        nodes.append(term.node)
      }
      return nodes
    default: return nil
    }
  }
}
