import Bytes
import Domain

/// Comprehensions, time tests and chains.
extension QueryJSONReader {
  mutating func comprehension(
    _ object: ObjectValue,
    _ form: ([Declaration]) -> Expression.Form
  ) throws(PQLJSONError) -> Expression {
    let declarations = try boundDeclarations(object)
    unbind(declarations.map(\.variable))
    return Expression(form(declarations))
  }

  mutating func aggregate(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let aggregate: Aggregate = try word("fnName", of: object)
    let declarations = try boundDeclarations(object)
    let value = try optional("value", of: object) { reader, value throws(PQLJSONError) in
      try reader.node(value)
    }
    unbind(declarations.map(\.variable))
    return Expression(.aggregate(aggregate, value: value, declarations))
  }

  /// Reads declarations from left to right and leaves their variables bound.
  private mutating func boundDeclarations(
    _ object: ObjectValue
  ) throws(PQLJSONError) -> [Declaration] {
    try elements("variables", of: object, atLeast: 1) { reader, value throws(PQLJSONError) in
      let node = try reader.object(value)
      guard try reader.type(of: node) == .varDecl else {
        throw reader.fault(.expected("a \"varDecl\" node", found: "another node"))
      }
      let variable = try reader.name("varName", of: node)
      let source = try reader.node("from", of: node)
      reader.bind([variable])
      let condition = try reader.optional("where", of: node) {
        reader,
        value throws(PQLJSONError) in try reader.node(value)
      }
      return Declaration(variable: variable, source: source, condition: condition)
    }
  }

  // MARK: Time

  private enum TestForm: String, CaseIterable { case on, before, after, from, between, offset }

  mutating func occurs(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let subject = try node("subject", of: object)
    let test = try member("test", of: object) { reader, value throws(PQLJSONError) in
      try reader.timeTest(value)
    }
    return Expression(.occurs(subject, test))
  }

  private mutating func timeTest(_ value: Value) throws(PQLJSONError) -> TimeTest<Expression> {
    guard case .object(let test) = value else {
      throw fault(.expected("a time test", found: value.kindInWords))
    }
    let word: TestForm = try word("form", of: test)
    let form: TimeTest<Expression>.Form
    switch word {
    case .on: form = .on(try reference("reference", of: test))
    case .before: form = .before(try reference("reference", of: test))
    case .after: form = .after(try reference("reference", of: test))
    case .from: form = .from(try reference("reference", of: test))
    case .between:
      form = .between(
        try reference("reference", of: test),
        try reference("reference2", of: test)
      )
    case .offset:
      form = .offset(
        try self.word("comparison", of: test),
        count: try integer("count", of: test),
        try unit(of: test),
        try self.word("direction", of: test),
        try reference("reference", of: test)
      )
    }
    return TimeTest(form, isIgnoringYear: try flag("ignoringYear", of: test))
  }

  private mutating func unit(of object: ObjectValue) throws(PQLJSONError) -> TimeUnit {
    if let text = object["unit"]?.text, let unit = Word(text.utf8)?.unit { return unit }
    return try word("unit", of: object)
  }

  private mutating func reference(
    _ name: Text,
    of object: ObjectValue
  ) throws(PQLJSONError) -> TimeTest<Expression>.Reference {
    try member(name, of: object) { reader, value throws(PQLJSONError) in
      let node = try reader.object(value)
      guard try reader.type(of: node) == .calendarUnit else {
        return .moment(try reader.node(value))
      }
      return .unit(try reader.word("which", of: node), try reader.unit(of: node))
    }
  }

  // MARK: Chains

  mutating func chain(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let array = try node("array", of: object)
    let timestamp = try elements("timestamp", of: object, atLeast: 1) {
      reader,
      value throws(PQLJSONError) in try reader.name(value)
    }
    let steps = try elements("steps", of: object, atLeast: 1) {
      reader,
      value throws(PQLJSONError) in
      let step = try reader.step(try reader.object(value))
      if !step.isExcluded { reader.bind([step.label]) }
      return step
    }
    unbind(steps.filter { !$0.isExcluded }.map(\.label))
    return Expression(.chain(Chain(array: array, timestamp: timestamp, steps: steps)))
  }

  private mutating func step(_ object: ObjectValue) throws(PQLJSONError) -> Chain.Step {
    guard try type(of: object) == .step else {
      throw fault(.expected("a \"step\" node", found: "another node"))
    }
    let label = try name("label", of: object)
    let isExcluded = try flag("excluded", of: object)
    var step = try insideItem { reader throws(PQLJSONError) in
      var step = Chain.Step(
        label: label,
        isExcluded: isExcluded,
        what: try reader.node("what", of: object)
      )
      step.condition = try reader.optional("where", of: object) {
        reader,
        value throws(PQLJSONError) in try reader.node(value)
      }
      if object["when"] != nil {
        step.when = try reader.elements("when", of: object) {
          reader,
          value throws(PQLJSONError) in try reader.timeTest(value)
        }
      }
      return step
    }
    step.count = try optional("count", of: object) { reader, value throws(PQLJSONError) in
      try reader.countRange(try reader.object(value))
    }
    return step
  }

  private mutating func countRange(_ object: ObjectValue) throws(PQLJSONError) -> CountRange {
    let low = try integer("low", of: object)
    guard object["high"] != nil else { return CountRange(low: low) }
    // `count(< 0)` has the upper bound -1; such a range is empty whatever its lower bound.
    let high = try integer("high", of: object, in: -1...Int.max)
    return CountRange(low: high < 0 ? 0 : low, high: high)
  }
}
