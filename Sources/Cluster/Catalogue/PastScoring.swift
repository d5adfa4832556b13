package import Bytes
package import Domain
package import Propensity

/// A scoring whose outcomes are awaited or known.
package struct PastScoring: Hashable, Coded {
  package enum Fate: Hashable, Sendable {
    /// The goal that was predicted, in the form of the room that judges it.
    case awaited(outcome: [UInt8])
    /// What became of the profiles that were scored, and as of which later scoring that was found.
    case known(ScoredOutcomes, asOf: Instant)
  }

  package var setName: Name
  package var asOf: Instant
  package var job: JobID
  package var modelVersion: UInt64
  /// The end of the outcome window, which it is not part of.
  package var windowEnd: Instant
  /// By bucket, in the order of `ScoreBucket.allCases`.
  package var expected: [BucketExpectation]
  package var fate: Fate

  package init(
    setName: Name,
    asOf: Instant,
    job: JobID,
    modelVersion: UInt64,
    windowEnd: Instant,
    expected: [BucketExpectation],
    fate: Fate
  ) {
    precondition(expected.count == ScoreBucket.allCases.count, "\(expected.count) buckets")
    self.setName = setName
    self.asOf = asOf
    self.job = job
    self.modelVersion = modelVersion
    self.windowEnd = windowEnd
    self.expected = expected
    self.fate = fate
  }

  package var isAwaited: Bool { if case .awaited = fate { true } else { false } }

  /// As workers are told of it, while its outcomes are awaited.
  package var earlier: EarlierScoring? {
    guard case .awaited(let outcome) = fate else { return nil }
    return EarlierScoring(asOf: asOf, outcome: outcome)
  }

  package func encode(into writer: inout ByteWriter) {
    setName.encode(into: &writer)
    asOf.encode(into: &writer)
    job.encode(into: &writer)
    modelVersion.encode(into: &writer)
    windowEnd.encode(into: &writer)
    for bucket in expected { bucket.encode(into: &writer) }
    switch fate {
    case .awaited(let outcome):
      writer.write(1 as UInt8)
      writer.write(outcome)
    case .known(let outcomes, let asOf):
      writer.write(2 as UInt8)
      outcomes.encode(into: &writer)
      asOf.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    setName = try Name(from: &reader)
    asOf = try Instant(from: &reader)
    job = try JobID(from: &reader)
    modelVersion = try UInt64(from: &reader)
    windowEnd = try Instant(from: &reader)
    expected = []
    for _ in ScoreBucket.allCases { expected.append(try BucketExpectation(from: &reader)) }
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: fate = .awaited(outcome: try reader.readBytes())
    case 2:
      fate = .known(try ScoredOutcomes(from: &reader), asOf: try Instant(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "fate of a scoring")
    }
  }
}

/// What a scoring adds to the history of its instance.
package struct OutcomeNews: Hashable, Coded {
  /// What became of the profiles of an earlier scoring of the set.
  package struct Known: Hashable, Sendable {
    package var asOf: Instant
    package var outcomes: ScoredOutcomes

    package init(asOf: Instant, outcomes: ScoredOutcomes) {
      self.asOf = asOf
      self.outcomes = outcomes
    }
  }

  /// The scoring itself; `nil` for a goal over attributes alone.
  package var awaited: PastScoring?
  package var known: [Known]

  package init(awaited: PastScoring?, known: [Known]) {
    self.awaited = awaited
    self.known = known
  }

  package func encode(into writer: inout ByteWriter) {
    awaited.encode(into: &writer)
    writer.writeVarint(known.count)
    for known in known {
      known.asOf.encode(into: &writer)
      known.outcomes.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    awaited = try PastScoring?(from: &reader)
    known = []
    for _ in 0..<(try reader.readCount(elementByteCount: 2 * ScoredOutcomes.scoreCount)) {
      known.append(
        Known(asOf: try Instant(from: &reader), outcomes: try ScoredOutcomes(from: &reader))
      )
    }
  }
}
