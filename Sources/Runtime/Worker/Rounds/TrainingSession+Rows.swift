import Bytes
import Cluster
import Propensity

extension TrainingSession.Lane {
  /// Puts rows into bins.
  convenience init(
    _ parts: [LocalTraining.Part],
    _ bins: [FeatureBins],
    _ settings: TrainingSettings
  ) throws(RoundProblem) {
    do throws(TrainingError) {
      let part = try LocalTraining.Part(joining: parts)
      self.init(
        try TrainingPartition(
          features: bins,
          columns: part.columns,
          labels: part.labels,
          keys: part.keys,
          settings: settings
        )
      )
    } catch {
      throw .training(error)
    }
  }
}

extension TrainingSession.Rows {
  /// What has to be known of one feature to choose its bins.
  func summary(of feature: Int) throws(RoundProblem) -> FeatureSummary {
    var merged: FeatureSummary?
    for part in parts {
      guard part.columns.indices.contains(feature) else {
        let error = ColumnError.columnCount(expected: names.count, actual: part.columns.count)
        throw .training(.columns(error))
      }
      let own = FeatureSummary(of: part.columns[feature])
      guard let known = merged else {
        merged = own
        continue
      }
      merged = known.merging(own)
      guard merged != nil else {
        let kind = parts[0].columns[feature].kind
        throw .training(.columns(.kind(feature: names[feature], expected: kind)))
      }
    }
    guard let merged else {
      throw .training(.columns(.columnCount(expected: names.count, actual: 0)))
    }
    return merged
  }

  /// Divides the shards' rows into about equal shares, at least one.
  func shares(count: Int) -> [[LocalTraining.Part]] {
    var shares = [[LocalTraining.Part]](repeating: [], count: max(1, min(count, parts.count)))
    var rowCounts = shares.map { _ in 0 }
    for part in parts.sorted(by: { $0.labels.count > $1.labels.count }) {
      let least = rowCounts.indices.min { rowCounts[$0] < rowCounts[$1] } ?? 0
      shares[least].append(part)
      rowCounts[least] += part.labels.count
    }
    return shares
  }
}
