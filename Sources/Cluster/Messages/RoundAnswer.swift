package import Bytes
package import Propensity

/// When the first and the last event of some shards happened.
package struct EventSpan: Hashable, Coded {
  package var first: Instant
  package var last: Instant

  package init(first: Instant, last: Instant) {
    self.first = first
    self.last = last
  }

  /// The span of the events of both.
  package func union(_ other: EventSpan) -> EventSpan {
    EventSpan(first: min(first, other.first), last: max(last, other.last))
  }

  package func encode(into writer: inout ByteWriter) {
    first.encode(into: &writer)
    last.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    first = try Instant(from: &reader)
    last = try Instant(from: &reader)
  }
}

/// What has to be known of a part's data to choose features and cut-offs.
package struct DataSurvey: Hashable, Coded {
  /// `nil` without events.
  package var events: EventSpan?
  /// What is there, in the form of the room that makes features.
  package var features: [UInt8]

  package init(events: EventSpan?, features: [UInt8]) {
    self.events = events
    self.features = features
  }

  package func encode(into writer: inout ByteWriter) {
    events.encode(into: &writer)
    writer.write(features)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    events = try EventSpan?(from: &reader)
    features = try reader.readBytes()
  }
}

/// Rows of one cut-off, and how many of them reached the goal; counts add up.
package struct OutcomeCounts: Hashable, Coded {
  package var rowCount: UInt64 = 0
  package var positiveCount: UInt64 = 0

  package init() {}

  /// Counts rows by their labels.
  package init(labels: [Bool]) {
    rowCount = UInt64(labels.count)
    positiveCount = UInt64(labels.count { $0 })
  }

  package var negativeCount: UInt64 { rowCount &- positiveCount }

  package func adding(_ other: OutcomeCounts) -> OutcomeCounts {
    var sum = self
    sum.rowCount &+= other.rowCount
    sum.positiveCount &+= other.positiveCount
    return sum
  }

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(rowCount)
    writer.writeVarint(positiveCount)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    rowCount = try reader.readVarint()
    positiveCount = try reader.readVarint()
    // Counts this small cannot overflow when they are added up.
    guard positiveCount <= rowCount, rowCount < 1 << 48 else {
      throw .invalidValue(at: at, what: "more positive rows than rows, or too many")
    }
  }
}

/// What has to be known of a part's rows to choose bins, of some features.
package struct RowSurvey: Equatable, Coded {
  package struct Feature: Equatable, Sendable {
    package var name: Text
    package var summary: FeatureSummary

    package init(name: Text, summary: FeatureSummary) {
      self.name = name
      self.summary = summary
    }
  }

  /// Features of a row; more than are told here, as a rule.
  package var featureCount: Int
  package var labels: LabelCounts
  /// Of each cut-off of the plan, that of the out-of-time test last.
  package var outcomes: [OutcomeCounts]
  /// From the one that was asked for on, as many as fit in a message.
  package var features: [Feature]

  package init(
    featureCount: Int,
    labels: LabelCounts,
    outcomes: [OutcomeCounts] = [],
    features: [Feature]
  ) {
    self.featureCount = featureCount
    self.labels = labels
    self.outcomes = outcomes
    self.features = features
  }

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(featureCount)
    labels.encode(into: &writer)
    outcomes.encode(into: &writer)
    writer.writeVarint(features.count)
    for feature in features {
      writer.write(feature.name)
      feature.summary.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let featureCount = try reader.readVarint()
    guard featureCount <= UInt64(RoundLimits.featureCountMax) else {
      throw .invalidValue(at: at, what: "\(featureCount) features")
    }
    self.featureCount = Int(featureCount)
    labels = try LabelCounts(from: &reader)
    outcomes = try [OutcomeCounts](from: &reader)
    features = []
    for _ in 0..<(try reader.readCount(elementByteCount: 4)) {
      features.append(
        Feature(name: try reader.readText(), summary: try FeatureSummary(from: &reader))
      )
    }
  }
}

/// Bounds of what parts answer in a round.
package enum RoundLimits {
  /// Features of a row.
  package static let featureCountMax = 20_000
  /// Bytes of an answer, below what a connection may have waiting.
  package static let answerByteCountMax = 6 << 20
  /// Bytes of a survey after which no further feature is told in the same round.
  package static let surveyByteCount = 3 << 20
}
