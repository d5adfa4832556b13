import Bytes
import PQL

/// Makes a failing program small: takes the first smaller variant that fails too, as long as there is
/// one.
struct ProgramShrinker {
  /// How many variants are tried.
  private static let attemptCountMax = 3_000

  let fails: (Query) -> Bool

  func shrunk(_ query: Query) -> Query {
    var smallest = query
    var attempts = 0
    var isProgressing = true
    while isProgressing {
      isProgressing = false
      for body in Self.variants(of: smallest.body) {
        attempts += 1
        if attempts > Self.attemptCountMax { return smallest }
        let candidate = Query(parameters: smallest.parameters, body: body)
        guard Self.size(body) < Self.size(smallest.body), fails(candidate) else { continue }
        smallest = candidate
        isProgressing = true
        break
      }
    }
    return smallest
  }

  private static func size(_ expression: Expression) -> Int {
    expression.form.children.reduce(1) { $0 + size($1) }
  }

  /// The expression with one piece taken out or made simpler.
  private static func variants(of expression: Expression) -> [Expression] {
    let children = expression.form.children
    guard !children.isEmpty else { return [] }
    var result = children.filter { if case .outer = $0.form { false } else { true } }
    result += [.literal(true), .literal(1), .literal("x")]
    result += reductions(of: expression.form).map { Expression($0) }
    for (index, child) in children.enumerated() {
      for variant in variants(of: child) {
        var replaced = children
        replaced[index] = variant
        result.append(expression.replacingChildren(replaced))
      }
    }
    return result
  }

  /// The form with one of several parts left out.
  private static func reductions(of form: Expression.Form) -> [Expression.Form] {
    switch form {
    case .list(let items): without(items).map { .list($0) }
    case .object(let entries): without(entries).map { .object($0) }
    case .and(let terms) where terms.count > 2: without(terms).map { .and($0) }
    case .or(let terms) where terms.count > 2: without(terms).map { .or($0) }
    case .arithmetic(let first, let steps) where steps.count > 1:
      without(steps).map { .arithmetic(first, $0) }
    case .select(let declarations) where declarations.count > 1:
      without(declarations).map { .select($0) }
    case .chain(let chain) where chain.steps.count > 1:
      without(chain.steps).map { steps in
        var chain = chain
        chain.steps = steps
        return .chain(chain)
      }
    default: []
    }
  }

  private static func without<Element>(_ elements: [Element]) -> [[Element]] {
    elements.indices.map { index in
      var rest = elements
      rest.remove(at: index)
      return rest
    }
  }
}
