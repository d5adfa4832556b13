package import Domain

/// The second pass over the files: rows into batches, a batch belonging to one shard.
package enum Loader {
  /// Reads every file and hands on the rows that the survey found good.
  ///
  /// The batches of a shard come in the order of the input, so numbering them tells a repeated one.
  /// Memory stays within the limits of the options whatever the input is.
  ///
  /// - Parameters:
  ///   - source: the same files and options as the survey had.
  ///   - report: what the survey found.
  ///   - shardCount: shards of the set, at least 1.
  ///   - progress: called once a block of input.
  ///   - emit: takes the shard, the bytes of a `RowBatch` and its count of rows; what it throws ends
  ///     the load.
  /// - Throws: `IntakeError.changed` when the files no longer hold what the survey saw.
  package static func run(
    _ source: IntakeSource,
    _ report: SurveyReport,
    shardCount: Int,
    progress: ((IntakeProgress) throws -> Void)? = nil,
    emit: @escaping (ShardIndex, [UInt8], Int) throws -> Void
  ) throws {
    let sink = LoadSink(
      columnTypes: report.columnTypes,
      limits: source.options.limits,
      shardCount: shardCount,
      emit: emit
    )
    var pass = IntakePass(source: source, sink: sink, progress: progress)
    try pass.run()
    try pass.sink.finish()
    let pairs = zip(pass.counts.textByteCounts, report.counts.textByteCounts)
    for (file, count) in zip(source.files, pairs) where count.0 != count.1 {
      throw IntakeError.changed(file: file.shownName)
    }
    guard pass.counts == report.counts, pass.rejects == report.rejects else {
      throw IntakeError.changed(file: source.files.first?.shownName ?? "")
    }
  }
}
