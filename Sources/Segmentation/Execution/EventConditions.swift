import Bytes

/// What a program wants to know of events, each condition with a bit of its own in words of 64.
///
/// Conditions that look at the same types of events share words, whatever they make of the events, so
/// that one way through a table answers all of them.
struct EventConditions {
  /// A condition on single events.
  struct Match: Hashable {
    /// Numbers of the tests that an event has to pass.
    var tests: [Int]
    /// A test of its time without which an event does not matter, if there is one.
    var floorTest: Int?
  }

  /// What the events that fit are good for.
  enum Purpose {
    /// A node holds for the profiles with enough of them; one is enough for most.
    case mark(node: Int, atLeast: Int)
    /// Values of them are added; the number of the sum.
    case sum(Int)
  }

  struct Bit {
    var match: Match
    var purpose: Purpose
    /// All events that fit are of one type, so that a block has them in one table.
    var isOfOneType: Bool
  }

  struct Word {
    /// At most 64.
    var bits: [Bit] = []

    /// The bits of conditions that count events of one type.
    var counted: UInt64 { mask { $0.counts && $0.isOfOneType } }

    /// The bits of conditions that count events of several types.
    var countedAcross: UInt64 { mask { $0.counts && !$0.isOfOneType } }

    /// The bits of sums.
    var summed: UInt64 { mask { if case .sum = $0.purpose { true } else { false } } }

    /// Binary digits for counters that start at `2^digits - count` and overflow when it is reached;
    /// 0 where nothing is counted.
    var digitCount: Int {
      let most = bits.reduce(1) {
        if case .mark(_, let atLeast) = $1.purpose { max($0, atLeast) } else { $0 }
      }
      if most == 1 { return 0 }
      return unsafe max(MaskCounters.digitCountMin, Int.bitWidth - (most - 1).leadingZeroBitCount)
    }

    private func mask(_ isIncluded: (Bit) -> Bool) -> UInt64 {
      bits.indices.reduce(0) { isIncluded(bits[$1]) ? $0 | 1 << UInt64($1) : $0 }
    }
  }

  /// Values that are added.
  struct Sum {
    /// Among the fields that are added.
    var value: Int
    var nodes: [(node: Int, test: SumTest)] = []
  }

  /// A half of pairs: what one event has to fulfil.
  struct Half: Hashable {
    /// Of `halfWords`.
    var word: Int
    var bit: Int
    /// Where its vector is.
    var vector: Int
  }

  /// An event and a later one.
  struct Pair {
    var node: Int
    var test: PairTest
    var first: Half
    var second: Half
  }

  private(set) var words: [Word] = []
  private(set) var sums: [Sum] = []
  /// Fields that are added.
  private(set) var values: [FieldPath] = []
  private(set) var pairs: [Pair] = []
  /// The halves of pairs, at most 64 in a word; their vectors follow each other, from `firstHalf` on.
  private(set) var halfWords: [[Match]] = []
  /// One vector for each node, a spare one, and those of halves.
  private(set) var vectorCount: Int
  let nodeCount: Int

  private let program: CompiledProgram

  init(_ program: CompiledProgram) {
    self.program = program
    nodeCount = program.graph.nodes.count
    vectorCount = nodeCount + 1
    var bits: [Bit] = []
    var tests: [(node: Int, test: PairTest)] = []
    var sumNumbers: [[Int]: Int] = [:]
    for (number, node) in program.graph.nodes.enumerated() {
      switch node {
      case .exists(let match): bits.append(bit(match, .mark(node: number, atLeast: 1)))
      case .count(let match, let count):
        bits.append(bit(match, .mark(node: number, atLeast: count)))
      case .sum(let test):
        let value = values.firstIndex(of: test.value) ?? values.count
        if value == values.count { values.append(test.value) }
        if let known = sumNumbers[[value, test.match]] {
          sums[known].nodes.append((number, test))
        } else {
          sumNumbers[[value, test.match]] = sums.count
          bits.append(bit(test.match, .sum(sums.count)))
          sums.append(Sum(value: value, nodes: [(number, test)]))
        }
      case .pair(let test): tests.append((number, test))
      case .constant, .and, .attribute, .residual, .definition: break
      }
    }
    pack(bits)
    addPairs(tests)
  }

