import Bytes
import Domain
package import Propensity
import Segmentation

/// Writes scored profiles in the order of their keys.
package struct ScoreWriter: Sendable {
  /// What is told of why a score is what it is.
  package enum Explanation: String, CaseIterable, Sendable {
    case none
    /// The strongest factors, one a group of features.
    case top
    /// Every feature's contribution, a column each.
    case all
  }

  package enum Format: String, CaseIterable, Sendable {
    case csv
    /// An object a line.
    case jsonl
  }

  private let scorer: ProfileScorer
  private let percentiles: PercentileTable
  private let explanation: Explanation
  private let isRaw: Bool
  private let format: Format

  /// - Parameters:
  ///   - scorer: gave the profiles their margins.
  ///   - percentiles: of all profiles that are written.
  ///   - explanation: what is told besides.
  ///   - isRaw: adds the margin and every feature's contribution.
  ///   - format: of the lines.
  package init(
    _ scorer: ProfileScorer,
    percentiles: PercentileTable,
    explanation: Explanation,
    isRaw: Bool,
    format: Format = .csv
  ) {
    self.scorer = scorer
    self.percentiles = percentiles
    self.explanation = explanation
    self.isRaw = isRaw
    self.format = format
  }

  private var tellsAll: Bool { explanation == .all || isRaw }

  package var header: [UInt8] {
    var cells: [Text] = ["profile", "score", "probability", "percentile", "bucket"]
    if explanation == .top { cells.append("factors") }
    if isRaw { cells.append("margin") }
    if tellsAll {
      cells.append("base")
      cells += scorer.features.map(\.name)
    }
    return line(cells)
  }

  /// Merges the profiles of all shards and writes them.
  ///
  /// - Parameters:
  ///   - shards: keys ascend in each, and no key is in two.
  ///   - write: takes the bytes of some lines.
  /// - Throws: what `write` throws.
  package func write(_ shards: [ScoredProfiles], to write: ([UInt8]) throws -> Void) rethrows {
    var heads = shards.map { _ in 0 }
    var order: [(key: ProfileKey, shard: Int)] = []
    for (index, shard) in shards.enumerated() {
      order += shard.keys.map { ($0, index) }
    }
    order.sort { $0.key < $1.key }
    var block = format == .csv ? header : []
    for (key, shard) in order {
      let row = shards[shard].rows[heads[shard]]
      heads[shard] += 1
      switch format {
      case .csv: block += line(cells(of: key, row, shards[shard]))
      case .jsonl: block += object(of: key, row, shards[shard]).json() + [0x0A]
      }
      if block.count > 1 << 16 {
        try write(block)
        block = []
      }
    }
    try write(block)
  }

  private func object(of key: ProfileKey, _ row: Int, _ shard: ScoredProfiles) -> Value {
    let document = ScoreDocument(scorer: scorer, percentiles: percentiles.percentiles)
    var members = document.members(row, shard, hasFactors: explanation == .top)
    members.append(("profile", .string(key.text)))
    if isRaw { members.append(("margin", .double(shard.margins[row]))) }
    if tellsAll, let base = scorer.baseMargin, let values = shard.contributions?.row(row) {
      members.append(("base", .double(base)))
      let named = zip(scorer.features, values).map { ($0.name, Value.double($1)) }
      members.append(("contributions", .object(named)))
    }
    return .object(members)
  }

  private func cells(of key: ProfileKey, _ row: Int, _ shard: ScoredProfiles) -> [Text] {
    let margin = shard.margins[row]
    let score = scorer.model.scoreMap.score(margin: margin)
    var cells: [Text] = [
      key.text, Text("\(score)"), Text("\(scorer.model.probability(margin: margin))"),
      Text("\(percentiles.percentile(margin: margin))"),
      Text(ScoreBucket(score: score).rawValue),
    ]
    if explanation == .top { cells.append(factorText(row, shard)) }
    if isRaw { cells.append(Text("\(margin)")) }
    if tellsAll {
      cells.append(scorer.baseMargin.map { Text("\($0)") } ?? "")
      cells += shard.contributions?.row(row).map { Text("\($0)") } ?? []
    }
    return cells
  }

  /// `days since last purchase = 203 (raises); tenure = 2 (lowers)`.
  private func factorText(_ row: Int, _ shard: ScoredProfiles) -> Text {
    guard let contributions = shard.contributions?.row(row) else { return "" }
    let factors = Factor.strongest(Array(contributions), groups: scorer.features.map(\.group))
    return Text(
      factors.map { factor in
        let value = shard.columns[factor.feature].shown(row) ?? "unknown"
        let verb = factor.contribution > 0 ? "raises" : "lowers"
        return "\(scorer.features[factor.feature].name) = \(value) (\(verb))"
      }.joined(separator: "; ")
    )
  }

  private func line(_ cells: [Text]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      ExportFormat.append(cell: cell, to: &bytes)
    }
    bytes.append(0x0A)
    return bytes
  }
}
