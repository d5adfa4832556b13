/// What a program wants to know of events, gathered from its nodes.
struct EventUses {
  enum Purpose: Hashable {
    /// A profile is marked when it has an event that fits.
    case exists
    /// Events that fit are counted for each profile.
    case count
    /// Values of a field are added for each profile, by the number of the field's path.
    case sum(Int)

    /// Ranks purposes, so that those of one kind stand together.
    var order: Int {
      switch self {
      case .exists: 0
      case .count: 1
      case .sum(let value): 2 + value
      }
    }
  }

  /// A match with its purpose.
  struct Use {
    var match: Int
    var purpose: Purpose
    /// Place among the uses that count, or among those that add.
    var place: Int
    /// Nodes whose vectors are written.
    var nodes: [Node]
  }

  enum Node {
    case exists(Int)
    case count(Int, atLeast: Int)
    case sum(Int, SumTest)
  }

  struct Pair {
    var node: Int
    var test: PairTest
  }

  private(set) var uses: [Use] = []
  private(set) var pairs: [Pair] = []
  /// Fields that are added.
  private(set) var values: [FieldPath] = []
  private(set) var countingCount = 0
  private(set) var addingCount = 0

  private struct Key: Hashable {
    var match: Int
    var purpose: Purpose
  }

  init(_ program: CompiledProgram) {
    var numbers: [Key: Int] = [:]
    for (number, node) in program.graph.nodes.enumerated() {
      switch node {
      case .exists(let match): add(.exists(number), match, .exists, &numbers)
      case .count(let match, let count):
        add(.count(number, atLeast: count), match, .count, &numbers)
      case .sum(let test):
        let value = values.firstIndex(of: test.value) ?? values.count
        if value == values.count { values.append(test.value) }
        add(.sum(number, test), test.match, .sum(value), &numbers)
      case .pair(let test): pairs.append(Pair(node: number, test: test))
      case .constant, .and, .attribute, .residual: break
      }
    }
  }

  private mutating func add(
    _ node: Node,
    _ match: Int,
    _ purpose: Purpose,
    _ numbers: inout [Key: Int]
  ) {
    let key = Key(match: match, purpose: purpose)
    if let number = numbers[key] {
      uses[number].nodes.append(node)
      return
    }
    numbers[key] = uses.count
    var place = 0
    switch purpose {
    case .exists: break
    case .count:
      place = countingCount
      countingCount += 1
    case .sum:
      place = addingCount
      addingCount += 1
    }
    uses.append(Use(match: match, purpose: purpose, place: place, nodes: [node]))
  }

  var isEmpty: Bool { uses.isEmpty && pairs.isEmpty }
}
