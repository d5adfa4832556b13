import Foundation
import Testing

/// Runs of a whole cluster under faults; one seed decides everything about a run.
///
/// `COVEY_SEEDS` sets how many seeds are run, `COVEY_SEED` runs a single one and prints what happens.
@Suite struct SimulationTests {
  private static let singleSeed = environment("COVEY_SEED")
  private static let seeds =
    singleSeed.map { [$0] } ?? Array(1...max(1, environment("COVEY_SEEDS") ?? 200))

  private static func environment(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  @Test func `whatever fails, every job ends, and what was committed is all there once`() throws {
    var outcomes: [SimulatedCluster.Outcome: Int] = [:]
    for seed in Self.seeds {
      let cluster = try #require(SimulatedCluster(seed: seed, isTraced: Self.singleSeed != nil))
      cluster.run()
      if cluster.violations.isEmpty {
        var checks = SimulationChecks(cluster)
        checks.check()
      }
      #expect(cluster.violations.isEmpty, "\(cluster.options)")
      outcomes.merge(cluster.outcomes) { $0 + $1 }
      cluster.end()
    }

    // The runs go where it hurts.
    guard Self.seeds.count >= 100 else { return }
    for outcome in SimulatedCluster.Outcome.allCases {
      #expect(outcomes[outcome, default: 0] > 0, "no run had \(outcome)")
    }
  }

  @Test func `a seed gives the same run every time`() throws {
    let runs = try (0..<2).map { _ in
      let cluster = try #require(SimulatedCluster(seed: 7))
      cluster.run()
      defer { cluster.end() }
      return (cluster.timeline.count, cluster.coordinator.log)
    }

    #expect(runs[0].0 == runs[1].0)
    #expect(runs[0].1 == runs[1].1)
  }
}
