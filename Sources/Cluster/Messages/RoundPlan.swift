package import Bytes
package import Domain

/// What all rounds of a training have in common.
package struct RoundPlan: Hashable, Coded {
  package var job: JobID
  package var set: SetID
  /// What the job calls `now`.
  package var asOf: Instant
  /// What each shard holds, by shard index; no import is committed while the job runs.
  package var contents: [ShardContents]
  /// The instance as a file.
  package var instance: [UInt8]

  package init(
    job: JobID,
    set: SetID,
    asOf: Instant,
    contents: [ShardContents],
    instance: [UInt8]
  ) {
    self.job = job
    self.set = set
    self.asOf = asOf
    self.contents = contents
    self.instance = instance
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    set.encode(into: &writer)
    asOf.encode(into: &writer)
    contents.encode(into: &writer)
    writer.write(instance)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    set = try SetID(from: &reader)
    asOf = try Instant(from: &reader)
    contents = try [ShardContents](from: &reader)
    instance = try reader.readBytes()
  }
}

/// One try at one worker's part of one round.
package struct RoundTask: Hashable, Coded {
  package var job: JobID
  package var set: SetID
  /// Ascends from 1 with the rounds of the job.
  package var round: UInt32
  package var attempt: UInt32
  /// The shards that are the part, ascending.
  package var shards: [ShardIndex]

  package init(job: JobID, set: SetID, round: UInt32, attempt: UInt32, shards: [ShardIndex]) {
    self.job = job
    self.set = set
    self.round = round
    self.attempt = attempt
    self.shards = shards
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    set.encode(into: &writer)
    round.encode(into: &writer)
    attempt.encode(into: &writer)
    shards.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    set = try SetID(from: &reader)
    round = try UInt32(from: &reader)
    attempt = try UInt32(from: &reader)
    shards = try [ShardIndex](from: &reader)
  }
}
