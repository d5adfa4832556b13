import Bytes
import Domain

/// How it is told that the fields and events of a set suit a model, or do not.
extension FieldFit {
  /// The error of a scoring that cannot be.
  ///
  /// - Parameters:
  ///   - set: whose profiles are to be scored.
  ///   - instance: whose model is to score them.
  ///   - version: of the model.
  ///   - source: the set that the model learned from.
  /// - Returns: `nil` where the model can score them.
  func refusal(
    of set: Name,
    by instance: Name,
    version: UInt64,
    learnedFrom source: Name
  ) -> ClusterError? {
    objection(Self.subject(set)).map {
      ClusterError(
        .otherFields,
        "\($0) (model \(version) of instance '\(instance)', of set '\(source)')",
        next: advice(set, instance)
      )
    }
  }

  /// What is said of scores that are made all the same.
  func warnings(of set: Name) -> [Text] { warnings(Self.subject(set)).map { Text($0) } }

  private static func subject(_ set: Name) -> String { "set '\(set)' has" }

  private func advice(_ set: Name, _ instance: Name) -> String {
    let training = "covey propensity train \(instance) --set \(set)"
    if let unsuited = unsuited.first, let type = unsuited.reading.declaredType {
      return
        "import '\(unsuited.field)' anew with '--types \(unsuited.field)=\(type)', or \(training)"
    }
    return missingEvents == nil
      ? "covey sets schema \(set), or \(training)"
      : "import such events, score as of an instant after them ('--as-of'), or \(training)"
  }
}
