import Bytes
import Domain
import ProfileStore

/// What can hold in tables that have events of one type and the same fields, or attributes, and which
/// tests tell.
struct TableLayout {
  /// A test of a field, by its index there, or what is left of it when only its floor counts.
  struct Test: Hashable, Comparable {
    /// Number of the field.
    var field: Int
    var index: Int
    /// It holds for all times from the first one on for which the test does.
    var isFloor = false

    static func < (left: Test, right: Test) -> Bool {
      if left.field != right.field { return left.field < right.field }
      if left.index != right.index { return left.index < right.index }
      return !left.isFloor && right.isFloor
    }
  }

  /// A condition that can hold, and the tests that are left of it.
  struct Chosen {
    /// Of the conditions of its kind.
    var number: Int
    var tests: [Test]
    /// Earlier events do not matter.
    var floor: Test?
  }

  private(set) var marks: [Chosen] = []
  private(set) var sums: [Chosen] = []
  private(set) var halves: [Chosen] = []
  let isOfAttributes: Bool

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
    isOfAttributes = false
    let candidates = Candidates(program, type: type, isPresent: isPresent)
    marks = candidates.chosen(conditions.marks.map(\.match))
    sums = candidates.chosen(conditions.sums.map(\.match)).sorted {
      (conditions.sums[$0.number].value, $0.number) < (conditions.sums[$1.number].value, $1.number)
    }
    halves = candidates.chosen(conditions.halves.map(\.match), conditions.halves.map(\.floor))
  }

  /// What there is to do with attributes.
  init(_ conditions: AttributeConditions) {
    isOfAttributes = true
    marks = conditions.words.joined().enumerated().map { number, bit in
      Chosen(number: number, tests: [Test(field: bit.field, index: bit.test)])
    }
  }

  /// By field, the tests that matter, ascending.
  var testsOfFields: [Int: [Test]] {
    var found: [Int: Set<Test>] = [:]
    for chosen in [marks, sums, halves].joined() {
      for test in chosen.tests { found[test.field, default: []].insert(test) }
      if let floor = chosen.floor { found[floor.field, default: []].insert(floor) }
    }
    return found.mapValues { $0.sorted() }
  }
}

/// Finds the conditions that can hold in a table.
private struct Candidates {
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

  /// The matches that some row may fulfil; `floors` are tests of which the floor counts too.
  func chosen(_ matches: [[Int]], _ floors: [Int?]? = nil) -> [TableLayout.Chosen] {
    matches.enumerated().compactMap { number, match in
      guard let tests = left(of: match) else { return nil }
      var chosen = TableLayout.Chosen(number: number, tests: tests)
      if let own = match.first(where: { program.tests[$0].hasFloor }) {
        chosen.floor = floor(own)
      } else if let other = floors?[number], let floor = floor(other) {
        chosen.floor = floor
        chosen.tests.append(floor)
      }
      return chosen
    }
  }

  private func floor(_ test: Int) -> TableLayout.Test? {
    let place = program.placeOfTest[test]
    if !isPresent[place.field] { return nil }
    let field = program.attributeFields.count + place.field
    return TableLayout.Test(field: field, index: place.index, isFloor: true)
  }

  /// The tests of which a table's rows say more than that they are of its type and lack some fields;
  /// `nil` when one of the others fails.
  private func left(of match: [Int]) -> [TableLayout.Test]? {
    if match.contains(where: { ofType[$0] == false }) { return nil }
    var left: [TableLayout.Test] = []
    for test in match where ofType[test] == nil {
      let place = program.placeOfTest[test]
      if isPresent[place.field] {
        let field = program.attributeFields.count + place.field
        left.append(TableLayout.Test(field: field, index: place.index))
      } else if !program.tests[test].ofMissing {
        return nil
      }
    }
    return left
  }
}

/// Tests of attributes, in the order of their fields, up to 64 in a word.
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
    words = stride(from: 0, to: bits.count, by: Self.wordBitCount).map { start in
      Array(bits[start..<min(start + Self.wordBitCount, bits.count)])
    }
  }

  /// Tests in each word but the last.
  static let wordBitCount = 64
}
