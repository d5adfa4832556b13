package import Bytes
package import Domain

/// What all shards of a scoring have in common; told once a connection.
package struct ScoringPlan: Hashable, Coded {
  package var job: JobID
  package var instance: Name
  package var modelVersion: UInt64
  /// What the job calls `now`: features come from events before it.
  package var asOf: Instant
  /// The plan of the model's features, in the form of the room that makes them.
  package var features: [UInt8]
  /// The model as a file.
  package var model: [UInt8]
  /// Whether profiles may have scores from before: of other instances, which stay, and of this one.
  package var keepsOthers: Bool
  /// Scorings whose outcomes are awaited; scores of others are forgotten.
  package var earlier: [EarlierScoring]

  package init(
    job: JobID,
    instance: Name,
    modelVersion: UInt64,
    asOf: Instant,
    features: [UInt8],
    model: [UInt8],
    keepsOthers: Bool,
    earlier: [EarlierScoring]
  ) {
    self.job = job
    self.instance = instance
    self.modelVersion = modelVersion
    self.asOf = asOf
    self.features = features
    self.model = model
    self.keepsOthers = keepsOthers
    self.earlier = earlier
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    instance.encode(into: &writer)
    modelVersion.encode(into: &writer)
    asOf.encode(into: &writer)
    writer.write(features)
    writer.write(model)
    keepsOthers.encode(into: &writer)
    earlier.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    instance = try Name(from: &reader)
    modelVersion = try UInt64(from: &reader)
    asOf = try Instant(from: &reader)
    features = try reader.readBytes()
    model = try reader.readBytes()
    keepsOthers = try Bool(from: &reader)
    earlier = try [EarlierScoring](from: &reader)
  }
}

/// One shard's part of a scoring, as one attempt at an import whose rows the worker makes itself.
package struct ShardScoring: Hashable, Coded {
  package var attempt: ImportAttempt
  package var place: ShardPlace
  /// What the shard must hold.
  package var contents: ShardContents
  /// By bucket of margins; empty while margins are only to be counted.
  package var percentiles: [UInt8]
  /// Earlier scorings of the plan whose outcome windows have passed; the others stay awaited.
  package var judged: [Instant]

  package init(
    attempt: ImportAttempt,
    place: ShardPlace,
    contents: ShardContents,
    percentiles: [UInt8],
    judged: [Instant] = []
  ) {
    self.attempt = attempt
    self.place = place
    self.contents = contents
    self.percentiles = percentiles
    self.judged = judged
  }

  package func encode(into writer: inout ByteWriter) {
    attempt.encode(into: &writer)
    place.encode(into: &writer)
    contents.encode(into: &writer)
    writer.write(percentiles)
    judged.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    attempt = try ImportAttempt(from: &reader)
    place = try ShardPlace(from: &reader)
    contents = try ShardContents(from: &reader)
    percentiles = try reader.readBytes()
    judged = try [Instant](from: &reader)
  }
}

/// What a client wants scored.
package struct ScoringRequest: Hashable, Coded {
  package var instance: Name
  package var set: Name
  /// `nil` takes the coordinator's clock at the time of acceptance.
  package var asOf: Instant?
  /// Drawn by the client: a request sent again under it is the same job.
  package var token: Text
  /// Whether scores of a poor model are written all the same.
  package var isForced: Bool

  package init(instance: Name, set: Name, asOf: Instant?, token: Text, isForced: Bool) {
    self.instance = instance
    self.set = set
    self.asOf = asOf
    self.token = token
    self.isForced = isForced
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    set.encode(into: &writer)
    asOf.encode(into: &writer)
    token.encode(into: &writer)
    isForced.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    set = try Name(from: &reader)
    asOf = try Instant?(from: &reader)
    token = try Text(from: &reader)
    isForced = try Bool(from: &reader)
  }
}
