import PQL

/// What an expression reads of the profile and of the event it is about.
struct FieldReads {
  /// Each once, in the order of their first use.
  private(set) var paths: [FieldPath] = []
  /// It reads a whole profile or event, all events, memberships, or a chain's label.
  private(set) var isOpaque = false

  init(_ expression: TypedExpression, in scope: Scope) { read(expression, scope) }

  /// Depends on nothing but the instant of evaluation.
  var isConstant: Bool { paths.isEmpty && !isOpaque }

  /// The one field it depends on.
  var single: FieldPath? { paths.count == 1 && !isOpaque ? paths[0] : nil }

  var readsEvent: Bool { paths.contains { $0.root == .event } }

  private mutating func read(_ expression: TypedExpression, _ scope: Scope) {
    if isOpaque { return }
    if let path = scope.path(of: expression) { return note(path) }
    switch expression.form {
    case .events: isOpaque = true
    case .call(.inSegment, _): isOpaque = true
    case .variable(let variable):
      switch scope.meaning(of: variable) {
      case .value(let value, let outer): read(value, outer)
      case .label: isOpaque = true
      default: break
      }
    case .perItem(_, let call): read(call, scope)
    case .binding(let variable, let value, let body):
      var inner = scope
      inner.bind(variable, to: .value(value, scope))
      read(body, inner)
    case .comprehension(let comprehension, let declarations):
      var inner = scope
      for declaration in declarations {
        read(declaration.source, inner)
        inner.bind(declaration.variable, to: .inner(0))
        if let condition = declaration.condition { read(condition, inner) }
      }
      if case .aggregate(_, let value) = comprehension { read(value, inner) }
    case .chain(let chain): read(chain, scope)
    default: expression.forEachChild { read($0, scope) }
    }
  }

  private mutating func note(_ path: FieldPath) {
    // The property `xEvent` of a profile is the array of its events.
    if path.names.isEmpty || path.root == .profile && path.names[0] == .xEvent {
      isOpaque = true
    } else if !paths.contains(path) {
      paths.append(path)
    }
  }

  private mutating func read(_ call: PerItemCall, _ scope: Scope) {
    read(call.receiver, scope)
    if let amount = call.amount { read(amount, scope) }
    guard let body = call.body else { return }
    var inner = scope
    inner.bindInner(body.binding, 0)
    read(body.expression, inner)
  }

  private mutating func read(_ chain: TypedChain, _ scope: Scope) {
    read(chain.array, scope)
    var inner = scope
    inner.bind(level: chain.itemLevel, to: .inner(0))
    for step in chain.steps {
      read(step.what, inner)
      if let condition = step.condition { read(condition, inner) }
      for test in step.when { for operand in test.operands { read(operand, inner) } }
      if !step.isExcluded { inner.bind(step.label, to: .inner(0)) }
    }
  }
}

extension Scope {
  mutating func bindInner(_ binding: ItemBody.Binding, _ number: Int) {
    if case .entry(let key, let value) = binding {
      bind(key, to: .inner(number))
      bind(value, to: .inner(number))
    } else {
      bind(binding, to: .inner(number))
    }
  }
}
