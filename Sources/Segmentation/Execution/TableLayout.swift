import Bytes
import Domain
import ProfileStore

/// What has to be done with the tables that hold events of one type and have the same fields, or with
/// the attributes.
struct TableLayout {
  enum Target {
    /// Conditions of a word.
    case word(Int)
    /// Halves of a word's pairs.
    case halves(Int)
  }

  /// One way through the rows: up to 64 conditions of one word.
  struct Pass {
    var target: Target
    /// The bits of the conditions that are looked for.
    var bits: UInt64
    /// All of them need a time from some instant on.
    var hasFloor: Bool
    /// What the tables of the fields are put together with: a condition holds when all fields agree;
    /// with attributes each condition is of one field alone.
    var isOfAttributes: Bool
    /// Numbers of the fields that have to be looked at, ascending.
    var fields: [Int]
    /// By field and bit, the test's index in the field; -1 for none.
    var tests: [[Int]]
  }

  private(set) var passes: [Pass] = []
  /// Tests of time that something has as its floor.
  private(set) var floorTests: Set<Int> = []

  /// What there is to do with events.
  ///
  /// - Parameters:
  ///   - conditions: all that the program wants.
  ///   - program: knows the tests.
  ///   - type: the type of all events of the table; `nil` where each has its own.
  ///   - isPresent: by event field, whether the table has values of it.
  init(
    _ conditions: EventConditions,
    _ program: CompiledProgram,
    type: Text?,
    isPresent: [Bool]
  ) {
    let candidates = Candidates(program, type: type, isPresent: isPresent)
    for (number, word) in conditions.words.enumerated() {
      let bits = word.bits.enumerated().map { ($0, $1.match) }
      add(candidates.chosen(bits), .word(number))
    }
    for (number, halves) in conditions.halfWords.enumerated() {
      add(candidates.chosen(halves.enumerated().map { ($0, $1) }), .halves(number))
    }
  }

  /// What there is to do with attributes.
  init(_ conditions: AttributeConditions, _ program: CompiledProgram) {
    for (number, word) in conditions.words.enumerated() {
      let fields = Set(word.map(\.field)).sorted()
      passes.append(
        Pass(
          target: .word(number),
          bits: word.count == 64 ? .max : (1 << UInt64(word.count)) - 1,
          hasFloor: false,
          isOfAttributes: true,
          fields: fields,
          tests: fields.map { field in word.map { $0.field == field ? $0.test : -1 } }
        )
      )
    }
  }

  private mutating func add(_ chosen: [Candidates.Chosen], _ target: Target) {
    for hasFloor in [true, false] {
      let own = chosen.filter { ($0.floorTest != nil) == hasFloor }
      if own.isEmpty { continue }
      floorTests.formUnion(own.compactMap(\.floorTest))
      let fields = Set(own.flatMap { $0.tests.map(\.field) }).sorted()
      var tests = fields.map { _ in [Int](repeating: -1, count: 64) }
      for candidate in own {
        for test in candidate.tests {
          guard let field = fields.firstIndex(of: test.field) else { continue }
          tests[field][candidate.bit] = test.index
        }
      }
      passes.append(
        Pass(
          target: target,
          bits: own.reduce(0) { $0 | 1 << UInt64($1.bit) },
          hasFloor: hasFloor,
          isOfAttributes: false,
          fields: fields,
          tests: tests
        )
      )
    }
  }
}

/// Finds the conditions that can hold in a table.
private struct Candidates {
  struct Chosen {
    var bit: Int
    /// The tests that are left, by field and index in the field.
    var tests: [(field: Int, index: Int)]
    var floorTest: Int?
  }

  private let program: CompiledProgram
  private let isPresent: [Bool]
  /// By test, what it says of the type of all events; `nil` when that is not known.
  private var ofType: [Bool?]

  init(_ program: CompiledProgram, type: Text?, isPresent: [Bool]) {
    self.program = program
    self.isPresent = isPresent
    ofType = Array(repeating: nil, count: program.tests.count)
    guard let type else { return }
    for number in program.tests.indices where program.tests[number].isOfEventType {
      let test = program.tests[number]
      ofType[number] =
        test.texts.map { $0.others.contains(type) != $0.usual } ?? test.answer(.string(type))
    }
  }

  func chosen(_ bits: [(number: Int, match: EventConditions.Match)]) -> [Chosen] {
    bits.compactMap { number, match in
      guard let tests = left(of: match) else { return nil }
      return Chosen(bit: number, tests: tests, floorTest: match.floorTest)
    }
  }

  /// The tests of which a table's rows say more than that they are of its type and lack some fields;
  /// `nil` when one of the others fails.
  private func left(of match: EventConditions.Match) -> [(field: Int, index: Int)]? {
    if match.tests.contains(where: { ofType[$0] == false }) { return nil }
    var left: [(field: Int, index: Int)] = []
    for test in match.tests where ofType[test] == nil {
      let place = program.placeOfTest[test]
      if isPresent[place.field] {
        left.append((program.attributeFields.count + place.field, place.index))
      } else if !program.tests[test].ofMissing {
        return nil
      }
    }
    return left
  }
}

/// Tests of attributes, each with a place of its own in words of 64.
struct AttributeConditions {
  struct Bit {
    var node: Int
    var field: Int
    /// Its index in the field.
    var test: Int
  }

  private(set) var words: [[Bit]]

  init(_ program: CompiledProgram) {
    var bits: [Bit] = []
    for (number, node) in program.graph.nodes.enumerated() {
      guard case .attribute(let test) = node else { continue }
      let place = program.placeOfTest[test]
      bits.append(Bit(node: number, field: place.field, test: place.index))
    }
    bits.sort { $0.field < $1.field }
    words = stride(from: 0, to: bits.count, by: 64).map { start in
      Array(bits[start..<min(start + 64, bits.count)])
    }
  }
}
