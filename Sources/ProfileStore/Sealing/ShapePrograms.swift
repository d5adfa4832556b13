import Bytes
import Domain

/// The shapes of rows with names that hold for a whole shard, and how values of each are read.
///
/// A shape here is one of a batch whose names are numbers of `NameTable`.
struct ShapePrograms {
  /// One step of reading a value.
  struct Step {
    enum Role: UInt8 {
      case none
      /// The `eventType` of an event.
      case eventType
      /// The `timestamp` of an event.
      case timestamp
    }

    var kind: StepKind
    var role = Role.none
    /// A later field of the object has the same name: the value is read and dropped.
    var isDropped = false
    var node: Int32
    /// The step behind the value, and behind the fields of an object.
    var end: Int32
    var fieldCount: Int32 = 0
  }

  /// How values of one shape at one place are read.
  struct Program {
    var steps: [Step]
    /// The number of the shape; -1 when the table was full.
    var shape: Int
    /// How deep values lie below the shape's own.
    var depth: Int
  }

  private static let shapeCountMax = 65_536
  private static let shapeByteCountMax = 8 << 20

  private(set) var programs: [Program] = []
  private(set) var shapes = TextTable()
  private var known: [UInt64: Int] = [:]
  var tree = FieldTree()
  var names = NameTable()

  /// Writes a shape of a batch with this table's names.
  ///
  /// - Parameters:
  ///   - cursor: at the shape, which ends with it.
  ///   - batchNames: the numbers of the batch's names.
  ///   - output: the shape is appended.
  /// - Throws: why it is no shape.
  func translate(
    _ cursor: inout ByteCursor,
    _ batchNames: [UInt32],
    into output: inout [UInt8]
  ) throws(DecodingError) {
    var depth = 0
    // A shape is a value; behind a value comes the next field of the object around it.
    while true {
      let at = cursor.position
      let kind = try cursor.readByte()
      guard kind >= RowBatch.Shape.boolean, kind <= RowBatch.Shape.object else {
        throw .unknownTag(at: at, tag: UInt64(kind), of: "value kind")
      }
      output.append(kind)
      if kind == RowBatch.Shape.object {
        depth += 1
        guard depth <= RowBatch.nestingMax + 1 else {
          throw .nestingTooDeep(at: at, limit: RowBatch.nestingMax)
        }
      }
      while depth > 0 {
        let at = cursor.position
        let name = try cursor.readVarint()
        if name > 0 {
          guard name <= UInt64(batchNames.count) else {
            throw .invalidValue(at: at, what: "a field name of number \(name)")
          }
          output.append(varint: UInt64(batchNames[Int(name) - 1]) + 1)
          break
        }
        output.append(0)
        depth -= 1
      }
      if depth == 0 { break }
    }
    guard cursor.remaining == 0 else {
      throw .trailingBytes(at: cursor.position, count: cursor.remaining)
    }
  }

  /// The number of a translated shape; -1 when the table is full.
  mutating func number(ofShape bytes: [UInt8]) -> Int {
    let isFull =
      shapes.count >= ShapePrograms.shapeCountMax
      || shapes.byteCount + bytes.count > ShapePrograms.shapeByteCountMax
    let number = unsafe bytes.withUnsafeBytes { bytes in
      unsafe isFull ? shapes.find(bytes) : shapes.number(of: bytes)
    }
    return number ?? -1
  }

  /// The program for values of a shape at a place.
  ///
  /// - Parameters:
  ///   - number: the shape's number, or -1.
  ///   - bytes: the shape, when it has no number.
  ///   - node: where the values are.
  /// - Returns: the program, and its index when the shape has a number.
  /// - Throws: that such a row may not be.
  mutating func program(
    ofShape number: Int,
    _ bytes: @autoclosure () -> [UInt8],
    at node: Int32
  ) throws(DecodingError) -> (Program, index: Int?) {
    if number < 0 { return (try compile(bytes(), number: -1, node), nil) }
    let key = UInt64(number) << 32 | UInt64(UInt32(bitPattern: node))
    if let index = known[key] { return (programs[index], index) }
    let program = try compile(Array(shapes[number]), number: number, node)
    known[key] = programs.count
    programs.append(program)
    return (program, programs.count - 1)
  }

  private mutating func compile(
    _ bytes: [UInt8],
    number: Int,
    _ node: Int32
  ) throws(DecodingError) -> Program {
    var steps: [Step] = []
    var position = 0
    var depthMax = 0
    let fixed = (
      events: names.existingNumber(of: ReservedFields.events),
      type: names.existingNumber(of: ReservedFields.eventType),
      time: names.existingNumber(of: ReservedFields.timestamp)
    )
    func readVarint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte & 0x80 == 0 { break }
        shift += 7
      }
      return value
    }
    func compile(
      at node: Int32,
      depth: Int,
      _ role: Step.Role
    ) throws(DecodingError) {
      depthMax = max(depthMax, depth)
      let kind = bytes[position]
      position += 1
      let index = steps.count
      steps.append(Step(kind: StepKind(kind), role: role, node: node, end: 0))
      var fieldCount = 0
      if kind == RowBatch.Shape.object {
        var last: [UInt64: Int] = [:]
        while true {
          let name = readVarint()
          if name == 0 { break }
          let field = UInt32(truncatingIfNeeded: name - 1)
          var role = Step.Role.none
          if depth == 0 {
            if node == FieldTree.attributes, field == fixed.events {
              throw .invalidValue(at: 0, what: "an attribute named \(ReservedFields.events)")
            }
            if node == FieldTree.events, field == fixed.type { role = .eventType }
            if node == FieldTree.events, field == fixed.time { role = .timestamp }
          }
          let before = last.updateValue(steps.count, forKey: name)
          if let before {
            for index in before..<Int(steps[before].end) { steps[index].isDropped = true }
          } else {
            fieldCount += 1
          }
          try compile(
            at: tree.child(of: node, name: Int32(bitPattern: field)),
            depth: depth + 1,
            role
          )
        }
      }
      steps[index].end = Int32(truncatingIfNeeded: steps.count)
      steps[index].fieldCount = Int32(truncatingIfNeeded: fieldCount)
    }
    try compile(at: node, depth: 0, .none)
    return Program(steps: steps, shape: number, depth: depthMax)
  }
}

/// Fields of rows that mean something to the store itself.
enum ReservedFields {
  /// The profile's events; no attribute has this name.
  static let events: Text = "xEvent"
  static let eventType: Text = "eventType"
  static let timestamp: Text = "timestamp"
}

extension [UInt8] {
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// What a step reads; a type of this room, whose cases cost no call.
enum StepKind {
  case boolean
  case integer
  case double
  case string
  case key
  case array
  case object
  case date
  case second
  case millisecond

  /// The kind of a shape that was checked.
  init(_ shape: UInt8) {
    switch shape {
    case RowBatch.Shape.boolean: self = .boolean
    case RowBatch.Shape.integer: self = .integer
    case RowBatch.Shape.double: self = .double
    case RowBatch.Shape.string: self = .string
    case RowBatch.Shape.key: self = .key
    case RowBatch.Shape.array: self = .array
    case RowBatch.Shape.date: self = .date
    case RowBatch.Shape.second: self = .second
    case RowBatch.Shape.millisecond: self = .millisecond
    default: self = .object
    }
  }

  /// The style of dates and instants.
  var style: InstantStyle {
    switch self {
    case .date: .date
    case .second: .second
    default: .millisecond
    }
  }
}
