package import Bytes
package import Domain

/// A propensity instance as the catalogue keeps it.
package struct InstanceRecord: Hashable, Coded {
  package var name: Name
  /// Raised each time the instance is changed.
  package var version: UInt64
  /// The instance as a file that spells out its defaults.
  package var file: [UInt8]

  package init(name: Name, version: UInt64 = 0, file: [UInt8]) {
    self.name = name
    self.version = version
    self.file = file
  }

  package func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    version.encode(into: &writer)
    writer.write(file)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    name = try Name(from: &reader)
    version = try UInt64(from: &reader)
    file = try reader.readBytes()
  }
}

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
    file = try reader.readBytes()
  }
}

/// What is kept of a training.
package struct TrainingSummary: Hashable, Coded {
  package var instance: Name
  package var instanceVersion: UInt64
  /// What the job calls `now`.
  package var asOf: Instant
  /// Drawn by the client: a request sent again under it is the same job.
  package var token: Text
  package var timeoutMilliseconds: UInt64?
  /// The instance as it was when the job began; empty once it has ended.
  package var file: [UInt8]

  package init(
    instance: Name,
    instanceVersion: UInt64,
    asOf: Instant,
    token: Text,
    timeoutMilliseconds: UInt64?,
    file: [UInt8]
  ) {
    self.instance = instance
    self.instanceVersion = instanceVersion
    self.asOf = asOf
    self.token = token
    self.timeoutMilliseconds = timeoutMilliseconds
    self.file = file
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    instanceVersion.encode(into: &writer)
    asOf.encode(into: &writer)
    token.encode(into: &writer)
    timeoutMilliseconds.encode(into: &writer)
    writer.write(file)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    instanceVersion = try UInt64(from: &reader)
    asOf = try Instant(from: &reader)
    token = try Text(from: &reader)
    timeoutMilliseconds = try UInt64?(from: &reader)
    file = try reader.readBytes()
  }
}
