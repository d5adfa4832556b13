import Bytes
import Cluster
import Domain
import Testing

/// How what definitions share is added up and split among them.
@Suite struct SharedCostsTests {
  private static func cost(
    _ part: Text,
    _ definitions: [Int],
    rows: UInt64 = 0,
    _ nanoseconds: UInt64
  ) -> SharedCost {
    SharedCost(
      kind: "events",
      part: part,
      definitions: Bitmap(definitions),
      cost: WorkCost(rowCount: rows, nanoseconds: nanoseconds)
    )
  }

  @Test func `shards' costs of one part are one, with all who use it`() {
    var costs = SharedCosts()

    costs.add([Self.cost("a", [0], rows: 3, 10), Self.cost("b", [1], 5)])
    costs.add([Self.cost("b", [2], 20), Self.cost("a", [0], rows: 4, 1)])

    #expect(costs.kept == [Self.cost("b", [1, 2], 25), Self.cost("a", [0], rows: 7, 11)])
  }

  @Test func `who uses a part has an equal share of it, and what nobody uses is for all`() {
    var costs = SharedCosts()
    costs.add([
      Self.cost("a", [0, 2], rows: 5, 11), Self.cost("b", [2], 7), Self.cost("c", [], 4),
      Self.cost("d", [9], 3),
    ])

    let shares = costs.shares(of: 3)

    #expect(shares.map(\.rowCount) == [3, 0, 2])
    #expect(shares.map(\.nanoseconds) == [9, 2, 14])
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func `shares and what is kept are together what was spent`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let count = 1 + random.below(40)
    var tasks: [[SharedCost]] = []
    for _ in 0...random.below(5) {
      var task: [SharedCost] = []
      for _ in 0..<random.below(150) {
        let users: [Int] = (0..<random.below(6)).map { _ in random.below(count) }
        let rowCount = UInt64(random.below(1_000))
        let nanoseconds = UInt64(random.below(1_000_000))
        let part = Text("part \(random.below(120))")
        task.append(Self.cost(part, users, rows: rowCount, nanoseconds))
      }
      tasks.append(task)
    }
    var costs = SharedCosts()
    for task in tasks { costs.add(task) }
    var whole = WorkCost()
    for cost in tasks.joined() { whole.add(cost.cost) }

    var shared = WorkCost()
    for share in costs.shares(of: count) { shared.add(share) }
    var kept = WorkCost()
    for cost in costs.kept { kept.add(cost.cost) }

    #expect(shared == whole, "seed \(seed)")
    #expect(kept == whole, "seed \(seed)")
    #expect(costs.kept.count <= SharedCosts.countMax)
  }
}
