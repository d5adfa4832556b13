extension FeatureBins {
  /// How many of the rows that were summarised fall into each bin.
  ///
  /// Exact for bins that were made from the summary: their edges lie between its cells. Rows of a
  /// feature with too many categories are not known and count for nothing, missing ones apart.
  ///
  /// - Parameter summary: of a feature of the same kind; of another one nothing is counted.
  /// - Returns: one a bin.
  package func counts(of summary: FeatureSummary) -> [UInt64] {
    var counts = [UInt64](repeating: 0, count: binCount)
    switch (cut, summary) {
    case (.edges(let edges), .numeric(let sketch)):
      counts[Int(Self.missingBin)] = sketch.missingCount
      var bin = 1
      for cell in sketch.keys.indices {
        while bin <= edges.count, edges[bin - 1] < sketch.lowest(cell) { bin += 1 }
        counts[bin] &+= sketch.counts[cell]
      }
    case (.categories(let names), .categorical(let categories)):
      counts[Int(Self.missingBin)] = categories.missingCount
      guard let rows = categories.counts else { break }
      for (index, name) in names.enumerated() { counts[index + 2] = rows[name] ?? 0 }
      let own = counts[2...].reduce(0, &+)
      counts[Int(Self.pooledBin)] = rows.values.reduce(0, &+) &- own
    case (.edges, .categorical), (.categories, .numeric): break
    }
    return counts
  }
}
