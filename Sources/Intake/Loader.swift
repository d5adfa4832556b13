package import Domain

/// The pass over the files that is an import: rows into batches, a batch belonging to one shard, and
/// on the way everything that a survey finds out.
package enum Loader {
  package enum Outcome: Sendable {
    /// All good rows were handed on.
    case loaded(SurveyReport)
    /// What was handed on is void: cells were read as other types than they turned out to have. The
    /// preview now says the right ones.
    case retyped
  }

  /// Reads every file and hands on the good rows.
  ///
  /// The batches of a shard come in the order of the input, so numbering them tells a repeated one.
  /// Memory stays within the limits of the options whatever the input is.
  ///
  /// - Parameters:
  ///   - source: the same files and options as the preview had.
  ///   - preview: what is known of them; learns the types of cells.
  ///   - shardCount: shards of the set, at least 1.
  ///   - progress: called once a chunk of input.
  ///   - emit: takes the shard, the bytes of a `RowBatch` or `TableBatch` and its count of rows;
  ///     what it throws ends the load.
  /// - Returns: whether the load counts, and then all that was found out.
  /// - Throws: `IntakeError.changed` when the files no longer hold what the preview saw.
  package static func run(
    _ source: IntakeSource,
    _ preview: inout Preview,
    shardCount: Int,
    progress: ((IntakeProgress) throws -> Void)? = nil,
    emit: (ShardIndex, [UInt8], Int) throws -> Void
  ) throws -> Outcome {
    precondition(shardCount > 0 && shardCount <= UInt32.max, "\(shardCount) shards")
    var pass = IntakePass(source, [.survey, .batches], progress: progress)
    pass.columnTypes = preview.columnTypes
    pass.shardCount = shardCount
    var summary = SurveySummary(source.options)
    try pass.run { result in
      try summary.add(result)
      for batch in result.batches { try emit(batch.shard, batch.rows, batch.rowCount) }
    }
    for (file, hashes) in zip(source.files, zip(pass.fileHashes, preview.fileHashes))
    where hashes.0 != hashes.1 {
      throw IntakeError.changed(file: file.shownName)
    }
    let types = summary.decidedTypes()
    guard types == preview.columnTypes else {
      preview.columnTypes = types
      return .retyped
    }
    return .loaded(SurveyReport(source, pass, summary, types))
  }
}
