import Bytes
import PQL

/// Definitions at random, from a seed: every construct of the language, mostly of fitting kinds.
///
/// They are made as syntax, not as text, so that the printer is under test as well. Programs read the
/// data of `ProgramProfiles`.
struct RandomPrograms {
  /// How many constructs stand inside each other at most.
  static let depthMax = 5

  var random: SeededRandom
  /// The implicit items, the profile first.
  var items: [ProgramType] = [.record(.profile)]
  var variables: [(name: Text, type: ProgramType)] = []

  /// Whether most conditions are to depend on the clock.
  let isAboutTime: Bool

  init(seed: UInt64, isAboutTime: Bool = false) {
    random = SeededRandom(seed: seed)
    self.isAboutTime = isAboutTime
  }

  mutating func next() -> Query {
    items = [.record(.profile)]
    variables = []
    if isAboutTime { return Query(body: clockCondition(1 + random.below(3))) }
    let type = ProgramType.roots[random.below(ProgramType.roots.count)]
    let depth = 1 + random.below(Self.depthMax)
    guard random.oneIn(12) else { return Query(body: expression(type, depth)) }
    variables = [("P", .record(.profile))]
    return Query(parameters: [Identifier("P")], body: expression(type, depth))
  }

  /// An expression that is meant to yield a type, now and then one that does not.
  mutating func expression(_ wanted: ProgramType, _ depth: Int) -> Expression {
    let type =
      random.oneIn(40) ? ProgramType.roots[random.below(ProgramType.roots.count)] : wanted
    if depth <= 0 || random.oneIn(7) { return leaf(type) }
    if random.oneIn(14) { return anyConstruct(type, depth - 1) }
    switch type {
    case .boolean: return boolean(depth - 1)
    case .number: return number(depth - 1)
    case .text: return text(depth - 1)
    case .time: return time(depth - 1)
    case .array(let element): return array(element, depth - 1)
    case .map(let element): return map(element, depth - 1)
    case .record(let record): return self.record(record, depth - 1)
    }
  }

  /// Constructs that may yield anything.
  private mutating func anyConstruct(_ type: ProgramType, _ depth: Int) -> Expression {
    if random.oneIn(2) {
      let test = expression(.boolean, depth)
      let then = expression(type, depth)
      return Expression(.conditional(test, then, expression(type, depth)))
    }
    let bound = ProgramType.roots[random.below(ProgramType.roots.count)]
    let value = expression(bound, depth)
    let name = variableName()
    let body = binding([(name, bound)]) { $0.expression(type, depth) }
    return Expression(.binding(Identifier(name), value: value, body: body))
  }

  // MARK: Scopes

  mutating func variableName() -> Text { pick(ProgramWords.variables) }

  mutating func binding<Result>(
    _ names: [(name: Text, type: ProgramType)],
    _ make: (inout RandomPrograms) -> Result
  ) -> Result {
    variables += names
    defer { variables.removeLast(names.count) }
    return make(&self)
  }

  mutating func insideItem<Result>(
    _ type: ProgramType,
    _ make: (inout RandomPrograms) -> Result
  ) -> Result {
    items.append(type)
    defer { items.removeLast() }
    return make(&self)
  }

  /// What a function evaluates for each element: an expression or a lambda.
  mutating func perItem(
    _ element: ProgramType,
    _ type: ProgramType,
    _ depth: Int
  ) -> Argument {
    if !random.oneIn(3) {
      return .expression(insideItem(element) { $0.expression(type, depth) })
    }
    let name = variableName()
    let body = binding([(name, element)]) { $0.expression(type, depth) }
    return .lambda(parameters: [Identifier(name)], body: body)
  }

  // MARK: Choices

  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[random.below(choices.count)]
  }

  mutating func several<Element>(
    _ counts: ClosedRange<Int>,
    _ make: (inout RandomPrograms) -> Element
  ) -> [Element] {
    (0..<counts.lowerBound + random.below(counts.count)).map { _ in make(&self) }
  }

  func call(_ function: Function, _ receiver: Expression, _ arguments: Argument...) -> Expression {
    Expression(
      .call(Identifier(Text(function.rawValue)), [.expression(receiver)] + arguments)
    )
  }

  // MARK: Leaves

  mutating func leaf(_ type: ProgramType) -> Expression {
    if !random.oneIn(3), let reference = reference(type) { return reference }
    if random.oneIn(60) { return Expression(.literal(.null)) }
    switch type {
    case .boolean: return .literal(random.oneIn(2))
    case .number: return .literal(pick([0, 1, 2, 3, 18, 40, -1, 0.1, 2.5, 1e300]))
    case .text: return .literal(pick(ProgramWords.texts))
    case .time: return timeLiteral()
    case .array(.record(.event)): return Expression(.events)
    case .array(let element):
      return Expression(.list(several(0...3) { $0.leaf(element) }))
    case .map(let element):
      let keys = ProgramWords.keys.prefix(random.below(3))
      return Expression(
        .object(keys.map { ObjectEntry(key: Identifier($0), value: leaf(element)) })
      )
    case .record(let record):
      return Expression(
        .object(
          record.fields.prefix(2).map {
            ObjectEntry(key: Identifier($0.name), value: leaf($0.type))
          }
        )
      )
    }
  }

  /// A field, an item or a variable of a type, if one is in reach.
  private mutating func reference(_ type: ProgramType) -> Expression? {
    var candidates: [(base: Expression, names: [Text])] = []
    func add(_ base: Expression, _ baseType: ProgramType) {
      for names in paths(from: baseType, to: type) { candidates.append((base, names)) }
    }
    for variable in variables { add(Expression(.name(variable.name)), variable.type) }
    for (level, item) in items.enumerated().reversed() {
      let climb = items.count - 1 - level
      add(climb == 0 ? Expression(.this) : Expression(.outer(levels: climb)), item)
    }
    if items.count > 1 || random.oneIn(8) { add(Expression(.parameter(1)), .record(.profile)) }
    guard !candidates.isEmpty else { return nil }
    let (base, names) = pick(candidates)
    switch base.form {
    // A property of the innermost item mostly stands by itself.
    case .this where !names.isEmpty && !random.oneIn(8):
      return .path(Expression(.name(names[0])), Array(names.dropFirst()))
    case .outer where names.isEmpty: return nil
    default: return .path(base, names)
    }
  }

  /// The ways from a value of one type down to one of another, by properties.
  private func paths(from start: ProgramType, to type: ProgramType) -> [[Text]] {
    var found: [[Text]] = start == type ? [[]] : []
    guard case .record(let record) = start else { return found }
    for field in record.fields {
      if field.type == type { found.append([field.name]) }
      guard case .record(let inner) = field.type else { continue }
      for nested in inner.fields where nested.type == type {
        found.append([field.name, nested.name])
      }
    }
    return found
  }
}
