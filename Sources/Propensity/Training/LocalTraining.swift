package import Bytes
private import Dispatch

/// Trains on rows that are all here, divided into partitions that are worked on at the same time.
package enum LocalTraining {
  /// One partition's rows: a column a feature, and a label and a hash of the key a row.
  package struct Part: Sendable {
    package var columns: [FeatureColumn]
    package var labels: [Bool]
    package var keys: [UInt64]

    package init(columns: [FeatureColumn], labels: [Bool], keys: [UInt64]) {
      self.columns = columns
      self.labels = labels
      self.keys = keys
    }
  }

  /// The bins of every feature, from the values of all parts.
  package static func bins(
    names: [Text],
    parts: [Part],
    settings: TrainingSettings
  ) throws(TrainingError) -> [FeatureBins] {
    for part in parts where part.columns.count != names.count {
      throw .columns(.columnCount(expected: names.count, actual: part.columns.count))
    }
    let summaries = concurrently(parts.count * names.count) { index in
      FeatureSummary(of: parts[index / names.count].columns[index % names.count])
    }
    var features: [FeatureBins] = []
    for (index, name) in names.enumerated() {
      guard var merged = summaries.indices.contains(index) ? summaries[index] : nil else {
        continue
      }
      for part in 1..<parts.count {
        guard let sum = merged.merging(summaries[part * names.count + index]) else {
          throw .columns(.kind(feature: name, expected: parts[0].columns[index].kind))
        }
        merged = sum
      }
      features.append(
        BinFinder.bins(name: name, summary: merged, binCountMax: settings.binCountMax)
      )
    }
    return features
  }

  /// Grows trees.
  ///
  /// - Parameters:
  ///   - features: the bins of every column, as `bins` makes them.
  ///   - parts: at least one.
  ///   - settings: how trees are grown.
  /// - Returns: the same for any division of the same rows into parts.
  /// - Throws: when the rows do not fit the features or do not allow a model.
  package static func train(
    features: [FeatureBins],
    parts: [Part],
    settings: TrainingSettings
  ) throws(TrainingError) -> TrainedForest {
    if let problem = settings.problem { throw problem }
    let made = concurrently(parts.count) { index in
      Result { () throws(TrainingError) in
        Partition(
          inner: try TrainingPartition(
            features: features,
            columns: parts[index].columns,
            labels: parts[index].labels,
            keys: parts[index].keys,
            settings: settings
          )
        )
      }
    }
    var partitions: [Partition] = []
    for result in made { partitions.append(try result.get()) }
    let labels = partitions.reduce(LabelCounts()) { $0.adding($1.inner.labelCounts) }
    var trainer = try Trainer(features: features, labels: labels, settings: settings)
    var orders = [trainer.start()][...]
    while true {
      guard let order = orders.popFirst() else {
        throw .unexpectedAnswer(what: "no order is left to be answered")
      }
      switch try trainer.handle(try answer(order, by: partitions)) {
      case .orders(let next): orders += next
      case .waiting: break
      case .finished(let forest): return forest
      }
    }
  }

  private static func answer(
    _ order: TrainingOrder,
    by partitions: [Partition]
  ) throws(TrainingError) -> TrainingAnswer {
    let answers = concurrently(partitions.count) { index in
      Result { () throws(TrainingError) in try partitions[index].inner.answer(order) }
    }
    var merged = try answers[0].get()
    for answer in answers.dropFirst() { try merged.merge(try answer.get()) }
    return merged
  }

  /// Each partition is used by one call of `concurrently` at a time, and there by one thread.
  private struct Partition: @unchecked Sendable {
    let inner: TrainingPartition
  }

  /// The results of `work` for 0..<count, on all processors.
  private static func concurrently<Value: Sendable>(
    _ count: Int,
    _ work: @Sendable (Int) -> Value
  ) -> [Value] {
    // Iteration i alone writes element i, and all are done when concurrentPerform returns.
    unsafe [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let results = unsafe buffer
      DispatchQueue.concurrentPerform(iterations: count) { index in
        unsafe results.initializeElement(at: index, to: work(index))
      }
      initialized = count
    }
  }
}
