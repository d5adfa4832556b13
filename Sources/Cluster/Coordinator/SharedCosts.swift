import Bytes
package import Domain

/// What the definitions of an evaluation share, added up over shards.
package struct SharedCosts {
  /// Most parts that are kept of an evaluation; the cheapest ones beyond are kept as one.
  package static let countMax = 64

  private struct Key: Hashable {
    var kind: Text
    var part: Text
  }

  /// In the order in which they were met.
  package private(set) var costs: [SharedCost] = []
  private var places: [Key: Int] = [:]

  package init() {}

  /// Adds a shard's costs, each to the one of the same part.
  package mutating func add(_ others: [SharedCost]) {
    // Shards mostly have the same parts in the same order.
    var next = 0
    for other in others {
      next = add(other, guess: next) + 1
    }
  }

  /// Adds what was done for the part at a place that `add` gave.
  mutating func add(_ cost: WorkCost, at place: Int) { costs[place].cost.add(cost) }

  /// Adds to the costs of a part.
  ///
  /// - Parameters:
  ///   - other: what was done for the part, and who uses it.
  ///   - guess: where the part may be, for speed.
  /// - Returns: where it is from now on.
  mutating func add(_ other: SharedCost, guess: Int) -> Int {
    let place = place(of: other, guess: guess)
    if place == costs.count {
      costs.append(other)
    } else {
      costs[place].add(other)
    }
    return place
  }

  /// Where the costs of a part are, or are to be put.
  private mutating func place(of cost: SharedCost, guess: Int) -> Int {
    if guess < costs.count, costs[guess].part == cost.part, costs[guess].kind == cost.kind {
      return guess
    }
    let key = Key(kind: cost.kind, part: cost.part)
    let place = places[key] ?? costs.count
    places[key] = place
    return place
  }

  /// Each definition's part of what it shares: equal ones for all that use it.
  ///
  /// What nobody uses is for all, so that the parts are together what was spent.
  ///
  /// - Parameter count: how many definitions there are.
  /// - Returns: a cost for each of them.
  package func shares(of count: Int) -> [WorkCost] {
    var shares = [WorkCost](repeating: WorkCost(), count: count)
    for cost in costs {
      var users = cost.definitions.filter { $0 < count }
      if users.isEmpty { users = Array(0..<count) }
      for (index, user) in users.enumerated() {
        shares[user].add(cost.cost.part(index, of: users.count))
      }
    }
    return shares
  }

  /// What is kept: the costliest parts first, the cheapest ones as one.
  package var kept: [SharedCost] {
    let sorted = costs.sorted { left, right in
      if left.cost.nanoseconds != right.cost.nanoseconds {
        return left.cost.nanoseconds > right.cost.nanoseconds
      }
      return left.part == right.part ? left.kind < right.kind : left.part < right.part
    }
    guard sorted.count > Self.countMax else { return sorted }
    var rest = SharedCost(
      kind: "others",
      part: Text("\(sorted.count - Self.countMax + 1) cheaper parts"),
      definitions: Bitmap(),
      cost: WorkCost()
    )
    for cost in sorted[(Self.countMax - 1)...] { rest.add(cost) }
    return sorted.prefix(Self.countMax - 1) + [rest]
  }
}

extension SharedCost {
  /// Adds what the same took elsewhere.
  fileprivate mutating func add(_ other: SharedCost) {
    if other.definitions != definitions { definitions.formUnion(other.definitions) }
    cost.add(other.cost)
  }
}
