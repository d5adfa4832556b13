package import Bytes
package import Domain

/// What an expression yields; null is `nil`.
///
/// What is or was built of data alone is `data`; only what holds a time somewhere needs more.
package enum RuntimeValue: Sendable {
  case data(Value)
  case time(TimeSpan)
  /// Holds a time at some depth.
  case array([RuntimeValue])
  /// Holds a time at some depth; fields are in ascending order of their names, each name once.
  case object([RuntimeField])

  package static func boolean(_ value: Bool) -> RuntimeValue { .data(.boolean(value)) }

  /// The number, or `nil` for an infinity or NaN.
  package static func number(_ value: Double) -> RuntimeValue? {
    value.isFinite ? .data(.double(value)) : nil
  }

  package static func text(_ value: Text) -> RuntimeValue { .data(.string(value)) }
}

package struct RuntimeField: Sendable {
  package var name: Text
  package var value: RuntimeValue

  package init(name: Text, value: RuntimeValue) {
    self.name = name
    self.value = value
  }
}

extension RuntimeValue {
  package var number: Double? { if case .data(let value) = self { value.number } else { nil } }

  package var text: Text? { if case .data(let value) = self { value.text } else { nil } }

  package var boolean: Bool? { if case .data(let value) = self { value.boolean } else { nil } }

  /// How a time moves with the clock.
  var motion: ClockMotion? { if case .time(let span) = self { span.motion } else { nil } }

  /// The elements of an array.
  package var elements: RuntimeElements? {
    switch self {
    case .data(.array(let values)): RuntimeElements(values)
    case .array(let values): RuntimeElements(values)
    default: nil
    }
  }

  /// The fields of an object in ascending order of their names.
  package var fields: [RuntimeField]? {
    switch self {
    case .data(.object(let object)):
      object.fields.map { RuntimeField(name: $0.name, value: .data($0.value)) }
    case .object(let fields): fields
    default: nil
    }
  }

  /// The value as JSON: a time is the text of its start in UTC, with milliseconds; a whole number has
  /// no fraction.
  package var json: Value {
    switch self {
    case .data(let value): value.withWholeNumbers
    case .time(let span): .string(Text(span.start.isoMilliseconds))
    case .array(let values): .array(values.map(\.json))
    case .object(let fields): .object(fields.map { ($0.name, $0.value.json) })
    }
  }

  /// The value of `name` in an object; taken from every element of an array and joined, arrays among
  /// the results spliced in.
  package func property(_ name: Text) -> RuntimeValue? {
    switch self {
    case .data(let value): value.projected(name).map(RuntimeValue.data)
    case .time: nil
    case .object(let fields): fields.first { $0.name == name }?.value
    case .array(let values):
      RuntimeArrayBuilder.joined(values.compactMap { $0.property(name) })
    }
  }
}

extension RuntimeValue? {
  /// Whether the value counts as true where a condition is wanted: null and an empty array do not,
  /// a boolean is itself, everything else does because it exists.
  package var inBooleanPosition: Bool {
    switch self {
    case nil: false
    case .data(.boolean(let value)): value
    case .data(.array(let values)): !values.isEmpty
    default: true
    }
  }
}

extension Value {
  fileprivate func projected(_ name: Text) -> Value? {
    switch self {
    case .object(let object): return object[name]
    case .array(let values):
      var joined: [Value] = []
      for value in values {
        switch value.projected(name) {
        case nil: continue
        case .array(let inner): joined.append(contentsOf: inner)
        case .some(let single): joined.append(single)
        }
      }
      return .array(joined)
    default: return nil
    }
  }

  /// The same value with every double that is a whole number of at most 53 bits as an integer.
  fileprivate var withWholeNumbers: Value {
    switch self {
    case .double(let value):
      if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 {
        .integer(whole)
      } else {
        self
      }
    case .array(let values): .array(values.map(\.withWholeNumbers))
    case .object(let object):
      .object(object.fields.map { ($0.name, $0.value.withWholeNumbers) })
    default: self
    }
  }
}

/// The elements of an array, whatever it is made of.
package struct RuntimeElements: RandomAccessCollection, Sendable {
  private enum Storage: Sendable {
    case data([Value])
    case mixed([RuntimeValue])
  }

  private let storage: Storage

  package init(_ values: [Value]) { storage = .data(values) }
  package init(_ values: [RuntimeValue]) { storage = .mixed(values) }

  package static let none = RuntimeElements([] as [Value])

  package var startIndex: Int { 0 }

  package var endIndex: Int {
    switch storage {
    case .data(let values): values.count
    case .mixed(let values): values.count
    }
  }

  package subscript(index: Int) -> RuntimeValue {
    switch storage {
    case .data(let values): .data(values[index])
    case .mixed(let values): values[index]
    }
  }

  /// The elements when no time is among them.
  package var data: [Value]? { if case .data(let values) = storage { values } else { nil } }
}

/// Collects the elements of a new array; null is left out.
package struct RuntimeArrayBuilder {
  private var data: [Value] = []
  private var mixed: [RuntimeValue]?

  package init() {}

  package mutating func append(_ value: RuntimeValue?) {
    guard let value else { return }
    if mixed != nil {
      mixed?.append(value)
    } else if case .data(let plain) = value {
      data.append(plain)
    } else {
      mixed = data.map(RuntimeValue.data) + [value]
      data = []
    }
  }

  package var array: RuntimeValue { mixed.map(RuntimeValue.array) ?? .data(.array(data)) }

  /// The values as one array, arrays among them spliced in.
  package static func joined(_ values: [RuntimeValue]) -> RuntimeValue {
    var builder = RuntimeArrayBuilder()
    for value in values {
      if let elements = value.elements {
        for element in elements { builder.append(element) }
      } else {
        builder.append(value)
      }
    }
    return builder.array
  }

  /// An object of the pairs; a null value is left out, of equal names the last one stays.
  package static func object(_ pairs: [(Text, RuntimeValue?)]) -> RuntimeValue {
    var values: [Text: RuntimeValue] = [:]
    for case (let name, let value?) in pairs { values[name] = value }
    var plain: [ObjectValue.Field] = []
    for case (let name, .data(let value)) in values {
      plain.append(ObjectValue.Field(name: name, value: value))
    }
    if plain.count == values.count { return .data(.object(ObjectValue(plain))) }
    return .object(
      values.sorted { $0.key < $1.key }.map { RuntimeField(name: $0.key, value: $0.value) }
    )
  }
}
