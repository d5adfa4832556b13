package import Bytes
package import Domain

/// What is kept of a training's model when the instance has another one.
package struct TrainedModel: Hashable, Coded {
  /// Of the instance's models.
  package var version: UInt64
  package var treeCount: UInt64

  package init(version: UInt64, treeCount: UInt64) {
    self.version = version
    self.treeCount = treeCount
  }

  package func encode(into writer: inout ByteWriter) {
    version.encode(into: &writer)
    treeCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    version = try UInt64(from: &reader)
    treeCount = try UInt64(from: &reader)
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
  /// Known once the job is committed.
  package var model: TrainedModel?

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
    model.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    instanceVersion = try UInt64(from: &reader)
    asOf = try Instant(from: &reader)
    token = try Text(from: &reader)
    timeoutMilliseconds = try UInt64?(from: &reader)
    file = try reader.readBytes()
    model = try TrainedModel?(from: &reader)
  }
}
