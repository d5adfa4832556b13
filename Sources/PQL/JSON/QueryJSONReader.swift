import Bytes
import Domain

/// Reads a tree of `pql/json` nodes as the expression that says the same.
///
/// What it yields can be written as text; whether it means anything is for the checker to say.
struct QueryJSONReader {
  /// One step on the way from the root to where the reader stands.
  private enum PathStep {
    case member(Text)
    case index(Int)
  }

  var scope = NameScope()
  private var path: [PathStep] = []
  private var depth = 0
  private var nodeCount = 0

  mutating func query(_ document: Value) throws(PQLJSONError) -> Query {
    let root = try object(document)
    guard try type(of: root) == .lambda else { return Query(body: try node(document)) }
    guard case .lambda(let parameters, let body) = try lambda(root) else {
      return Query(body: try node(document))
    }
    return Query(parameters: parameters, body: body)
  }

  /// Reads a node that is an expression of its own.
  mutating func node(_ value: Value) throws(PQLJSONError) -> Expression {
    try expression(value, mayClimb: false)
  }

  /// Reads what something is taken from, which may be an outer item.
  mutating func base(_ value: Value) throws(PQLJSONError) -> Expression {
    try expression(value, mayClimb: true)
  }

  private mutating func expression(
    _ value: Value,
    mayClimb: Bool
  ) throws(PQLJSONError) -> Expression {
    depth += 1
    if depth > QueryLimits.treeDepthMax {
      throw fault(.nestedTooDeeply(limit: QueryLimits.treeDepthMax))
    }
    defer { depth -= 1 }
    try countNode()
    let object = try object(value)
    switch try type(of: object) {
    case .fnApply: return try application(object)
    case .fieldLookup, .path: return try lookup(object)
    case .parameterReference: return Expression(.parameter(try parameter(object)))
    case .literal: return try literal(object)
    case .varRef: return Expression(.name(try variableReference(object)))
    case .binding: return try binding(object)
    case .filter: return try filter(object)
    case .this: return Expression(.this)
    case .up where mayClimb:
      return Expression(.outer(levels: try integer("levels", of: object, in: 1...Int.max)))
    case .object: return try objectLiteral(object)
    case .list: return Expression(.list(try nodes("items", of: object)))
    case .occurs: return try occurs(object)
    case .timeWord: return Expression(.timeWord(try word("word", of: object)))
    case .chain: return try chain(object)
    case .arithmetic: return try mixedArithmetic(object)
    case .select: return try comprehension(object) { .select($0) }
    case .exists: return try comprehension(object) { .exists($0) }
    case .forall: return try comprehension(object) { .forall($0) }
    case .aggregate: return try aggregate(object)
    case .up: throw misplaced("up", "in an \"object\" or first among the \"params\" of a function")
    case .varDecl: throw misplaced("varDecl", "among \"variables\"")
    case .lambda: throw misplaced("lambda", "at the root or among the \"params\" of a function")
    case .calendarUnit: throw misplaced("calendarUnit", "in a \"reference\" of a time test")
    case .step: throw misplaced("step", "among the \"steps\" of a chain")
    }
  }

  private func misplaced(_ type: Text, _ place: String) -> PQLJSONError {
    fault(.misplaced(type, belongs: place))
  }

  mutating func type(of object: ObjectValue) throws(PQLJSONError) -> NodeType {
    let name = try text("nodeType", of: object)
    guard let type = NodeType(rawValue: name.string) else {
      let names = NodeType.allCases.map { Text($0.rawValue) }
      throw fault(.unknownNodeType(name, nearest: nearest(to: name, among: names)))
    }
    return type
  }

  // MARK: Faults

  func fault(_ problem: PQLJSONError.Problem) -> PQLJSONError {
    var place = ""
    for step in path {
      switch step {
      case .index(let index): place += "[\(index)]"
      case .member(let name): place += place.isEmpty ? "\(name)" : ".\(name)"
      }
    }
    return PQLJSONError(problem, at: place)
  }

  mutating func countNode() throws(PQLJSONError) {
    nodeCount += 1
    if nodeCount > QueryLimits.nodeCountMax {
      throw fault(.tooManyNodes(limit: QueryLimits.nodeCountMax))
    }
  }

  /// How many steps from the root the reader stands.
  var pathCount: Int { path.count }

  /// Goes on below a member, until `leave`.
  mutating func enter(_ name: Text) { path.append(.member(name)) }

  mutating func leave(to count: Int) { path.removeLast(path.count - count) }

  // MARK: Members

  /// Reads a member of an object; a fault inside says that it lies there.
  mutating func member<Result>(
    _ name: Text,
    of object: ObjectValue,
    _ read: (inout QueryJSONReader, Value) throws(PQLJSONError) -> Result
  ) throws(PQLJSONError) -> Result {
    path.append(.member(name))
    guard let value = object[name] else { throw fault(.expected("a value", found: "nothing")) }
    let result = try read(&self, value)
    path.removeLast()
    return result
  }

