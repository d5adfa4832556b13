import Bytes
import Domain
import ProfileStore

/// What can hold in tables that have events of one type and the same fields, or attributes, and which
/// tests tell.
struct TableLayout {
  /// A test of a field, by its index there.
  struct Test: Hashable {
    /// Number of the field.
    var field: Int
    var index: Int
  }

  /// A condition that can hold, and the tests that are left of it.
  struct Chosen {
    /// Of the conditions of its kind.
    var number: Int
    var tests: [Test]
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
    halves = candidates.chosen(conditions.halves)
  }

  /// What there is to do with attributes.
  init(_ conditions: AttributeConditions) {
    isOfAttributes = true
    marks = conditions.words.joined().enumerated().map { number, bit in
      Chosen(number: number, tests: [Test(field: bit.field, index: bit.test)])
    }
  }

  /// By field, the tests that matter, ascending.
  var testsOfFields: [Int: [Int]] {
    var found: [Int: Set<Int>] = [:]
    for chosen in [marks, sums, halves].joined() {
      for test in chosen.tests { found[test.field, default: []].insert(test.index) }
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

  func chosen(_ matches: [[Int]]) -> [TableLayout.Chosen] {
    matches.enumerated().compactMap { number, match in
      left(of: match).map { TableLayout.Chosen(number: number, tests: $0) }
    }
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
