package import Bytes
package import Domain

/// Who of a shard is in one audience, who was, and since when, after the audience's last evaluation.
///
/// Profiles are known by their ordinals.
///
/// ```
/// was            is    status     last qualification
/// none, exited   in    realized   as-of of this run
/// realized       in    realized   unchanged
/// realized       out   exited     as-of of this run
/// none, exited   out   unchanged  unchanged
/// ```
package struct AudienceMemberships: Hashable, Sendable {
  /// Version of the definition that the last run evaluated.
  package let definitionVersion: UInt64
  /// What the last run called now.
  package let asOf: Instant
  private let standing: MembershipStanding

  /// Profiles that are in: realized.
  package var members: Bitmap { standing.members }
  /// Profiles that were in and are not: exited.
  ///
  /// Invariant: nobody is in both `members` and `exited`.
  package var exited: Bitmap { standing.settled.exited }
  /// When each profile of `members` and `exited` last entered or left, by ascending ordinal.
  ///
  /// Invariant: as many as `members` and `exited` have together.
  package var lastQualifications: QualificationTimes { standing.settled.lastQualifications }
  /// Members that were none before the last run.
  package var newlyRealized: Bitmap { standing.newlyRealized.bitmap }
  /// Profiles that the last run put out.
  package var newlyExited: Bitmap { standing.newlyExited.bitmap }
  package var newlyRealizedCount: Int { standing.newlyRealized.count }
  package var newlyExitedCount: Int { standing.newlyExited.count }

  /// The memberships after a run.
  ///
  /// - Parameters:
  ///   - previous: those before the run; `nil` when the audience was never evaluated.
  ///   - members: whom the definition selects now.
  ///   - asOf: what the run called now.
  ///   - definitionVersion: version of the definition.
  package init(
    after previous: AudienceMemberships?,
    members: Bitmap,
    asOf: Instant,
    definitionVersion: UInt64
  ) {
    self.asOf = asOf
    self.definitionVersion = definitionVersion
    guard let previous else {
      standing = MembershipStanding(first: members, at: asOf)
      return
    }
    let (entered, left) = previous.members.changes(to: members)
    standing = previous.standing.next(members, entered: entered, left: left, at: asOf)
  }

  /// The memberships after a run whose changes are known; `nil` when these contradict those before.
  ///
  /// - Parameters:
  ///   - previous: those before the run.
  ///   - entered: members now, none of whom was one before.
  ///   - left: no members now, all of whom were some before.
  ///   - asOf: what the run called now.
  ///   - definitionVersion: version of the definition.
  init?(
    after previous: AudienceMemberships,
    entered: Bitmap,
    left: Bitmap,
    asOf: Instant,
    definitionVersion: UInt64
  ) {
    guard let members = previous.members.applying(entered: entered, left: left) else { return nil }
    self.asOf = asOf
    self.definitionVersion = definitionVersion
    standing = previous.standing.next(members, entered: entered, left: left, at: asOf)
  }

  /// A checksum of the run, of who is in, who entered and who left: the same for equal answers.
  var digest: UInt32 {
    let parts = (definitionVersion, asOf.milliseconds, standing.digest, 0 as UInt32)
    return unsafe withUnsafeBytes(of: parts) { unsafe crc32c($0) }
  }

  /// About the bytes that the memberships take in a file.
  var byteCountEstimate: Int {
    [members, exited].reduce(256) { $0 + 150 * $1.chunkCount }
      + lastQualifications.count
  }

  /// What a profile is to the audience; `nil` when it never was a member.
  package func status(of ordinal: Int) -> MembershipStatus? {
    if members.contains(ordinal) { return .realized }
    return exited.contains(ordinal) ? .exited : nil
  }

  /// When a profile last entered or left; `nil` when it never was a member.
  package func lastQualification(of ordinal: Int) -> Instant? {
    guard status(of: ordinal) != nil else { return nil }
    return lastQualifications[members.rank(ordinal) + exited.rank(ordinal)]
  }
}

extension AudienceMemberships {
  /// Appends the memberships; equal ones have equal bytes.
  ///
  /// ```
  /// definition version   UInt64
  /// as-of                Int64, milliseconds
  /// members, exited, newly realized, newly exited   a bitmap each
  /// last qualifications  of each profile of members and exited, by ascending ordinal
  /// ```
  func encode(into writer: inout ByteWriter) {
    writer.write(definitionVersion)
    writer.write(asOf)
    for bitmap in [members, exited] { bitmap.encode(into: &writer) }
    encodeChanges(into: &writer)
    lastQualifications.encode(into: &writer)
  }

  /// Appends who entered and who left with the last run.
  func encodeChanges(into writer: inout ByteWriter) {
    standing.newlyRealized.encode(into: &writer)
    standing.newlyExited.encode(into: &writer)
  }

  /// Reads memberships of a shard.
  ///
  /// - Parameters:
  ///   - reader: stands where they begin.
  ///   - profileCount: every ordinal has to be below it.
  /// - Throws: `DecodingError` for bytes that are no memberships, or contradict themselves.
  init(from reader: inout ByteReader, profileCount: Int) throws(DecodingError) {
    definitionVersion = try reader.read(UInt64.self)
    asOf = try reader.readInstant()
    let at = reader.offset
    let members = try Bitmap(from: &reader, limit: profileCount)
    let exited = try Bitmap(from: &reader, limit: profileCount)
    let newlyRealized = try Bitmap(from: &reader, limit: profileCount)
    let newlyExited = try Bitmap(from: &reader, limit: profileCount)
    guard members.intersectionCount(exited) == 0,
      newlyRealized.intersectionCount(members) == newlyRealized.count,
      newlyExited.intersectionCount(exited) == newlyExited.count
    else { throw .invalidValue(at: at, what: "bitmaps of an audience that contradict each other") }
    let count = members.count + exited.count
    standing = MembershipStanding(
      members: members,
      newlyRealized: newlyRealized,
      newlyExited: newlyExited,
      settled: SettledMemberships(
        exited: exited,
        lastQualifications: try QualificationTimes(from: &reader, count: count)
      )
    )
  }
}
