package import Bytes
package import Domain

/// Equality and order of values, and what is read as a time.
package struct ValueRelations: Sendable {
  package let calendar: TimeCalendar

  package init(_ calendar: TimeCalendar) { self.calendar = calendar }

  // MARK: Times

  /// A time value's start, the instant of ISO text, or epoch milliseconds; else `nil`.
  package func moment(_ value: RuntimeValue) -> Instant? {
    switch value {
    case .time(let span): span.start
    case .data(let data): moment(data)
    case .array, .object: nil
    }
  }

  package func moment(_ value: Value) -> Instant? {
    switch value {
    case .string(let text): TimeText(text).map(calendar.instant)
    case .integer(let milliseconds): Instant(milliseconds: milliseconds).clamped
    case .double(let milliseconds): TimeCalendar.instant(milliseconds: milliseconds)
    case .boolean, .array, .object: nil
    }
  }

  /// The value as a reference: a time value is itself, a date alone is its day.
  package func reference(_ value: RuntimeValue) -> TimeSpan? {
    switch value {
    case .time(let span): span
    case .data(.string(let text)): TimeText(text).map(calendar.span)
    case .data(let data): moment(data).map { TimeSpan($0) }
    case .array, .object: nil
    }
  }

  // MARK: Equality

  /// Whether two values are equal; `steps` grows by the pairs of values looked at.
  package func areEqual(
    _ left: RuntimeValue,
    _ right: RuntimeValue,
    counting steps: inout Int
  ) -> Bool {
    steps += 1
    switch (left, right) {
    case (.data(let left), .data(let right)): return left.isEqual(to: right, counting: &steps)
    case (.time, _), (_, .time):
      guard let left = moment(left), let right = moment(right) else { return false }
      return left == right
    default: break
    }
    if let left = left.elements, let right = right.elements {
      return left.count == right.count
        && zip(left, right).allSatisfy { areEqual($0, $1, counting: &steps) }
    }
    if let left = left.fields, let right = right.fields {
      return left.count == right.count
        && zip(left, right).allSatisfy {
          $0.name == $1.name && areEqual($0.value, $1.value, counting: &steps)
        }
    }
    return false
  }

  package func contains(
    _ elements: RuntimeElements,
    _ value: RuntimeValue,
    counting steps: inout Int
  ) -> Bool {
    if let data = elements.data, case .data(let value) = value {
      return data.contains { $0.isEqual(to: value, counting: &steps) }
    }
    return elements.contains { areEqual($0, value, counting: &steps) }
  }

  // MARK: Order

  /// Whether `left` stands in the relation to `right`; false for what has no order.
  package func compare(
    _ left: RuntimeValue,
    _ comparison: Comparison,
    _ right: RuntimeValue,
    counting steps: inout Int
  ) -> Bool {
    switch comparison {
    case .equal: return areEqual(left, right, counting: &steps)
    case .notEqual: return !areEqual(left, right, counting: &steps)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: break
    }
    if let left = left.number, let right = right.number {
      return comparison.holds(left, right)
    }
    switch (left, right) {
    case (.time, _), (_, .time), (.data(.string), .data(.string)):
      guard let left = moment(left), let right = moment(right) else { return false }
      return comparison.holds(left, right)
    default: return false
    }
  }

  /// What `topN` and `bottomN` sort by: the number, or the milliseconds of a time or of ISO text.
  package func sortKey(_ value: RuntimeValue) -> Double? {
    if let number = value.number { return number }
    return moment(value).map { Double($0.milliseconds) }
  }
}

extension Comparison {
  fileprivate func holds<Operand: Comparable>(_ left: Operand, _ right: Operand) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}

extension Value {
  /// Equality of the language: integers and doubles are one kind, compared as doubles.
  package func isEqual(to other: Value) -> Bool {
    var steps = 0
    return isEqual(to: other, counting: &steps)
  }

  /// The same; `steps` grows by the pairs of values looked at.
  func isEqual(to other: Value, counting steps: inout Int) -> Bool {
    steps += 1
    switch (self, other) {
    case (.boolean(let left), .boolean(let right)): return left == right
    case (.string(let left), .string(let right)): return left == right
    case (.array(let left), .array(let right)):
      return left.count == right.count
        && zip(left, right).allSatisfy { $0.isEqual(to: $1, counting: &steps) }
    case (.object(let left), .object(let right)):
      return left.fields.count == right.fields.count
        && zip(left.fields, right.fields).allSatisfy {
          $0.name == $1.name && $0.value.isEqual(to: $1.value, counting: &steps)
        }
    default:
      guard let left = number, let right = other.number else { return false }
      return left == right
    }
  }
}

/// A value of the data, hashed by the language's equality.
struct ComparedValue: Hashable {
  let value: Value

  static func == (left: ComparedValue, right: ComparedValue) -> Bool {
    left.value.isEqual(to: right.value)
  }

  func hash(into hasher: inout Hasher) {
    switch value {
    case .boolean(let value): hasher.combine(value)
    case .integer, .double: hasher.combine(value.number)
    case .string(let text): hasher.combine(text)
    case .array(let values): for value in values { ComparedValue(value: value).hash(into: &hasher) }
    case .object(let object):
      for field in object.fields {
        hasher.combine(field.name)
        ComparedValue(value: field.value).hash(into: &hasher)
      }
    }
  }
}
