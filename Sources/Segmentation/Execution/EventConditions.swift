import Bytes

/// What a program wants to know of events, each condition with a place of its own.
///
/// Conditions whose answer is a bit of a profile share words of 64: each has one bit of one word,
/// whatever table its events are in.
struct EventConditions {
  enum Purpose: Hashable {
    /// A profile is marked when it has an event that fits.
    case exists
    /// A profile is marked when enough of its events fit.
    case count
    /// As with `exists`; besides, each event's answer is kept for the pairs.
    case pair
  }

  /// One condition on single events.
  struct Bit: Hashable {
    /// Numbers of the tests that an event has to pass.
    var tests: [Int]
    /// A test of its time without which an event does not matter, if there is one.
    var floorTest: Int?
    /// Where its vector is: that of a node, or one behind the nodes'.
    var vector: Int
    /// How many events have to fit.
    var atLeast = 1
  }

  struct Word {
    var purpose: Purpose
    /// At most 64.
    var bits: [Bit]
    /// Binary digits of the counters; 0 where nothing is counted.
    var planeCount: Int
  }

  /// Values that are added.
  struct Sum {
    /// Among the fields that are added.
    var value: Int
    var bit: Bit
    var nodes: [(node: Int, test: SumTest)]
  }

  /// At most 64 sums of one field.
  struct SumGroup {
    /// Among the fields that are added.
    var value: Int
    /// Numbers of the sums.
    var sums: [Int]
  }

  struct Place: Hashable {
    var word: Int
    var bit: Int
  }

  struct Pair {
    var node: Int
    var test: PairTest
    var first: Place
    var second: Place
  }

  private(set) var words: [Word] = []
  private(set) var sums: [Sum] = []
  private(set) var sumGroups: [SumGroup] = []
  /// Fields that are added.
  private(set) var values: [FieldPath] = []
  private(set) var pairs: [Pair] = []
  /// Vectors of nodes.
  let nodeCount: Int
  /// Those and the ones behind them, of the matches of pairs.
  private(set) var vectorCount: Int

  private let program: CompiledProgram

  init(_ program: CompiledProgram) {
    self.program = program
    nodeCount = program.graph.nodes.count
    vectorCount = nodeCount
    var exists: [Bit] = []
    var counts: [Bit] = []
    var sumNumbers: [[Int]: Int] = [:]
    var tests: [(node: Int, test: PairTest)] = []
    for (number, node) in program.graph.nodes.enumerated() {
      switch node {
      case .exists(let match): exists.append(bit(of: match, vector: number))
      case .count(let match, let count):
        var bit = bit(of: match, vector: number)
        bit.atLeast = count
        counts.append(bit)
      case .sum(let test):
        let value = values.firstIndex(of: test.value) ?? values.count
        if value == values.count { values.append(test.value) }
        if let known = sumNumbers[[value, test.match]] {
          sums[known].nodes.append((number, test))
        } else {
          sumNumbers[[value, test.match]] = sums.count
          sums.append(
            Sum(value: value, bit: bit(of: test.match, vector: number), nodes: [(number, test)])
          )
        }
      case .pair(let test): tests.append((number, test))
      case .constant, .and, .attribute, .residual: break
      }
    }
    pack(exists, .exists)
    pack(counts, .count)
    groupSums()
    addPairs(tests)
  }

  var isEmpty: Bool { words.isEmpty && sums.isEmpty }

  private func bit(of match: Int, vector: Int) -> Bit {
    let tests = program.graph.matches[match].tests
    return Bit(
      tests: tests,
      floorTest: tests.first { program.tests[$0].hasFloor },
      vector: vector
    )
  }

  // MARK: Words

  private struct Group: Hashable {
    var planeCount: Int
    var types: Set<Text>?
    var hasFloor: Bool
  }

  /// Gives each condition a bit: those that are looked for in the same rows stand together.
  private mutating func pack(_ bits: [Bit], _ purpose: Purpose) {
    var groups: [Group: [Bit]] = [:]
    var order: [Group] = []
    for bit in bits {
      let group = Group(
        planeCount: Self.planeCount(bit.atLeast),
        types: program.eventTypes(of: bit.tests),
        hasFloor: bit.floorTest != nil
      )
      if groups[group] == nil { order.append(group) }
      groups[group, default: []].append(bit)
    }
    let first = words.count
    let largestFirst = order.indices.sorted {
      let (left, right) = (groups[order[$0]]?.count ?? 0, groups[order[$1]]?.count ?? 0)
      return left == right ? $0 < $1 : left > right
    }
    for group in largestFirst.map({ order[$0] }) {
      var rest = groups[group, default: []][...]
      while !rest.isEmpty {
        let chosen = rest.prefix(64)
        rest = rest.dropFirst(chosen.count)
        let place = words[first...].firstIndex {
          $0.planeCount == group.planeCount && $0.bits.count + chosen.count <= 64
        }
        if let place {
          words[place].bits += chosen
        } else {
          words.append(Word(purpose: purpose, bits: Array(chosen), planeCount: group.planeCount))
        }
      }
    }
  }

  /// Digits for counters that start at `2^digits - count` and overflow when it is reached; few
  /// different ones, so that words are full.
  private static func planeCount(_ count: Int) -> Int {
    if count <= 1 { return 0 }
    return [2, 4, 8].first { count <= 1 << $0 } ?? 16
  }

  private mutating func groupSums() {
    for value in values.indices {
      let own = sums.indices.filter { sums[$0].value == value }
      for start in stride(from: 0, to: own.count, by: 64) {
        sumGroups.append(
          SumGroup(value: value, sums: Array(own[start..<min(start + 64, own.count)]))
        )
      }
    }
  }

  // MARK: Pairs

  private mutating func addPairs(_ tests: [(node: Int, test: PairTest)]) {
    var numbers: [[Int]: Int] = [:]
    var bits: [Bit] = []
    func number(_ bit: Bit) -> Int {
      let key = bit.tests + [-1, bit.floorTest ?? -1]
      if let known = numbers[key] { return known }
      numbers[key] = bits.count
      var bit = bit
      bit.vector = vectorCount + bits.count
      bits.append(bit)
      return bits.count - 1
    }
    var chosen: [(first: Int, second: Int)] = []
    for (_, test) in tests {
      let first = bit(of: test.first, vector: 0)
      var second = bit(of: test.second, vector: 0)
      // It comes later than the first.
      if second.floorTest == nil { second.floorTest = first.floorTest }
      chosen.append((number(first), number(second)))
    }
    let firstWord = words.count
    vectorCount += bits.count
    pack(bits, .pair)
    var places: [Int: Place] = [:]
    for word in firstWord..<words.count {
      for (bit, value) in words[word].bits.enumerated() {
        places[value.vector] = Place(word: word, bit: bit)
      }
    }
    let start = vectorCount - bits.count
    for ((node, test), (first, second)) in zip(tests, chosen) {
      guard let first = places[start + first], let second = places[start + second] else { continue }
      pairs.append(Pair(node: node, test: test, first: first, second: second))
    }
  }
}

extension CompiledProgram {
  /// The only types of events that pass some tests; `nil` when there are many.
  func eventTypes(of tests: [Int]) -> Set<Text>? {
    for number in tests {
      let test = self.tests[number]
      guard test.path.names == [.eventType], let texts = test.texts, !texts.usual else { continue }
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
