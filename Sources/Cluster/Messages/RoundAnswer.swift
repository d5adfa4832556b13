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
  /// From the one that was asked for on, as many as fit in a message.
  package var features: [Feature]

  package init(featureCount: Int, labels: LabelCounts, features: [Feature]) {
    self.featureCount = featureCount
    self.labels = labels
    self.features = features
  }

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(featureCount)
    labels.encode(into: &writer)
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