  /// Reads a member that may be missing.
  mutating func optional<Result>(
    _ name: Text,
    of object: ObjectValue,
    _ read: (inout QueryJSONReader, Value) throws(PQLJSONError) -> Result
  ) throws(PQLJSONError) -> Result? {
    object[name] == nil ? nil : try member(name, of: object, read)
  }

  /// Reads each element of a member that is an array.
  mutating func elements<Result>(
    _ name: Text,
    of object: ObjectValue,
    atLeast least: Int = 0,
    _ read: (inout QueryJSONReader, Value) throws(PQLJSONError) -> Result
  ) throws(PQLJSONError) -> [Result] {
    try member(name, of: object) { reader, value throws(PQLJSONError) in
      guard let elements = value.elements else {
        throw reader.fault(.expected("an array", found: value.kindInWords))
      }
      guard elements.count >= least else {
        throw reader.fault(.expected("at least one element", found: "an empty array"))
      }
      var results: [Result] = []
      for (index, element) in elements.enumerated() {
        results.append(try reader.element(index, element, read))
      }
      return results
    }
  }

  mutating func element<Result>(
    _ index: Int,
    _ value: Value,
    _ read: (inout QueryJSONReader, Value) throws(PQLJSONError) -> Result
  ) throws(PQLJSONError) -> Result {
    path.append(.index(index))
    let result = try read(&self, value)
    path.removeLast()
    return result
  }

  mutating func node(_ name: Text, of object: ObjectValue) throws(PQLJSONError) -> Expression {
    try member(name, of: object) { reader, value throws(PQLJSONError) in try reader.node(value) }
  }

  mutating func nodes(_ name: Text, of object: ObjectValue) throws(PQLJSONError) -> [Expression] {
    try elements(name, of: object) { reader, value throws(PQLJSONError) in try reader.node(value) }
  }

  func object(_ value: Value) throws(PQLJSONError) -> ObjectValue {
    guard case .object(let object) = value else {
      throw fault(.expected("a node", found: value.kindInWords))
    }
    return object
  }

  mutating func text(_ name: Text, of object: ObjectValue) throws(PQLJSONError) -> Text {
    try member(name, of: object) { reader, value throws(PQLJSONError) in
      guard let text = value.text else {
        throw reader.fault(.expected("text", found: value.kindInWords))
      }
      return text
    }
  }

  /// A name that the text of a definition can hold.
  mutating func name(_ value: Value) throws(PQLJSONError) -> Identifier {
    guard let text = value.text else {
      throw fault(.expected("text", found: value.kindInWords))
    }
    guard text.byteCount > 0, !text.utf8.contains(UInt8(ascii: "`")) else {
      throw fault(.badName(text))
    }
    return Identifier(text)
  }

  mutating func name(_ name: Text, of object: ObjectValue) throws(PQLJSONError) -> Identifier {
    try member(name, of: object) { reader, value throws(PQLJSONError) in try reader.name(value) }
  }

  mutating func flag(_ name: Text, of object: ObjectValue) throws(PQLJSONError) -> Bool {
    try optional(name, of: object) { reader, value throws(PQLJSONError) in
      guard let flag = value.boolean else {
        throw reader.fault(.expected("true or false", found: value.kindInWords))
      }
      return flag
    } ?? false
  }

  /// A whole number, cut to `QueryLimits.integerMax`.
  mutating func integer(
    _ name: Text,
    of object: ObjectValue,
    in range: ClosedRange<Int> = 0...Int.max
  ) throws(PQLJSONError) -> Int {
    try member(name, of: object) { reader, value throws(PQLJSONError) in
      guard let number = value.number, number.rounded(.towardZero) == number,
        number >= Double(range.lowerBound)
      else {
        throw reader.fault(
          .expected("a whole number from \(range.lowerBound)", found: value.kindInWords)
        )
      }
      return Int(min(number, Double(QueryLimits.integerMax)))
    }
  }

  /// One of the words of an enumeration, without regard to the case of ASCII letters.
  mutating func word<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: Text,
    of object: ObjectValue
  ) throws(PQLJSONError) -> Choice {
    try member(name, of: object) { reader, value throws(PQLJSONError) in
      guard let text = value.text else {
        throw reader.fault(.expected("text", found: value.kindInWords))
      }
      let choice = Choice.allCases.first { $0.rawValue == text.string.lowercased() }
      guard let choice else {
        let choices = Choice.allCases.map { Text($0.rawValue) }
        throw reader.fault(.unknownWord(text, choices: choices))
      }
      return choice
    }
  }

  // MARK: Scopes

  mutating func bind(_ names: [Identifier]) { for name in names { scope.bind(name.text) } }

  mutating func unbind(_ names: [Identifier]) { for name in names { scope.unbind(name.text) } }

  mutating func insideItem<Result>(
    _ read: (inout QueryJSONReader) throws(PQLJSONError) -> Result
  ) throws(PQLJSONError) -> Result {
    scope.enterItem()
    defer { scope.leaveItem() }
    return try read(&self)
  }
}
