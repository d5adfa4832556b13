/// What a function takes and gives.
///
/// This table and the evaluation of a function are the two places a new function touches.
package struct Signature: Sendable {
  /// Kinds that fit a place; empty where any value does.
  package typealias Kinds = [ValueKind]

  package enum Parameter: Sendable {
    case value(Kinds)
    /// Evaluated once an element of the receiver, as an expression or as a lambda.
    case perItem(Kinds)
  }

  /// What the function is called on; `nil` when it is called on nothing.
  package var receiver: Kinds?
  package var parameters: [Parameter]
  /// How many of the parameters must be given.
  package var required: Int
  /// Whether the first parameter may be given any number of times.
  package var repeatsFirst = false
  /// Parameters of a lambda; 2 for a key and its value.
  package var lambdaParameterMax = 1
  package var result: ValueKind

  fileprivate init(
    on receiver: Kinds?,
    _ parameters: [Parameter] = [],
    required: Int? = nil,
    gives: ValueKind
  ) {
    self.receiver = receiver
    self.parameters = parameters
    self.required = required ?? parameters.count
    result = gives
  }

  /// How many arguments a call has beside its receiver.
  package var arity: Arity {
    Arity(least: required, most: repeatsFirst ? nil : parameters.count)
  }

  package var isPerItem: Bool {
    parameters.contains { if case .perItem = $0 { true } else { false } }
  }

  fileprivate static let moment: Kinds = [.time, .string, .number]
  fileprivate static let either: Kinds = [.array, .object]

  /// A test of two texts with a flag: whether case matters.
  fileprivate static var textTest: Signature {
    Signature(
      on: [.string],
      [.value([.string]), .value([.boolean])],
      required: 1,
      gives: .boolean
    )
  }

  /// The same of several texts.
  fileprivate static var severalTextTest: Signature {
    var signature = textTest
    signature.repeatsFirst = true
    return signature
  }
}

extension Function {
  package var signature: Signature {
    switch self {
    case .intersects, .subsetOf, .supersetOf:
      Signature(on: [.array], [.value([.array])], gives: .boolean)
    case .intersection: Signature(on: [.array], [.value([.array])], gives: .array)
    case .includes: Signature(on: [.array], [.value([])], gives: .boolean)
    case .distinct: Signature(on: [.array], gives: .array)
    case .head: Signature(on: [.array], gives: .unknown)
    case .filter: Signature(on: [.array], [.perItem([])], gives: .array)
    case .map: mapSignature
    case .groupBy: Signature(on: [.array], [.perItem([])], gives: .object)
    case .topN, .bottomN:
      Signature(on: [.array], [.perItem([]), .value([.number])], gives: .array)
    case .exists, .forall: Signature(on: [.array], [.perItem([])], required: 0, gives: .boolean)
    case .sum, .average:
      Signature(on: [.array], [.perItem([.number])], required: 0, gives: .number)
    // Of times they give the earliest or latest, as text.
    case .min, .max: Signature(on: [.array], [.perItem([])], required: 0, gives: .unknown)
    case .count: Signature(on: Signature.either, gives: .number)
    case .get: Signature(on: [.object], [.value([.string])], gives: .unknown)
    case .keys, .values: Signature(on: [.object], gives: .array)
    case .mapEntry: Signature(on: nil, [.value([]), .value([])], gives: .entry)
    case .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains, .doesNotContain:
      Signature.textTest
    case .equals, .notEqualTo: Signature.severalTextTest
    case .stringCompare:
      Signature(
        on: nil,
        [.value([.string]), .value([.string]), .value([.string, .array]), .value([.boolean])],
        required: 3,
        gives: .boolean
      )
    case .like, .matches: Signature(on: [.string], [.value([.string])], gives: .boolean)
    case .regexGroup:
      Signature(
        on: [.string],
        [.value([.string]), .value([.number])],
        required: 1,
        gives: .string
      )
    case .isNull, .isNotNull: Signature(on: [], gives: .boolean)
    case .currentMonth, .currentYear, .currentDayOfMonth: Signature(on: nil, gives: .number)
    case .getMonth, .getYear, .getDayOfMonth: Signature(on: Signature.moment, gives: .number)
    case .date:
      Signature(
        on: nil,
        [.value([.number]), .value([.number]), .value([.number])],
        gives: .time
      )
    case .timestamp: Signature(on: nil, [.value([.string])], gives: .time)
    case .inSegment: Signature(on: nil, [.value([.string])], gives: .boolean)
    }
  }

  private var mapSignature: Signature {
    var signature = Signature(on: Signature.either, [.perItem([])], gives: .collection)
    signature.lambdaParameterMax = 2
    return signature
  }

  package var hasReceiver: Bool { signature.receiver != nil }
}

extension ValueKind {
  /// Whether a value of this kind may be one of `wanted`; an empty list wants nothing special.
  package func fits(_ wanted: [ValueKind]) -> Bool {
    switch self {
    case .unknown, .null: true
    case .collection: wanted.isEmpty || wanted.contains(.array) || wanted.contains(.object)
    default: wanted.isEmpty || wanted.contains(self)
    }
  }
}
