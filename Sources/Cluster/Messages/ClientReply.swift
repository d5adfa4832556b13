package import Bytes
package import Domain

/// Why a request was refused or failed.
package struct ClusterError: Error, Hashable, Coded, CustomStringConvertible {
  /// The few stable kinds, for programs.
  package enum Code: UInt8, CaseIterable, Sendable {
    case noSuchSet = 1
    case noSuchSegment = 2
    case noSuchJob = 3
    case noSuchProfile = 4
    case noSuchAudience = 5
    case exists = 6
    case circle = 7
    case badDefinition = 8
    case noWorkers = 9
    /// A shard's only copy is away.
    case noCopy = 10
    case importConflict = 11
    /// Rows sent so far count for nothing; the import may begin again.
    case importInterrupted = 12
    case busy = 13
    case limit = 14
    case changed = 15
    case notPermitted = 16
    case failed = 17
    case noSuchInstance = 18
    case badInstance = 19
    case noSuchModel = 20
    /// The data do not allow a model.
    case notTrainable = 21
    /// A set has no scores of an instance.
    case notScored = 22
    /// A set does not have the fields that a model learned from.
    case otherFields = 23

    /// The words that `--json` and logs carry.
    package var word: Text {
      switch self {
      case .noSuchSet: "NO_SUCH_SET"
      case .noSuchSegment: "NO_SUCH_SEGMENT"
      case .noSuchJob: "NO_SUCH_JOB"
      case .noSuchProfile: "NO_SUCH_PROFILE"
      case .noSuchAudience: "NO_SUCH_AUDIENCE"
      case .exists: "EXISTS"
      case .circle: "CIRCLE"
      case .badDefinition: "BAD_DEFINITION"
      case .noWorkers: "NO_WORKERS"
      case .noCopy: "NO_COPY"
      case .importConflict: "IMPORT_CONFLICT"
      case .importInterrupted: "IMPORT_INTERRUPTED"
      case .busy: "BUSY"
      case .limit: "LIMIT"
      case .changed: "CHANGED"
      case .notPermitted: "NOT_PERMITTED"
      case .failed: "FAILED"
      case .noSuchInstance: "NO_SUCH_INSTANCE"
      case .badInstance: "BAD_INSTANCE"
      case .noSuchModel: "NO_SUCH_MODEL"
      case .notTrainable: "NOT_TRAINABLE"
      case .notScored: "NOT_SCORED"
      case .otherFields: "OTHER_FIELDS"
      }
    }
  }

  package var code: Code
  /// One sentence: what is wrong, the value, what would be right.
  package var message: Text
  /// What to do next, where there is something.
  package var next: Text?

  package init(_ code: Code, _ message: String, next: String? = nil) {
    self.code = code
    self.message = Text(message)
    self.next = next.map { Text($0) }
  }

  package var description: String { message.string }

  package func encode(into writer: inout ByteWriter) {
    writer.write(code.rawValue)
    message.encode(into: &writer)
    next.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    guard let code = Code(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "error code")
    }
    self.code = code
    message = try Text(from: &reader)
    next = try Text?(from: &reader)
  }
}

/// What the coordinator answers to a request.
package enum ClientReply: Hashable, Coded {
  /// A listing or a description: what `--json` prints.
  case document(Value)
  /// The job is durable and will run.
  case accepted(JobID)
  /// Rows may be sent; the set has that many shards.
  case importOpened(ImportAttempt, shardCount: UInt32)
  /// An import of this id was committed before; nothing is to be sent.
  case importDoneBefore(Value)
  case stored
  /// A page of the set, and whether rows are left behind it.
  case page([PageRow], isDone: Bool, membershipJob: JobID?)
  case failed(ClusterError)
  /// A model as a file, and the plan of its features.
  case model(file: [UInt8], features: [UInt8])

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .document(let value):
      writer.write(1 as UInt8)
      value.encode(into: &writer)
    case .accepted(let job):
      writer.write(2 as UInt8)
      job.encode(into: &writer)
    case .importOpened(let attempt, let shardCount):
      writer.write(3 as UInt8)
      attempt.encode(into: &writer)
      shardCount.encode(into: &writer)
    case .importDoneBefore(let value):
      writer.write(4 as UInt8)
      value.encode(into: &writer)
    case .stored: writer.write(5 as UInt8)
    case .page(let rows, let isDone, let job):
      writer.write(6 as UInt8)
      rows.encode(into: &writer)
      isDone.encode(into: &writer)
      job.encode(into: &writer)
    case .failed(let error):
      writer.write(7 as UInt8)
      error.encode(into: &writer)
    case .model(let file, let features):
      writer.write(8 as UInt8)
      writer.write(file)
      writer.write(features)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .document(try Value(from: &reader))
    case 2: self = .accepted(try JobID(from: &reader))
    case 3:
      self = .importOpened(
        try ImportAttempt(from: &reader),
        shardCount: try UInt32(from: &reader)
      )
    case 4: self = .importDoneBefore(try Value(from: &reader))
    case 5: self = .stored
    case 6:
      self = .page(
        try [PageRow](from: &reader),
        isDone: try Bool(from: &reader),
        membershipJob: try JobID?(from: &reader)
      )
    case 7: self = .failed(try ClusterError(from: &reader))
    case 8: self = .model(file: try reader.readBytes(), features: try reader.readBytes())
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "reply")
    }
  }
}
