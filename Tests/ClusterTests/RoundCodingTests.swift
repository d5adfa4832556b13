import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// The work and the answers of rounds as bytes.
@Suite struct RoundCodingTests {
  private static let rows = RowPlan(
    features: [1, 2, 3],
    cutOffs: [Instant(milliseconds: 5), Instant(milliseconds: -7)],
    outOfTime: Instant(milliseconds: 90)
  )

  private static let bins = [
    FeatureBins(name: "age", cut: .edges([1, 2.5, 80])),
    FeatureBins(name: "colour", cut: .categories(["red", "green"])),
  ]

  private static var works: [RoundWork] {
    let rule = SplitRule(feature: 0, test: .upTo(bin: 2, missingLeft: true))
    return [
      .surveyData, .surveyRows(rows, feature: 300),
      .begin(
        rows,
        bins: bins,
        orders: [
          .begin(
            initialMargin: -0.5,
            unit: HistogramUnit(rowCount: 1_000_000, positiveCount: 500_000)
          )
        ],
        answerCount: 1
      ),
      .begin(
        RowPlan(features: [], cutOffs: []),
        bins: [],
        orders: [
          .resume(
            initialMargin: 0,
            unit: HistogramUnit(rowCount: 9, positiveCount: 3),
            trees: [Tree()]
          ),
          .advance(splits: [], leafValues: [1]),
        ],
        answerCount: 2
      ),
      .next([
        .grow(splits: [LeafSplit(leaf: 0, rule: rule)], build: [1]),
        .advance(splits: [LeafSplit(leaf: 0, rule: rule)], leafValues: [0.5, -1, 2]),
      ]),
    ]
  }

  private static var survey: RowSurvey {
    var labels = LabelCounts()
    labels.trainingRows = 9
    labels.trainingPositives = 4
    return RowSurvey(
      featureCount: 40,
      labels: labels,
      outcomes: [OutcomeCounts(labels: [true, false, true]), OutcomeCounts()],
      features: [
        .init(name: "age", summary: FeatureSummary(of: .numeric([1, 2, .nan, 2]))),
        .init(
          name: "colour",
          summary: FeatureSummary(of: .categorical(codes: [0, 1, 0], names: ["red", "green"]))
        ),
      ]
    )
  }

  @Test func `work is read as it was written, and no bytes do harm`() {
    for (index, work) in Self.works.enumerated() { attack(work, seed: UInt64(index)) }
  }

  @Test func `surveys are read as they were written, and no bytes do harm`() {
    attack(Self.survey, seed: 20)
    let span = EventSpan(first: Instant(milliseconds: 1), last: Instant(milliseconds: 2))
    for events in [nil, span] { attack(DataSurvey(events: events, features: [9, 8]), seed: 21) }
  }

  private func attack<Message: Coded & Equatable>(_ message: Message, seed: UInt64) {
    let bytes = message.encoded
    #expect((try? Message(decoding: bytes)) == message)
    for count in bytes.indices {
      #expect((try? Message(decoding: Array(bytes[..<count]))) == nil, "\(count) bytes")
    }
    var random = SeededRandom(seed: seed)
    for _ in 0..<500 {
      var damaged = bytes
      damaged[random.below(damaged.count)] ^= UInt8(1 << random.below(8))
      guard let read = try? Message(decoding: damaged) else { continue }
      #expect(read.encoded.count <= damaged.count, "seed \(seed)")
    }
  }
}
