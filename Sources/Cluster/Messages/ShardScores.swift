package import Bytes
package import Domain

/// A scoring of the same set that was before, and whose outcomes are awaited.
package struct EarlierScoring: Hashable, Coded {
  package var asOf: Instant
  /// What its goal was, in the form of the room that judges it.
  package var outcome: [UInt8]

  package init(asOf: Instant, outcome: [UInt8]) {
    self.asOf = asOf
    self.outcome = outcome
  }

  package func encode(into writer: inout ByteWriter) {
    asOf.encode(into: &writer)
    writer.write(outcome)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    asOf = try Instant(from: &reader)
    outcome = try reader.readBytes()
  }
}

/// The goal that scores are about, to be judged once its outcome window has passed.
package struct PredictedOutcome: Hashable, Coded {
  package var windowDays: UInt32
  /// In the form of the room that judges it.
  package var plan: [UInt8]

  package init(windowDays: UInt32, plan: [UInt8]) {
    self.windowDays = windowDays
    self.plan = plan
  }

  /// The end of the window behind a cut-off, which it is not part of.
  package func end(after asOf: Instant) -> Instant {
    asOf.advanced(byMilliseconds: Int64(windowDays) * 86_400_000)
  }

  package func encode(into writer: inout ByteWriter) {
    windowDays.encode(into: &writer)
    writer.write(plan)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    windowDays = try UInt32(from: &reader)
    plan = try reader.readBytes()
  }
}

/// What a shard tells before its scores are made.
package struct ShardMeasure: Hashable, Coded {
  /// Where its eligible profiles stand, a `MarginCounts`.
  package var margins: [UInt8]
  /// `nil` without events.
  package var lastEvent: Instant?
  /// The same for all shards; `nil` for a goal over attributes alone.
  package var outcome: PredictedOutcome?
  /// Which kinds of events that the model looks at they have; `nil` where nobody is eligible.
  package var met: MetEvents?

  package init(
    margins: [UInt8],
    lastEvent: Instant?,
    outcome: PredictedOutcome?,
    met: MetEvents?
  ) {
    self.margins = margins
    self.lastEvent = lastEvent
    self.outcome = outcome
    self.met = met
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(margins)
    lastEvent.encode(into: &writer)
    outcome.encode(into: &writer)
    met.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    margins = try reader.readBytes()
    lastEvent = try Instant?(from: &reader)
    outcome = try PredictedOutcome?(from: &reader)
    met = try MetEvents?(from: &reader)
  }
}

/// What a shard tells once its scores are made.
package struct ShardFindings: Hashable, Coded {
  /// What its scored profiles look like, a `ScoringCensus`.
  package var census: [UInt8]
  /// A `ScoredOutcomes` for each earlier scoring that was to be judged, in that order.
  package var outcomes: [UInt8]

  package init(census: [UInt8], outcomes: [UInt8] = []) {
    self.census = census
    self.outcomes = outcomes
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(census)
    writer.write(outcomes)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    census = try reader.readBytes()
    outcomes = try reader.readBytes()
  }
}
