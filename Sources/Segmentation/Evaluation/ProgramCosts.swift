import Bytes
package import Domain

/// What an evaluation took: what each definition needed for itself, and what each part took that
/// definitions share.
///
/// Nothing counts twice, so all parts together are what was done.
package struct ProgramCosts: Hashable, Sendable {
  /// In the order of the program, what was asked of the interpreter for that definition alone.
  package var definitions: [WorkCost]
  /// In a fixed order; parts for which nothing was done are left out.
  package var shared: [SharedPart]

  /// Of an evaluation that did nothing together.
  init(nanosecondsOfDefinitions nanoseconds: [UInt64]) {
    definitions = nanoseconds.map { WorkCost(nanoseconds: $0) }
    shared = []
  }

  /// Adds up what threads noted.
  ///
  /// - Parameters:
  ///   - outcome: what they did, in the order of the blocks.
  ///   - compilingNanoseconds: time spent before that on the program.
  ///   - packingNanoseconds: time spent on the members after it.
  init(
    _ outcome: ShardPass.Outcome,
    compilingNanoseconds: UInt64,
    packingNanoseconds: UInt64
  ) {
    let binding = outcome.binding
    let users = binding.program.users
    var definitions = [WorkCost](repeating: WorkCost(), count: users.definitionCount)
    var residuals = [WorkCost](repeating: WorkCost(), count: users.ofResiduals.count)
    var together: UInt64 = 0
    for part in outcome.parts {
      var alone: UInt64 = 0
      for (number, cost) in part.costs.enumerated() {
        residuals[number].add(WorkCost(cost))
        alone &+= cost.nanoseconds
      }
      for (number, cost) in part.referenceCosts.enumerated() {
        definitions[number].add(WorkCost(cost))
        alone &+= cost.nanoseconds
      }
      together &+= part.nanoseconds &- min(alone, part.nanoseconds)
    }
    var costs = PartCosts(binding)
    costs.add(
      WorkCost(nanoseconds: compilingNanoseconds &+ outcome.readyingNanoseconds),
      to: .readying
    )
    costs.add(
      outcome.parts.map(\.tally),
      nanoseconds: together,
      packingNanoseconds: packingNanoseconds
    )
    for (number, cost) in residuals.enumerated() {
      if users.ofResiduals[number].count == 1 {
        definitions[users.ofResiduals[number][0]].add(cost)
      } else {
        costs.add(cost, to: .residual(number))
      }
    }
    self.definitions = definitions
    shared = costs.list
  }
}

extension WorkCost {
  fileprivate init(_ cost: ResidualCost) {
    self.init(
      rowCount: UInt64(cost.profileCount),
      stepCount: UInt64(cost.stepCount),
      nanoseconds: cost.nanoseconds
    )
  }
}

/// What the parts of a program took on a shard.
private struct PartCosts {
  private let binding: ShardBinding
  /// Each once, in the order in which they were met.
  private var parts: [MeterParts.Part] = []
  /// Of each of them.
  private var costs: [WorkCost] = []

  init(_ binding: ShardBinding) { self.binding = binding }

  /// Adds a part that was not added before.
  mutating func add(_ cost: WorkCost, to part: MeterParts.Part) {
    if cost == WorkCost() { return }
    parts.append(part)
    costs.append(cost)
  }

  /// Shares out the time of threads by what they noted; packing is a part of the work on members.
  mutating func add(
    _ tallies: [PartTally],
    nanoseconds: UInt64,
    packingNanoseconds: UInt64
  ) {
    guard var tally = tallies.first else {
      return add(WorkCost(nanoseconds: packingNanoseconds), to: .members)
    }
    for other in tallies.dropFirst() { tally.add(other) }
    let times = nanoseconds.apportioned(by: tally.sampledNanoseconds)
    for (number, part) in binding.meterParts.parts.enumerated() {
      if number == MeterParts.pairs, tally.searchedCounts.contains(where: { $0 > 0 }) {
        let pairTimes = times[number].apportioned(by: tally.searchedCounts)
        for (pair, rowCount) in tally.searchedCounts.enumerated() {
          let cost = WorkCost(rowCount: rowCount, nanoseconds: pairTimes[pair])
          add(cost, to: .pair(pair))
        }
      } else {
        let packing = number == MeterParts.members ? packingNanoseconds : 0
        add(
          WorkCost(rowCount: tally.rowCounts[number], nanoseconds: times[number] &+ packing),
          to: part
        )
      }
    }
  }

  /// The parts, with what no definition has a use for in that of all.
  var list: [SharedPart] {
    let labels = binding.program.labels.labels(of: parts + [.program], binding)
    var list: [SharedPart] = []
    list.reserveCapacity(labels.count)
    var rest = WorkCost()
    for (number, part) in parts.enumerated() {
      if part == .program || labels[number].definitions.isEmpty {
        rest.add(costs[number])
      } else {
        list.append(SharedPart(labels[number], costs[number]))
      }
    }
    list.append(SharedPart(labels[parts.count], rest))
    return list
  }
}

extension SharedPart {
  fileprivate init(_ label: PartLabels.Label, _ cost: WorkCost) {
    self.init(
      kind: label.kind,
      description: label.description,
      definitions: label.definitions,
      cost: cost
    )
  }
}

extension UInt64 {
  /// Parts in proportion to weights, which together are exactly this number.
  ///
  /// Where all weights are 0 the first part is the whole.
  package func apportioned(by weights: [UInt64]) -> [UInt64] {
    var reached: UInt64 = 0
    let total = weights.reduce(0, &+)
    guard total > 0 else { return weights.indices.map { $0 == 0 ? self : 0 } }
    var shared: UInt64 = 0
    return weights.map { weight in
      reached &+= weight
      // At most the number itself, since `reached` is at most `total`.
      let next = total.dividingFullWidth(multipliedFullWidth(by: reached)).quotient
      defer { shared = next }
      return next - shared
    }
  }
}
