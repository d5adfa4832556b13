import Propensity
import Testing

struct PercentileTests {
  private func table(_ margins: [Double]) -> PercentileTable {
    var counts = MarginCounts()
    for margin in margins { counts.add(margin: margin, isPositive: false) }
    return PercentileTable(margins: counts)
  }

  @Test func `a percentile is the rank in hundredths, rounded up`() {
    let margins = (0..<200).map { Double($0) / 16 - 6 }
    let table = table(margins)

    for (index, margin) in margins.enumerated() {
      #expect(table.percentile(margin: margin) == (index + 2) / 2, "row \(index)")
    }
  }

  @Test func `ties share the higher rank`() {
    let table = table([-1, 0, 0, 0, 2])

    #expect(table.percentile(margin: -1) == 20)
    #expect(table.percentile(margin: 0) == 80)
    #expect(table.percentile(margin: 2) == 100)
  }

  @Test func `percentiles are from 1 to 100 and do not descend, whatever the rows`() {
    #expect(table([]).percentiles.allSatisfy { $0 == 1 })
    let table = table((0..<5_000).map { _ in 3.5 } + [-20, 40])

    #expect(table.percentile(margin: -16) == 1)
    #expect(table.percentile(margin: 3.5) == 100)
    #expect(zip(table.percentiles, table.percentiles.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test(arguments: [(0, "low"), (24, "low"), (25, "medium"), (74, "medium"), (75, "high")])
  func `scores fall into three buckets`(score: Int, word: String) {
    #expect(ScoreBucket(score: score).rawValue == word)
  }
}
