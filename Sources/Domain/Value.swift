package import Bytes

/// A value of the data: what JSON can say, with 64-bit integers kept apart from doubles.
///
/// A missing value is not a `Value` but `nil`; arrays and objects never hold null. Times are the
/// text they were written as: the language reads them where a time is wanted.
package enum Value: Hashable, Sendable {
  case boolean(Bool)
  case integer(Int64)
  case double(Double)
  case string(Text)
  case array([Value])
  case object(ObjectValue)

  package static func string(_ string: String) -> Value { .string(Text(string)) }

  /// An object of the pairs; of equal names the last one stays.
  package static func object(_ pairs: [(Text, Value)]) -> Value {
    .object(ObjectValue(pairs.map { ObjectValue.Field(name: $0.0, value: $0.1) }))
  }
}

/// An object: fields in ascending order of their names' UTF-8 bytes, each name once.
package struct ObjectValue: Hashable, Sendable {
  package struct Field: Hashable, Sendable {
    package var name: Text
    package var value: Value

    package init(name: Text, value: Value) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var fields: [Field]

  /// Sorts the fields; of equal names the last one stays.
  package init(_ fields: [Field] = []) {
    var sorted = fields
    if !ObjectValue.ascends(sorted) {
      let ranked = sorted.enumerated().sorted {
        $0.element.name == $1.element.name
          ? $0.offset < $1.offset : $0.element.name < $1.element.name
      }
      sorted.removeAll(keepingCapacity: true)
      for (_, field) in ranked {
        if let last = sorted.last, last.name == field.name { sorted.removeLast() }
        sorted.append(field)
      }
    }
    self.fields = sorted
  }

  package subscript(name: Text) -> Value? {
    get {
      let index = position(of: name)
      return index < fields.count && fields[index].name == name ? fields[index].value : nil
    }
    set {
      let index = position(of: name)
      let exists = index < fields.count && fields[index].name == name
      switch (newValue, exists) {
      case (.some(let value), true): fields[index].value = value
      case (.some(let value), false): fields.insert(Field(name: name, value: value), at: index)
      case (.none, true): fields.remove(at: index)
      case (.none, false): break
      }
    }
  }

  package var isEmpty: Bool { fields.isEmpty }

  /// Index of the first field whose name is not below `name`.
  private func position(of name: Text) -> Int {
    var low = 0
    var high = fields.count
    while low < high {
      let middle = (low + high) / 2
      if fields[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func ascends(_ fields: [Field]) -> Bool {
    for index in fields.indices.dropFirst()
    where !(fields[index - 1].name < fields[index].name) {
      return false
    }
    return true
  }
}

extension Value {
  /// The value of a field of an object; `nil` for every other kind.
  package subscript(name: Text) -> Value? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  package var text: Text? { if case .string(let text) = self { text } else { nil } }

  package var elements: [Value]? { if case .array(let values) = self { values } else { nil } }

  package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

  package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// The number as a double, integers included.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}
