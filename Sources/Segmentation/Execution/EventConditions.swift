import Bytes

/// What a program wants to know of events.
struct EventConditions {
  /// A node that holds for the profiles with enough events; one is enough for most.
  struct Mark {
    var node: Int
    /// Numbers of the tests that an event has to pass.
    var match: [Int]
    var atLeast: Int
    /// All events that fit are of one type, so that a block has them in one table.
    var isOfOneType: Bool
  }

  /// Values of events that are added.
  struct Sum {
    /// Among the fields that are added.
    var value: Int
    var match: [Int]
    var isOfOneType: Bool
    var nodes: [(node: Int, test: SumTest)]
  }

  /// An event and a later one.
  struct Pair {
    var node: Int
    var test: PairTest
    /// Numbers of the halves.
    var first: Int
    var second: Int
  }

  private(set) var marks: [Mark] = []
  private(set) var sums: [Sum] = []
  /// What the sums are compared with.
  private(set) var sumChecks = SumChecks([])
  /// Fields that are added.
  private(set) var values: [FieldPath] = []
  private(set) var pairs: [Pair] = []
  /// What one event of a pair has to pass.
  struct Half: Hashable {
    var match: [Int]
    /// A test of another event's time, which this one comes after: it is not earlier than what passes.
    var floor: Int?
  }

  /// Their vectors follow each other, from `firstHalf` on.
  private(set) var halves: [Half] = []
  let nodeCount: Int

  private let program: CompiledProgram

  init(_ program: CompiledProgram) {
    self.program = program
    nodeCount = program.graph.nodes.count
    var sumNumbers: [[Int]: Int] = [:]
    var halfNumbers: [Half: Int] = [:]
    for (number, node) in program.graph.nodes.enumerated() {
      switch node {
      case .exists(let match): mark(number, match, atLeast: 1)
      case .count(let match, let count): mark(number, match, atLeast: count)
      case .sum(let test):
        let value = values.firstIndex(of: test.value) ?? values.count
        if value == values.count { values.append(test.value) }
        if let known = sumNumbers[[value, test.match]] {
          sums[known].nodes.append((number, test))
        } else {
          sumNumbers[[value, test.match]] = sums.count
          let tests = tests(test.match)
          sums.append(
            Sum(
              value: value,
              match: tests,
              isOfOneType: isOfOneType(tests),
              nodes: [(number, test)]
            )
          )
        }
      case .pair(let test):
        let first = Half(match: tests(test.first))
        let floor = first.match.first { program.tests[$0].hasFloor }
        let second = Half(match: tests(test.second), floor: floor)
        pairs.append(
          Pair(
            node: number,
            test: test,
            first: half(first, &halfNumbers),
            second: half(second, &halfNumbers)
          )
        )
      case .constant, .and, .attribute, .residual, .definition: break
      }
    }
    sumChecks = SumChecks(sums)
  }

  /// Where the vectors of halves begin.
  var firstHalf: Int { nodeCount }

  /// A vector for each node, then those of halves.
  var vectorCount: Int { nodeCount + halves.count }

  private func tests(_ match: Int) -> [Int] { program.graph.matches[match].tests }

  private func isOfOneType(_ tests: [Int]) -> Bool { program.eventTypes(of: tests)?.count == 1 }

  private mutating func mark(_ node: Int, _ match: Int, atLeast count: Int) {
    let tests = tests(match)
    marks.append(
      Mark(node: node, match: tests, atLeast: count, isOfOneType: isOfOneType(tests))
    )
  }

  private mutating func half(_ half: Half, _ numbers: inout [Half: Int]) -> Int {
    let number = numbers[half, default: halves.count]
    if number == halves.count {
      numbers[half] = number
      halves.append(half)
    }
    return number
  }
}

extension CompiledProgram {
  /// The only types of events that pass some tests; `nil` when there are many.
  func eventTypes(of tests: [Int]) -> Set<Text>? {
    for number in tests {
      let test = self.tests[number]
      guard test.isOfEventType, let texts = test.texts, !texts.usual else { continue }
      return texts.others
    }
    return nil
  }
}

extension FieldTest {
  /// Only events from some instant on pass.
  var hasFloor: Bool {
    guard path.names == [.timestamp], !ofMissing, !ofNoTime, let instants else { return false }
    return !instants.answers[0]
  }
}
