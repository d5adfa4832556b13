import Bytes
import Domain

/// Properties, variables and literals.
extension QueryJSONReader {
  mutating func parameter(_ object: ObjectValue) throws(PQLJSONError) -> Int {
    try integer("position", of: object, in: 1...Int.max)
  }

  mutating func variableReference(_ object: ObjectValue) throws(PQLJSONError) -> Text {
    let name = try name("varName", of: object).text
    guard scope.isBound(name) else {
      throw fault(.unknownVariable(name, nearest: nearest(to: name, among: scope.names)))
    }
    return name
  }

  // MARK: Properties

  /// Reads properties inside each other as one path.
  mutating func lookup(_ outermost: ObjectValue) throws(PQLJSONError) -> Expression {
    // The way in is a loop, so that a long path needs no deep stack.
    let place = pathCount
    var names: [Identifier] = []
    var current = outermost
    while true {
      switch try type(of: current) {
      case .fieldLookup: names.append(try name("fieldName", of: current))
      case .path:
        let further = try elements("names", of: current, atLeast: 1) {
          reader,
          value throws(PQLJSONError) in try reader.name(value)
        }
        names.append(contentsOf: further.reversed())
      default:
        let result = try properties(names.reversed(), of: current)
        leave(to: place)
        return result
      }
      try countNode()
      enter("object")
      guard let inner = current["object"] else {
        throw fault(.expected("a node", found: "nothing"))
      }
      current = try object(inner)
    }
  }

  private mutating func properties(
    _ names: [Identifier],
    of object: ObjectValue
  ) throws(PQLJSONError) -> Expression {
    let first = names[0].text
    let isFree = !scope.isBound(first)
    let type = try type(of: object)
    let isProfile = try isProfile(object, type)
    if isProfile, first == .xEvent { return following(Expression(.events), names) }
    if isFree, type == .this || isProfile && scope.level == 0 {
      return following(Expression(.name(first)), names)
    }
    let base = isProfile ? Expression(.parameter(1)) : try base(.object(object))
    return Expression(.path(base, names))
  }

  /// What stands for the first name, with the rest as its path.
  private func following(_ first: Expression, _ names: [Identifier]) -> Expression {
    names.count == 1 ? first : Expression(.path(first, Array(names.dropFirst())))
  }

  private mutating func isProfile(
    _ object: ObjectValue,
    _ type: NodeType
  ) throws(PQLJSONError) -> Bool {
    switch type {
    case .parameterReference: try parameter(object) == 1
    case .literal: object["literalType"]?.text == "XDMObject" && object["value"]?.text == "profile"
    default: false
    }
  }

  // MARK: Literals

  mutating func literal(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let type = try text("literalType", of: object)
    switch type {
    case "Null": return Expression(.literal(.null))
    case "List":
      return Expression(
        .list(
          try elements("value", of: object) { reader, value throws(PQLJSONError) in
            try reader.listItem(value)
          }
        )
      )
    default: break
    }
    return try member("value", of: object) { reader, value throws(PQLJSONError) in
      switch (type, value) {
      case ("String", .string), ("Boolean", .boolean), ("Double", .double), ("Double", .integer),
        ("Integer", .integer):
        return try reader.plain(value)
      case ("Integer", .double(let number)) where number.rounded(.towardZero) == number:
        return try reader.plain(value)
      case ("String", _): throw reader.fault(.expected("text", found: value.kindInWords))
      case ("Boolean", _):
        throw reader.fault(.expected("true or false", found: value.kindInWords))
      case ("Double", _): throw reader.fault(.expected("a number", found: value.kindInWords))
      case ("Integer", _):
        throw reader.fault(.expected("a whole number", found: value.kindInWords))
      case ("XDMObject", .string("profile")): return Expression(.parameter(1))
      case ("XDMObject", _):
        throw reader.fault(.expected("the text \"profile\"", found: value.kindInWords))
      default: throw reader.unknownLiteral(type)
      }
    }
  }

  private func unknownLiteral(_ type: Text) -> PQLJSONError {
    let types: [Text] = ["String", "Boolean", "Double", "Integer", "Null", "List", "XDMObject"]
    return fault(.unknownLiteralType(type, nearest: nearest(to: type, among: types)))
  }

  /// An element of a literal list: plain JSON or a node.
  private mutating func listItem(_ value: Value) throws(PQLJSONError) -> Expression {
    switch value {
    case .boolean, .integer, .double, .string:
      try countNode()
      return try plain(value)
    case .object: return try node(value)
    case .array: throw fault(.expected("a boolean, a number, text or a node", found: "an array"))
    }
  }

  /// A plain JSON value as a literal; a sign is an operator.
  private func plain(_ value: Value) throws(PQLJSONError) -> Expression {
    switch value {
    case .boolean(let value): return Expression(.literal(.boolean(value)))
    case .string(let text): return Expression(.literal(.string(text)))
    default:
      guard let number = value.number, number.isFinite else {
        throw fault(.expected("a number", found: value.kindInWords))
      }
      let literal = Expression(.literal(.number(number.magnitude)))
      return number.sign == .minus ? Expression(.negative(literal)) : literal
    }
  }

  mutating func objectLiteral(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let entries = try member("fields", of: object) { reader, fields throws(PQLJSONError) in
      switch fields {
      case .object(let fields): return try reader.entries(fields)
      case .array(let pairs): return try reader.entries(pairs)
      default:
        throw reader.fault(.expected("an object or an array", found: fields.kindInWords))
      }
    }
    return Expression(.object(entries))
  }

  private mutating func entries(_ fields: ObjectValue) throws(PQLJSONError) -> [ObjectEntry] {
    var entries: [ObjectEntry] = []
    for field in fields.fields {
      let value = try node(field.name, of: fields)
      entries.append(ObjectEntry(key: Identifier(field.name), value: value))
    }
    return entries
  }

  private mutating func entries(_ pairs: [Value]) throws(PQLJSONError) -> [ObjectEntry] {
    var entries: [ObjectEntry] = []
    for (index, pair) in pairs.enumerated() {
      entries.append(
        try element(index, pair) { reader, pair throws(PQLJSONError) in
          let pair = try reader.object(pair)
          let key = Identifier(try reader.text("key", of: pair))
          return ObjectEntry(key: key, value: try reader.node("value", of: pair))
        }
      )
    }
    return entries
  }
}
