package import Bytes
package import Domain

/// What an instance has learned last.
package struct ModelRecord: Hashable, Coded {
  package var instance: Name
  /// Raised with each training of the instance.
  package var version: UInt64
  package var instanceVersion: UInt64
  package var job: JobID
  package var setName: Name
  package var asOf: Instant
  package var trainedAt: Instant
  /// How good the model is; the same for the same data, however they are divided.
  package var report: Value
  /// The plan of its features, in the form of the room that makes them.
  package var features: [UInt8]
  /// What of a profile the features are made of that move a score; each once.
  package var origins: [FeatureOrigin]
  /// The model as a file.
  package var file: [UInt8]

  package init(
    instance: Name,
    version: UInt64,
    instanceVersion: UInt64,
    job: JobID,
    setName: Name,
    asOf: Instant,
    trainedAt: Instant,
    report: Value,
    features: [UInt8],
    origins: [FeatureOrigin],
    file: [UInt8]
  ) {
    self.instance = instance
    self.version = version
    self.instanceVersion = instanceVersion
    self.job = job
    self.setName = setName
    self.asOf = asOf
    self.trainedAt = trainedAt
    self.report = report
    self.features = features
    self.origins = origins
    self.file = file
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    version.encode(into: &writer)
    instanceVersion.encode(into: &writer)
    job.encode(into: &writer)
    setName.encode(into: &writer)
    asOf.encode(into: &writer)
    trainedAt.encode(into: &writer)
    report.encode(into: &writer)
    writer.write(features)
    origins.encode(into: &writer)
    writer.write(file)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    version = try UInt64(from: &reader)
    instanceVersion = try UInt64(from: &reader)
    job = try JobID(from: &reader)
    setName = try Name(from: &reader)
    asOf = try Instant(from: &reader)
    trainedAt = try Instant(from: &reader)
    report = try Value(from: &reader)
    features = try reader.readBytes()
    origins = try [FeatureOrigin](from: &reader)
    file = try reader.readBytes()
  }
}
