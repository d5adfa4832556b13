/// What a scoring found over all of its rows.
package struct ScoringFindings: Equatable, Sendable {
  /// How many rows stand where, whatever their outcome.
  package var margins: MarginCounts
  package var census: ScoringCensus

  package init(margins: MarginCounts, census: ScoringCensus) {
    self.margins = margins
    self.census = census
  }
}