  /// Where the vectors of halves begin.
  var firstHalf: Int { nodeCount + 1 }

  /// The other halves of pairs with some halves of a word.
  func partners(_ word: Int, _ bits: UInt64) -> [HalfBits] {
    var found = halfWords.indices.map { HalfBits(word: $0, bits: 0) }
    func isMeant(_ half: Half) -> Bool { half.word == word && bits >> UInt64(half.bit) & 1 == 1 }
    for pair in pairs {
      if isMeant(pair.first) { found[pair.second.word].bits |= 1 << UInt64(pair.second.bit) }
      if isMeant(pair.second) { found[pair.first.word].bits |= 1 << UInt64(pair.first.bit) }
    }
    return found.filter { $0.bits != 0 }
  }

  private func match(_ number: Int) -> Match {
    let tests = program.graph.matches[number].tests
    return Match(tests: tests, floorTest: tests.first { program.tests[$0].hasFloor })
  }

  private func bit(_ number: Int, _ purpose: Purpose) -> Bit {
    let match = match(number)
    return Bit(
      match: match,
      purpose: purpose,
      isOfOneType: program.eventTypes(of: match.tests)?.count == 1
    )
  }

  // MARK: Words

  /// Gives each condition a bit: those that are looked for in the same tables stand together.
  private mutating func pack(_ bits: [Bit]) {
    let groups = grouped(bits) { program.eventTypes(of: $0.match.tests) }
    for group in groups {
      let ordered =
        group.filter { $0.match.floorTest != nil }
        + group.filter { $0.match.floorTest == nil }
      for start in stride(from: 0, to: ordered.count, by: 64) {
        let chosen = ordered[start..<min(start + 64, ordered.count)]
        let place = words.firstIndex { $0.bits.count + chosen.count <= 64 } ?? words.count
        if place == words.count { words.append(Word()) }
        words[place].bits += chosen
      }
    }
  }

  private mutating func addPairs(_ tests: [(node: Int, test: PairTest)]) {
    let matches = tests.map { _, test in
      let first = match(test.first)
      var second = match(test.second)
      // It comes later than the first.
      if second.floorTest == nil { second.floorTest = first.floorTest }
      return (first: first, second: second)
    }
    var isKnown: Set<Match> = []
    let different = matches.flatMap { [$0.first, $0.second] }.filter { isKnown.insert($0).inserted }
    let ordered = grouped(different) { program.eventTypes(of: $0.tests) }.joined()
    var halves: [Match: Half] = [:]
    for (number, match) in ordered.enumerated() {
      let (word, bit) = number.quotientAndRemainder(dividingBy: 64)
      if bit == 0 { halfWords.append([]) }
      halfWords[word].append(match)
      halves[match] = Half(word: word, bit: bit, vector: firstHalf + number)
    }
    vectorCount += halves.count
    for ((node, test), (first, second)) in zip(tests, matches) {
      guard let first = halves[first], let second = halves[second] else { continue }
      pairs.append(Pair(node: node, test: test, first: first, second: second))
    }
  }

  /// Elements of the same key together, the largest group first.
  private func grouped<Element>(
    _ elements: [Element],
    by key: (Element) -> Set<Text>?
  ) -> [[Element]] {
    var groups: [[Element]] = []
    var numbers: [Set<Text>?: Int] = [:]
    for element in elements {
      let key = key(element)
      let number = numbers[key, default: groups.count]
      if number == groups.count {
        numbers[key] = number
        groups.append([])
      }
      groups[number].append(element)
    }
    let order = groups.indices.sorted {
      let (left, right) = (groups[$0].count, groups[$1].count)
      return left == right ? $0 < $1 : left > right
    }
    return order.map { groups[$0] }
  }
}

/// Some halves of pairs of one word.
struct HalfBits: BitwiseCopyable {
  var word: Int
  var bits: UInt64
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

extension EventConditions.Bit {
  fileprivate var counts: Bool {
    if case .mark(_, let atLeast) = purpose { atLeast > 1 } else { false }
  }
}
