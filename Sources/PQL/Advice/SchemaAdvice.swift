import Bytes
package import Domain

extension CheckedQuery {
  /// What a schema makes doubtful: fields that are not in it, and pieces that can never hold because of
  /// the kinds of their fields.
  ///
  /// Remarks only: the data decides, and it may hold tomorrow what it never held. They come in the
  /// order of the text, at most `Advice.countMax`.
  package func advice(for schema: Schema) -> [Advice] {
    var adviser = SchemaAdviser(self, schema)
    _ = adviser.shape(of: body)
    return Array(
      adviser.advice.sorted { $0.range.start < $1.range.start }.prefix(Advice.countMax)
    )
  }
}

/// Walks a definition with what the schema tells of each value.
struct SchemaAdviser {
  private(set) var advice: [Advice] = []
  private let source: Text
  private let events: FieldShape
  /// What is known of the implicit item of each level.
  private var items: [Int: FieldShape] = [:]
  private var variables: [Int: FieldShape] = [:]

  init(_ query: CheckedQuery, _ schema: Schema) {
    source = query.source
    let profile = FieldShape(schema.profile.asObject, place: .profile)
    items[0] = profile
    if let variable = query.profileVariable { variables[variable.slot] = profile }
    events = FieldShape(arrayOf: FieldShape(schema.event.asObject, place: .event))
  }

  mutating func remark(_ remark: Advice.Remark, at range: SourceRange) {
    advice.append(Advice(remark, at: range, in: source))
  }

  // MARK: Shapes

  mutating func shape(of expression: TypedExpression) -> FieldShape {
    switch expression.form {
    case .literal: return FieldShape(kinds: DataKinds(expression.kind))
    case .list(let items):
      let shapes = items.map { shape(of: $0) }
      let isUniform = shapes.allSatisfy { $0.kinds == shapes[0].kinds }
      return FieldShape(arrayOf: isUniform ? shapes.first : nil)
    case .item(let level): return items[level] ?? .unknown
    case .events: return events
    case .variable(let variable): return variables[variable.slot] ?? .unknown
    case .timeWord: return FieldShape(kinds: .time)
    case .path(let object, let names): return path(object, names, expression)
    case .call(let function, let arguments): return call(function, arguments, expression)
    case .perItem(let function, let call): return perItem(function, call, expression)
    case .conditional(let test, let then, let otherwise):
      _ = shape(of: test)
      let first = shape(of: then)
      let second = shape(of: otherwise)
      return first.kinds == second.kinds ? FieldShape(kinds: first.kinds) : .unknown
    case .negative(let operand): expect(operand, .number, by: "'-'")
    case .arithmetic(let first, let steps):
      expect(first, .number, by: steps.first.map { "'\($0.symbol.rawValue)'" } ?? "arithmetic")
      for step in steps { expect(step.operand, .number, by: "'\(step.symbol.rawValue)'") }
    case .comparison(let comparison, let left, let right):
      compare(left, comparison, right, at: expression.range)
    case .membership(let isNegated, let item, let array):
      let item = shape(of: item)
      let elements = shape(of: array)
      expect(elements, .array, by: isNegated ? "'notIn'" : "'in'", at: array.range)
      expectEqual(item, elements.element, at: expression.range)
    case .occurs(let subject, let test):
      expectMoment(subject, by: "'occurs'")
      for operand in test.operands { expectMoment(operand, by: "a time test") }
    case .binding(let variable, let value, let body):
      variables[variable.slot] = shape(of: value)
      return shape(of: body)
    case .comprehension(let comprehension, let declarations):
      return self.comprehension(comprehension, declarations, expression)
    case .chain(let chain): self.chain(chain)
    case .object, .not, .and, .or: for child in expression.children { _ = shape(of: child) }
    }
    return FieldShape(kinds: DataKinds(expression.kind))
  }

  private mutating func path(
    _ object: TypedExpression,
    _ names: [Text],
    _ expression: TypedExpression
  ) -> FieldShape {
    var current = shape(of: object)
    for (index, name) in names.enumerated() {
      switch current.property(name) {
      case .known(let shape): current = shape
      case .unknown: return .unknown
      case .missing(let candidates):
        // The store of memberships belongs to the cluster, not to the data.
        if case .profile = current.place, name == "segmentMembership" { return .unknown }
        let levels = index == 0 ? levelsOut(to: name, from: object) : nil
        let missing =
          levels.map { Advice.Remark.fieldOfOuterItem(name, owner: owner(of: current), levels: $0) }
          ?? .unknownField(
            name,
            owner: owner(of: current),
            nearest: nearest(to: name, among: candidates)
          )
        remark(missing, at: expression.range(ofName: index, in: source))
        return .unknown
      case .impossible:
        remark(
          .fieldOfPlainValue(name, found: current.kinds),
          at: expression.range(ofName: index, in: source)
        )
        return .unknown
      }
    }
    return current
  }

  /// How far out the nearest item is that has a field which this one lacks.
  private func levelsOut(to name: Text, from object: TypedExpression) -> Int? {
    guard case .item(let level) = object.form else { return nil }
    return (0..<level).reversed().first { outer in
      if case .known? = items[outer]?.property(name) { true } else { false }
    }.map { level - $0 }
  }

  private func owner(of shape: FieldShape) -> String {
    shape.kinds == .array ? owner(of: shape.element) : shape.place.owner
  }

  // MARK: Scopes

  mutating func bind(_ binding: ItemBody.Binding, to receiver: FieldShape) {
    let element = receiver.element
    switch binding {
    case .item(let level): items[level] = element
    case .variable(let variable): variables[variable.slot] = element
    case .entry(let key, let value):
      variables[key.slot] = FieldShape(kinds: .text)
      variables[value.slot] = element
    }
  }

  mutating func bind(_ variable: Variable, to shape: FieldShape) {
    variables[variable.slot] = shape
  }

  mutating func setItem(_ shape: FieldShape, at level: Int) { items[level] = shape }
}

extension SchemaNode {
  /// A root holds rows, which are objects, whether one was seen or not.
  fileprivate var asObject: SchemaNode {
    var node = self
    node.kinds.insert(.object)
    return node
  }
}

extension TypedExpression {
  /// Where a name of a path stands: found from the end of the path, which is its last name.
  fileprivate func range(ofName index: Int, in source: Text) -> SourceRange {
    guard case .path(_, let names) = form,
      let tokens = try? Lexer.tokens(of: Text(range.slice(of: source)))
    else { return range }
    let namesInText = tokens.filter(\.isName)
    let place = namesInText.count - names.count + index
    guard namesInText.indices.contains(place) else { return range }
    let token = namesInText[place].range
    return SourceRange(start: range.start + token.start, end: range.start + token.end)
  }
}
