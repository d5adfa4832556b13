import Bytes

/// Numbers the parts of a program's work on one shard.
struct MeterParts: Sendable {
  /// What definitions share, whatever the shard.
  enum Part: Hashable, Sendable {
    /// Compiling, and making shards ready for it.
    case readying
    /// Putting conditions together.
    case program
    /// Packing the members.
    case members
    /// Finding out which tests a field's values pass: codes and others, or numbers by cuts among them.
    case values(field: Int)
    case cuts(field: Int)
    /// A word of tests of attributes.
    case attributes(word: Int)
    /// Conditions on the events of a type, `nil` for all that have no table of their own.
    case events(type: Text?)
    /// Halves of pairs among the events of a type.
    case halves(type: Text?)
    /// Adding a field, and comparing what was added over several types of events.
    case sums(value: Int)
    case sumsAcross
    /// Looking for all pairs.
    case pairs
    /// Looking for a pair, by its number among the conditions.
    case pair(Int)
    /// Asking the interpreter, by the number of the residual.
    case residual(Int)
  }

  /// By number.
  let parts: [Part]
  static let program = 0
  static let members = 1
  static let pairs = 2
  static let sumsAcross = 3
  private static let firstField = 4
  private let firstWord: Int
  private let firstValue: Int
  private let firstType: Int
  private let typeCount: Int

  init(
    fieldCount: Int,
    attributes: AttributeConditions,
    _ conditions: EventConditions,
    eventTypes: [Text]
  ) {
    var parts: [Part] = [.program, .members, .pairs, .sumsAcross]
    parts += (0..<fieldCount).flatMap { [Part.values(field: $0), .cuts(field: $0)] }
    firstWord = parts.count
    parts += attributes.words.indices.map { .attributes(word: $0) }
    firstValue = parts.count
    parts += conditions.values.indices.map { .sums(value: $0) }
    firstType = parts.count
    typeCount = eventTypes.count
    for type in eventTypes.map(Optional.some) + [nil] {
      parts += [.events(type: type), .halves(type: type)]
    }
    self.parts = parts
  }

  func values(of field: Int) -> Int { Self.firstField + 2 * field }

  func cuts(of field: Int) -> Int { Self.firstField + 2 * field + 1 }

  func attributes(word: Int) -> Int { firstWord + word }

  func sums(of value: Int) -> Int { firstValue + value }

  /// Of the events of a table by the number of their type, which is none where types are mixed.
  func events(ofType type: Int) -> Int {
    firstType + 2 * (0..<typeCount ~= type ? type : typeCount)
  }

  func halves(ofType type: Int) -> Int { events(ofType: type) + 1 }
}
