package import Bytes
package import Domain

/// The scorings of an instance whose outcomes are awaited or known, the oldest first.
package struct ScoringHistory: Hashable, Sendable {
  /// Scorings that wait for their outcomes at most; one more is not followed, so that those that wait
  /// come to know theirs.
  package static let awaitedCountMax = 60
  /// Scorings of known outcomes at most, the newest.
  package static let knownCountMax = 60

  /// By as-of, and then by set; there is one of each set at an instant.
  package private(set) var scorings: [PastScoring] = []

  package init() {}

  /// Those of a set that wait for their outcomes.
  package func awaited(in set: Name) -> [PastScoring] {
    scorings.filter { $0.setName == set && $0.isAwaited }
  }

  /// Takes what a scoring of a set has found and is.
  package mutating func take(_ news: OutcomeNews, of set: Name, asOf: Instant) {
    for known in news.known {
      guard
        let index = scorings.firstIndex(where: {
          $0.setName == set && $0.asOf == known.asOf && $0.isAwaited
        })
      else { continue }
      scorings[index].fate = .known(known.outcomes, asOf: asOf)
    }
    // Scores of the same instant are written over, whoever follows the new ones.
    scorings.removeAll { $0.setName == set && $0.asOf == asOf }
    if let awaited = news.awaited { add(awaited) }
    var surplus = scorings.count { !$0.isAwaited } - Self.knownCountMax
    scorings.removeAll {
      guard !$0.isAwaited, surplus > 0 else { return false }
      surplus -= 1
      return true
    }
  }

  /// Adds a scoring, in place of that of the same set and instant.
  package mutating func add(_ scoring: PastScoring) {
    scorings.removeAll { $0.setName == scoring.setName && $0.asOf == scoring.asOf }
    guard !scoring.isAwaited || scorings.count(where: \.isAwaited) < Self.awaitedCountMax else {
      return
    }
    let index = scorings.firstIndex {
      ($0.asOf, $0.setName) > (scoring.asOf, scoring.setName)
    }
    scorings.insert(scoring, at: index ?? scorings.endIndex)
  }

  /// Forgets what was about a set.
  package mutating func forget(_ set: Name) { scorings.removeAll { $0.setName == set } }
}
