import Bytes
import Cluster
import Domain
import Testing

@Suite struct PlacementTests {
  private static func candidates(_ capacities: [UInt32]) throws -> [Placement.Candidate] {
    try capacities.enumerated().map {
      .init(name: try #require(Name("host\($0.offset).0")), capacity: $0.element)
    }
  }

  private static func counts(_ owners: [Name]) -> [Name: Int] {
    Dictionary(owners.map { ($0, 1) }, uniquingKeysWith: +)
  }

  @Test(arguments: 1...12)
  func `equal workers get equally many shards, to the rounding`(workerCount: Int) throws {
    let candidates = try Self.candidates(Array(repeating: 1, count: workerCount))
    let bound = (64 + workerCount - 1) / workerCount

    for set in 0..<200 {
      let owners = Placement.owners(of: SetID(UInt32(set)), shardCount: 64, among: candidates)

      #expect(owners.count == 64)
      #expect(Self.counts(owners).values.allSatisfy { $0 <= bound })
    }
  }

  @Test func `a worker of twice the capacity gets twice the shards`() throws {
    let candidates = try Self.candidates([2, 1, 1])

    let owners = Placement.owners(of: SetID(3), shardCount: 64, among: candidates)

    let counts = Self.counts(owners)
    #expect(candidates.map { counts[$0.name, default: 0] } == [32, 16, 16])
  }

  @Test func `the order of the candidates does not matter`() throws {
    let candidates = try Self.candidates([1, 5, 2, 3])
    let expected = Placement.owners(of: SetID(9), shardCount: 100, among: candidates)
    var random = SeededRandom(seed: 5)

    for _ in 0..<20 {
      let shuffled = candidates.shuffled(using: &random)

      #expect(Placement.owners(of: SetID(9), shardCount: 100, among: shuffled) == expected)
    }
  }

  @Test func `one more worker takes shards and the others keep most of theirs`() throws {
    let before = try Self.candidates([1, 1, 1, 1])
    let after = try Self.candidates([1, 1, 1, 1, 1])

    var stayed = 0
    for set in 0..<50 {
      let old = Placement.owners(of: SetID(UInt32(set)), shardCount: 64, among: before)
      let new = Placement.owners(of: SetID(UInt32(set)), shardCount: 64, among: after)
      stayed += zip(old, new).count { $0 == $1 }
    }

    // An ideal move touches a fifth; the bound on each worker's room costs some more.
    #expect(stayed > 50 * 64 * 6 / 10)
  }

  @Test func `sets of one shard spread over the workers`() throws {
    let candidates = try Self.candidates([1, 1, 1, 1])

    let owners = (0..<400).flatMap { set in
      Placement.owners(of: SetID(UInt32(set)), shardCount: 1, among: candidates)
    }

    #expect(Self.counts(owners).values.allSatisfy { (60...140).contains($0) })
  }

  @Test func `nobody to place on gives no owners`() {
    #expect(Placement.owners(of: SetID(1), shardCount: 64, among: []).isEmpty)
  }

  @Test func `the owners of a set are these for ever`() throws {
    let owners = Placement.owners(
      of: SetID(1),
      shardCount: 8,
      among: try Self.candidates([1, 1, 1])
    )

    #expect(
      owners.map(\.description) == [
        "host0.0", "host2.0", "host1.0", "host2.0", "host0.0", "host1.0", "host1.0", "host2.0",
      ]
    )
  }
}
