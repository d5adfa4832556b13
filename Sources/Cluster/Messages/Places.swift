package import Bytes
package import Domain

/// A coordinator's reign, raised each time one starts; a worker refuses orders of a lower one.
package struct Epoch: Hashable, Comparable, Coded {
  package var number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: Epoch, right: Epoch) -> Bool { left.number < right.number }

  package func encode(into writer: inout ByteWriter) { number.encode(into: &writer) }
  package init(from reader: inout ByteReader) throws(DecodingError) {
    number = try UInt64(from: &reader)
  }
}

/// A connection as the rules know it.
package struct PeerID: Hashable, Comparable, Sendable {
  package var number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: PeerID, right: PeerID) -> Bool { left.number < right.number }
}

/// Both clocks at one moment: wall time for records, monotonic milliseconds for every deadline.
package struct Moment: Hashable, Sendable {
  package var wall: Instant
  package var monotonic: Int64

  package init(wall: Instant, monotonic: Int64) {
    self.wall = wall
    self.monotonic = monotonic
  }
}

/// One shard of one profile set.
package struct ShardPlace: Hashable, Comparable, Coded {
  package var set: SetID
  package var shard: ShardIndex

  package init(set: SetID, shard: ShardIndex) {
    self.set = set
    self.shard = shard
  }

  package static func < (left: ShardPlace, right: ShardPlace) -> Bool {
    left.set == right.set ? left.shard < right.shard : left.set < right.set
  }

  package func encode(into writer: inout ByteWriter) {
    set.encode(into: &writer)
    shard.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    set = try SetID(from: &reader)
    shard = try ShardIndex(from: &reader)
  }
}

/// What a shard holds once an import is committed: the end of its log, and how many of each.
package struct ShardContents: Hashable, Coded {
  package var lsn: UInt64
  package var profileCount: UInt64
  package var eventCount: UInt64

  package init(lsn: UInt64 = 0, profileCount: UInt64 = 0, eventCount: UInt64 = 0) {
    self.lsn = lsn
    self.profileCount = profileCount
    self.eventCount = eventCount
  }

  package func encode(into writer: inout ByteWriter) {
    lsn.encode(into: &writer)
    profileCount.encode(into: &writer)
    eventCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    lsn = try UInt64(from: &reader)
    profileCount = try UInt64(from: &reader)
    eventCount = try UInt64(from: &reader)
  }
}

/// One try at an import; batches of an earlier try count for nothing.
package struct ImportAttempt: Hashable, Coded {
  package var job: JobID
  package var attempt: UInt32

  package init(job: JobID, attempt: UInt32) {
    self.job = job
    self.attempt = attempt
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    attempt.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    attempt = try UInt32(from: &reader)
  }
}

/// One try at one shard's part of a job.
package struct TaskAttempt: Hashable, Coded {
  package var job: JobID
  package var place: ShardPlace
  package var attempt: UInt32
  /// What the shard must hold for the answer to be about the right data.
  package var contents: ShardContents

  package init(job: JobID, place: ShardPlace, attempt: UInt32, contents: ShardContents) {
    self.job = job
    self.place = place
    self.attempt = attempt
    self.contents = contents
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    place.encode(into: &writer)
    attempt.encode(into: &writer)
    contents.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    place = try ShardPlace(from: &reader)
    attempt = try UInt32(from: &reader)
    contents = try ShardContents(from: &reader)
  }
}

/// Why a worker could not do what it was told.
package struct WorkFailure: Hashable, Coded {
  /// A few stable words for programs, as `DISK_FULL`.
  package var code: Text
  /// The reason in a sentence.
  package var message: Text
  /// Whether another try may succeed.
  package var isRetryable: Bool

  package init(code: Text, message: Text, isRetryable: Bool) {
    self.code = code
    self.message = message
    self.isRetryable = isRetryable
  }

  package func encode(into writer: inout ByteWriter) {
    code.encode(into: &writer)
    message.encode(into: &writer)
    isRetryable.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    code = try Text(from: &reader)
    message = try Text(from: &reader)
    isRetryable = try Bool(from: &reader)
  }
}
