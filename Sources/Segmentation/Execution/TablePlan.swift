import Bytes
import Domain

/// How the events of one table are matched: which matches can hold in it and which fields they need.
///
/// Made once for each type of events and set of fields that a block has of them.
final class TablePlan {
  /// A word of conditions that serve one purpose.
  struct Word {
    var purpose: EventUses.Purpose
    var masks: MaskWord
    /// Of existences, by bit.
    var nodes: [Int]
  }

  /// A match that may be one of a pair's, with the tests that are left of it.
  struct PairPart {
    var pair: Int
    /// By ascending field.
    var tests: [(field: Int, index: Int)]
  }

  let words: [Word]
  /// Pairs whose first, and whose second event may be here.
  let firsts: [PairPart]
  let seconds: [PairPart]
  /// Numbers of the fields that something needs, ascending.
  let fields: [Int]

  private struct Candidate {
    var use: Int
    var tests: [(field: Int, index: Int)]
    var key: [Int]
  }

  /// Chooses and groups the matches that can hold.
  ///
  /// - Parameters:
  ///   - uses: all that the program wants.
  ///   - program: knows the tests.
  ///   - type: the type of all events of the table; `nil` where each has its own.
  ///   - present: by field, whether the table has values of it.
  init(_ uses: EventUses, _ program: CompiledProgram, type: Text?, present: [Bool]) {
    func left(of match: Int) -> [(field: Int, index: Int)]? {
      var left: [(field: Int, index: Int)] = []
      for test in program.graph.matches[match].tests {
        let place = program.placeOfTest[test]
        let fieldTest = program.tests[test]
        if let type, fieldTest.path.names == [.eventType] {
          guard fieldTest.answer(.string(type)) else { return nil }
        } else if present[place.field] {
          left.append(place)
        } else if !fieldTest.ofMissing {
          return nil
        }
      }
      return left.sorted { $0.field < $1.field }
    }
    var candidates: [Candidate] = []
    for (number, use) in uses.uses.enumerated() {
      guard let tests = left(of: use.match) else { continue }
      candidates.append(
        Candidate(use: number, tests: tests, key: [use.purpose.order] + tests.map(\.field))
      )
    }
    candidates.sort {
      $0.key == $1.key ? $0.use < $1.use : $0.key.lexicographicallyPrecedes($1.key)
    }
    words = TablePlan.words(candidates, uses)
    var firsts: [PairPart] = []
    var seconds: [PairPart] = []
    for (number, pair) in uses.pairs.enumerated() {
      if let tests = left(of: pair.test.first) {
        firsts.append(PairPart(pair: number, tests: tests))
      }
      if let tests = left(of: pair.test.second) {
        seconds.append(PairPart(pair: number, tests: tests))
      }
    }
    self.firsts = firsts
    self.seconds = seconds
    let ofPairs = (firsts + seconds).flatMap { $0.tests.map(\.field) }
    fields = Set(words.flatMap(\.masks.fields) + ofPairs).sorted()
  }

  private static func words(_ candidates: [Candidate], _ uses: EventUses) -> [Word] {
    var words: [Word] = []
    var start = 0
    while start < candidates.count {
      let purpose = uses.uses[candidates[start].use].purpose
      var end = start
      while end < candidates.count, end < start + 64,
        uses.uses[candidates[end].use].purpose == purpose
      {
        end += 1
      }
      let chosen = candidates[start..<end]
      words.append(
        Word(
          purpose: purpose,
          masks: MaskWord(.all, uses: chosen.map(\.use), tests: chosen.map(\.tests)),
          nodes: chosen.compactMap { candidate in
            guard case .exists(let node) = uses.uses[candidate.use].nodes[0] else { return nil }
            return node
          }
        )
      )
      start = end
    }
    return words
  }
}
