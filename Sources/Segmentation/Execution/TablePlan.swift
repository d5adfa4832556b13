import Bytes
import Domain

/// How the events of one table are matched: which matches can hold in it and which fields they need.
///
/// Made once for each type of events and set of fields that a block has of them.
final class TablePlan {
  /// What is done with the events that fit a match.
  enum Purpose: Int {
    /// A profile is marked when it has one.
    case exists
    /// They are counted for each profile.
    case count
  }

  let purposes: [Purpose]
  let words: [MaskWord]
  /// Numbers of the fields that some word needs, ascending.
  let fields: [Int]

  /// A match with its purpose; uses of masks are indices of these.
  struct Use {
    var match: Int
    var purpose: Purpose
  }

  /// Chooses and groups the matches that can hold.
  ///
  /// - Parameters:
  ///   - uses: all that the program wants.
  ///   - program: knows the tests.
  ///   - type: the type of all events of the table; `nil` where each has its own.
  ///   - present: by field, whether the table has values of it.
  init(_ uses: [Use], _ program: CompiledProgram, type: Text?, present: [Bool]) {
    struct Candidate {
      var use: Int
      /// Field and index of each test that is left.
      var tests: [(field: Int, index: Int)]
      var key: [Int]
    }
    var candidates: [Candidate] = []
    for (number, use) in uses.enumerated() {
      var left: [(field: Int, index: Int)] = []
      var canHold = true
      for test in program.graph.matches[use.match].tests {
        let place = program.placeOfTest[test]
        let fieldTest = program.graph.tests[test]
        if let type, fieldTest.path.names == [.eventType] {
          canHold = fieldTest.answer(.string(type))
        } else if !present[place.field] {
          canHold = fieldTest.ofMissing
        } else {
          left.append(place)
        }
        if !canHold { break }
      }
      if !canHold { continue }
      left.sort { $0.field < $1.field }
      candidates.append(
        Candidate(use: number, tests: left, key: [use.purpose.rawValue] + left.map(\.field))
      )
    }
    candidates.sort { $0.key.lexicographicallyPrecedes($1.key) }
    var purposes: [Purpose] = []
    var words: [MaskWord] = []
    var start = 0
    while start < candidates.count {
      let purpose = uses[candidates[start].use].purpose
      var end = start
      while end < candidates.count, end < start + 64, uses[candidates[end].use].purpose == purpose {
        end += 1
      }
      let chosen = candidates[start..<end]
      let fields = Set(chosen.flatMap { $0.tests.map(\.field) }).sorted()
      let tests = fields.map { field in
        chosen.map { candidate in candidate.tests.first { $0.field == field }?.index ?? -1 }
      }
      purposes.append(purpose)
      words.append(MaskWord(.all, uses: chosen.map(\.use), fields: fields, tests: tests))
      start = end
    }
    self.purposes = purposes
    self.words = words
    fields = Set(words.flatMap(\.fields)).sorted()
  }
}
