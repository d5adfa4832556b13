package import Bytes

/// A remark on a definition that is accepted as it is, and where.
package struct Advice: Equatable, Sendable {
  /// The most remarks made on one definition.
  package static let countMax = 100

  package enum Remark: Equatable, Sendable {
    // Against a schema.
    /// `owner` is what does not have such a field, with its verb.
    case unknownField(Text, owner: String, nearest: Text?)
    /// An item further out has the field.
    case fieldOfOuterItem(Text, owner: String, levels: Int)
    case fieldOfPlainValue(Text, found: DataKinds)
    case neverEqual(DataKinds, DataKinds)
    case noOrder(DataKinds, DataKinds, Comparison)
    case textIsNoTime(by: String)
    case neverFits(DataKinds, wanted: DataKinds, by: String)

    // Of authoring.
    case manySteps(count: Int, limit: Int)
    case manyAggregations(count: Int, limit: Int)
    case deepNesting(levels: Int, limit: Int)
  }

  package var remark: Remark
  package var range: SourceRange
  package var position: SourcePosition

  init(_ remark: Remark, at range: SourceRange, in source: Text) {
    self.remark = remark
    self.range = range
    position = SourcePosition(offset: range.start, in: source)
  }
}

extension Advice: CustomStringConvertible {
  /// `line:column: message`.
  package var description: String { "\(position): \(remark)" }
}

extension Advice.Remark: CustomStringConvertible {
  /// One lower-case sentence: what never holds and why, or what would be better.
  package var description: String {
    switch self {
    case .unknownField(let name, let owner, let nearest):
      "\(owner) no field '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .fieldOfOuterItem(let name, let owner, let levels):
      "\(owner) no field '\(name)'; write '\(String(repeating: "^", count: levels)).\(name)' for the "
        + "one further out"
    case .fieldOfPlainValue(let name, let found):
      "this is \(found), it has no field '\(name)'"
    case .neverEqual(let left, let right) where left == .array || right == .array:
      "\(left) is never equal to \(left == .array ? right : left); use 'includes', 'in' or 'exists'"
    case .neverEqual(let left, let right): "\(left) is never equal to \(right)"
    case .noOrder(let left, let right, let comparison):
      "'\(comparison.rawValue)' between \(left) and \(right) never holds"
    case .textIsNoTime(let taker):
      "\(taker) needs a time, and the data's text here is none"
    case .neverFits(let found, let wanted, let taker):
      "this is \(found), \(taker) needs \(wanted)"
    case .manySteps(let count, let limit):
      "the chain has \(count) steps; Adobe saves definitions with at most \(limit)"
    case .manyAggregations(let count, let limit):
      "the definition has \(count) aggregations; more than \(limit) make it slow to evaluate"
    case .deepNesting(let levels, let limit):
      "arrays are searched \(levels) levels inside each other; more than \(limit) are hard to "
        + "read and slow"
    }
  }
}

/// The kinds a value of the data may have; none where nothing is known.
package struct DataKinds: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let boolean = DataKinds(rawValue: 1)
  package static let number = DataKinds(rawValue: 2)
  package static let text = DataKinds(rawValue: 4)
  package static let time = DataKinds(rawValue: 8)
  package static let array = DataKinds(rawValue: 16)
  package static let object = DataKinds(rawValue: 32)

  var isKnown: Bool { !isEmpty }
}

extension DataKinds: CustomStringConvertible {
  /// The kinds as they stand in a sentence: `text`, `a number or text`.
  package var description: String {
    let words: [(DataKinds, String)] = [
      (.boolean, "a boolean"), (.number, "a number"), (.text, "text"), (.time, "a time"),
      (.array, "an array"), (.object, "an object"),
    ]
    return alternatives(words.filter { contains($0.0) }.map(\.1))
  }
}

extension DataKinds {
  init(_ kind: ValueKind) {
    switch kind {
    case .unknown, .null, .entry: self = []
    case .boolean: self = .boolean
    case .number: self = .number
    case .string: self = .text
    case .time: self = .time
    case .array: self = .array
    case .object: self = .object
    case .collection: self = [.array, .object]
    }
  }

  init(_ kinds: [ValueKind]) { self = kinds.reduce([]) { $0.union(DataKinds($1)) } }
}
