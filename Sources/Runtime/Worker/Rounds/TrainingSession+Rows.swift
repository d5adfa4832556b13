import Bytes
import Cluster
import Platform
import Propensity

extension TrainingLane {
  /// Puts rows into bins.
  convenience init(
    _ parts: [ShardRows.Part],
    _ bins: [FeatureBins],
    _ settings: TrainingSettings,
    processor: Int?
  ) throws(RoundProblem) {
    let partition: TrainingPartition
    do throws(TrainingError) {
      let part = try LocalTraining.Part(joining: parts.map(\.learned))
      let tests = parts.compactMap(\.outOfTime)
      partition = try TrainingPartition(
        features: bins,
        columns: part.columns,
        labels: part.labels,
        keys: part.keys,
        settings: settings,
        outOfTime: tests.isEmpty ? nil : try LocalTraining.Part(joining: tests)
      )
    } catch {
      throw .training(error)
    }
    do throws(PlatformError) { try self.init(partition, processor: processor) } catch {
      throw .noThread(error)
    }
  }
}

extension TrainingSession.Rows {
  /// Of each cut-off, that of the out-of-time test last.
  var outcomes: [OutcomeCounts] {
    guard var sums = parts.first?.outcomes else { return [] }
    for part in parts.dropFirst() { sums = zip(sums, part.outcomes).map { $0.adding($1) } }
    return sums
  }

  /// What has to be known of one feature to choose its bins.
  func summary(of feature: Int) throws(RoundProblem) -> FeatureSummary {
    var columns: [FeatureColumn] = []
    for part in parts.map(\.learned) {
      guard part.columns.indices.contains(feature) else {
        let error = ColumnError.columnCount(expected: names.count, actual: part.columns.count)
        throw .training(.columns(error))
      }
      columns.append(part.columns[feature])
    }
    guard let first = columns.first else {
      throw .training(.columns(.columnCount(expected: names.count, actual: 0)))
    }
    guard let summary = FeatureSummary(ofParts: columns) else {
      throw .training(.columns(.kind(feature: names[feature], expected: first.kind)))
    }
    return summary
  }

  /// Divides the shards' rows into about equal shares, at least one.
  func shares(count: Int) -> [[ShardRows.Part]] {
    var shares = [[ShardRows.Part]](repeating: [], count: max(1, min(count, parts.count)))
    var rowCounts = shares.map { _ in 0 }
    for part in parts.sorted(by: { $0.learned.labels.count > $1.learned.labels.count }) {
      let least = rowCounts.indices.min { rowCounts[$0] < rowCounts[$1] } ?? 0
      shares[least].append(part)
      rowCounts[least] += part.learned.labels.count
    }
    return shares
  }
}
