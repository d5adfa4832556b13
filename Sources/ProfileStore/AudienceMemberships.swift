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
  /// Profiles that are in: realized.
  package let members: Bitmap
  /// Profiles that were in and are not: exited.
  ///
  /// Invariant: nobody is in both `members` and `exited`.
  package let exited: Bitmap
  /// When each profile of `members` and `exited` last entered or left, by ascending ordinal.
  ///
  /// Invariant: as many as `members` and `exited` have together.
  package let lastQualifications: QualificationTimes
  /// Members that were none before the last run.
  package let newlyRealized: Bitmap
  /// Profiles that the last run put out.
  package let newlyExited: Bitmap
  /// A checksum of who is in and out and since when; kept, since most runs leave most as it was.
  private let standingDigest: UInt32

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
      self.members = members
      exited = Bitmap()
      newlyRealized = members
      newlyExited = Bitmap()
      lastQualifications = QualificationTimes(count: members.count, at: asOf)
      standingDigest = AudienceMemberships.digest(members, exited, lastQualifications)
      return
    }
    guard members != previous.members else {
      // The very same storage, so that a run that changes nothing takes no memory.
      self.members = previous.members
      exited = previous.exited
      lastQualifications = previous.lastQualifications
      standingDigest = previous.standingDigest
      newlyRealized = Bitmap()
      newlyExited = Bitmap()
      return
    }
    self.members = members
    let step = MembershipStep(from: previous, to: members, at: asOf)
    newlyRealized = step.newlyRealized
    newlyExited = step.newlyExited
    exited = step.exited
    lastQualifications = step.lastQualifications
    standingDigest = AudienceMemberships.digest(members, exited, lastQualifications)
  }

  private static func digest(
    _ members: Bitmap,
    _ exited: Bitmap,
    _ times: QualificationTimes
  ) -> UInt32 {
    unsafe withUnsafeBytes(of: (members.digest, exited.digest, times.digest)) {
      unsafe crc32c($0)
    }
  }

  /// A checksum of all of it: the same for equal memberships.
  var digest: UInt32 {
    let parts = (
      definitionVersion, asOf.milliseconds, standingDigest, newlyRealized.digest,
      newlyExited.digest, 0 as UInt32
    )
    return unsafe withUnsafeBytes(of: parts) { unsafe crc32c($0) }
  }

  /// About the bytes that the memberships take in a file.
  var byteCountEstimate: Int {
    [members, exited, newlyRealized, newlyExited].reduce(256) { $0 + 130 * $1.chunkCount }
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
    for bitmap in [members, exited, newlyRealized, newlyExited] { bitmap.encode(into: &writer) }
    lastQualifications.encode(into: &writer)
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
    members = try Bitmap(from: &reader, limit: profileCount)
    exited = try Bitmap(from: &reader, limit: profileCount)
    newlyRealized = try Bitmap(from: &reader, limit: profileCount)
    newlyExited = try Bitmap(from: &reader, limit: profileCount)
    guard members.intersectionCount(exited) == 0,
      newlyRealized.intersectionCount(members) == newlyRealized.count,
      newlyExited.intersectionCount(exited) == newlyExited.count
    else { throw .invalidValue(at: at, what: "bitmaps of an audience that contradict each other") }
    let count = members.count + exited.count
    lastQualifications = try QualificationTimes(from: &reader, count: count)
    standingDigest = AudienceMemberships.digest(members, exited, lastQualifications)
  }
}
