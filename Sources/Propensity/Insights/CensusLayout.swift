/// What is counted of the rows that a model scores: which features, and in which groups of values.
///
/// It follows from the model alone, so whoever has the model reads a census of its scores.
package struct CensusLayout: Equatable, Sendable {
  /// Features at most, those that the most splits test: what is kept of a scoring has a bound then.
  package static let featureCountMax = 500

  /// Numbers of the model's features that trees test, ascending; no other moves a score.
  package let features: [Int]
  /// By place among `features`.
  package let groups: [BinGroups]

  package init(_ model: PropensityModel) {
    let splits = model.splitCounts
    let tested = splits.indices.filter { splits[$0] > 0 }.sorted {
      splits[$0] != splits[$1] ? splits[$0] > splits[$1] : $0 < $1
    }
    let features = tested.prefix(Self.featureCountMax).sorted()
    self.features = features
    groups = features.map { feature in
      BinGroups(
        model.features[feature],
        trainingCounts: model.trainingCounts.isEmpty ? nil : model.trainingCounts[feature]
      )
    }
  }
}
