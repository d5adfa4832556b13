package import Bytes
package import Domain

/// A page of profiles in key order, from one shard or from the whole set.
package struct PageQuery: Hashable, Coded {
  /// `nil` for every profile of the set.
  package var audience: Name?
  /// Which memberships count; `realized` alone gives the members.
  package var statuses: [MembershipStatus]
  /// Only memberships that changed with the last run.
  package var isChangedOnly: Bool
  /// The page begins behind this key; `nil` for the first.
  package var after: ProfileKey?
  package var rowCountMax: UInt32
  /// Dotted paths of attributes to give; `nil` for none, empty for all.
  package var fields: [Text]?
  /// The run whose memberships are read; a later one committed meanwhile is an error.
  package var membershipJob: JobID?

  package init(
    audience: Name?,
    statuses: [MembershipStatus] = [.realized],
    isChangedOnly: Bool = false,
    after: ProfileKey? = nil,
    rowCountMax: UInt32,
    fields: [Text]? = nil,
    membershipJob: JobID? = nil
  ) {
    self.audience = audience
    self.statuses = statuses
    self.isChangedOnly = isChangedOnly
    self.after = after
    self.rowCountMax = rowCountMax
    self.fields = fields
    self.membershipJob = membershipJob
  }

  package func encode(into writer: inout ByteWriter) {
    audience.encode(into: &writer)
    statuses.encode(into: &writer)
    isChangedOnly.encode(into: &writer)
    after.encode(into: &writer)
    rowCountMax.encode(into: &writer)
    fields.encode(into: &writer)
    membershipJob.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    audience = try Name?(from: &reader)
    statuses = try [MembershipStatus](from: &reader)
    isChangedOnly = try Bool(from: &reader)
    after = try ProfileKey?(from: &reader)
    rowCountMax = try UInt32(from: &reader)
    fields = try [Text]?(from: &reader)
    membershipJob = try JobID?(from: &reader)
  }
}

/// One profile of a page.
package struct PageRow: Hashable, Coded {
  package var key: ProfileKey
  /// `nil` where the page is of no audience.
  package var status: MembershipStatus?
  package var lastQualification: Instant?
  /// The attributes asked for, by path.
  package var fields: ObjectValue

  package init(
    key: ProfileKey,
    status: MembershipStatus?,
    lastQualification: Instant?,
    fields: ObjectValue
  ) {
    self.key = key
    self.status = status
    self.lastQualification = lastQualification
    self.fields = fields
  }

  package func encode(into writer: inout ByteWriter) {
    key.encode(into: &writer)
    status.encode(into: &writer)
    lastQualification.encode(into: &writer)
    Value.object(fields).encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    key = try ProfileKey(from: &reader)
    status = try MembershipStatus?(from: &reader)
    lastQualification = try Instant?(from: &reader)
    let at = reader.offset
    guard case .object(let fields) = try Value(from: &reader) else {
      throw .invalidValue(at: at, what: "a row that is no object")
    }
    self.fields = fields
  }
}

/// A question to one shard.
package enum Query: Hashable, Coded {
  case page(PageQuery)
  /// For each pair of the audiences, members of both: row by row, `count * count` numbers.
  case overlap([Name], membershipJob: JobID?)
  case profile(ProfileKey)
  /// Why a profile is in or out of the last of the definitions; the others are those it refers to.
  case explain([PlannedDefinition], ProfileKey, asOf: Instant)
  /// Why a profile has the score that it has.
  case explainScore(ScoreQuestion)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .page(let query):
      writer.write(1 as UInt8)
      query.encode(into: &writer)
    case .overlap(let audiences, let job):
      writer.write(2 as UInt8)
      audiences.encode(into: &writer)
      job.encode(into: &writer)
    case .profile(let key):
      writer.write(3 as UInt8)
      key.encode(into: &writer)
    case .explain(let definitions, let key, let asOf):
      writer.write(4 as UInt8)
      definitions.encode(into: &writer)
      key.encode(into: &writer)
      asOf.encode(into: &writer)
    case .explainScore(let question):
      writer.write(5 as UInt8)
      question.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .page(try PageQuery(from: &reader))
    case 2:
      self = .overlap(try [Name](from: &reader), membershipJob: try JobID?(from: &reader))
    case 3: self = .profile(try ProfileKey(from: &reader))
    case 4:
      self = .explain(
        try [PlannedDefinition](from: &reader),
        try ProfileKey(from: &reader),
        asOf: try Instant(from: &reader)
      )
    case 5: self = .explainScore(try ScoreQuestion(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "query")
    }
  }
}

/// One shard's answer to a query.
package enum QueryAnswer: Hashable, Coded {
  /// Rows in ascending order of keys; done when no row is left behind them.
  case page([PageRow], isDone: Bool)
  case counts([UInt64])
  /// `nil` when the shard has no such profile.
  case document(Value?)
  case failed(WorkFailure)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .page(let rows, let isDone):
      writer.write(1 as UInt8)
      rows.encode(into: &writer)
      isDone.encode(into: &writer)
    case .counts(let counts):
      writer.write(2 as UInt8)
      counts.encode(into: &writer)
    case .document(let value):
      writer.write(3 as UInt8)
      value.encode(into: &writer)
    case .failed(let failure):
      writer.write(4 as UInt8)
      failure.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .page(try [PageRow](from: &reader), isDone: try Bool(from: &reader))
    case 2: self = .counts(try [UInt64](from: &reader))
    case 3: self = .document(try Value?(from: &reader))
    case 4: self = .failed(try WorkFailure(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "answer")
    }
  }
}
