import Bytes
import Domain

/// What one evaluation changed in a shard's memberships, as a file.
///
/// Read together with the memberships before, it gives those after.
enum MembershipDelta {
  static let magic: [UInt8] = Array("COVEYMCH".utf8)

  private enum Tag {
    static let anew: UInt8 = 1
    static let step: UInt8 = 2
    static let kept: UInt8 = 3
  }

  struct Header: Equatable {
    /// The evaluation.
    var job: JobID
    /// The evaluation whose memberships it goes on from.
    var base: JobID
  }

  static func isDelta(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Writes the file, audience by audience.
  ///
  /// ```
  /// header     magic            8 bytes   "COVEYMCH"
  ///            version          UInt32    2
  ///            job              UInt64
  ///            base             UInt64
  ///            audience count   UInt32
  ///            checksum         UInt32    CRC-32C of the 32 bytes before
  /// audiences  for each that there is afterwards, by ascending id
  ///            id               text
  ///            1 anew           its memberships as in a whole file
  ///            2 step           version UInt64, as-of Int64, newly realized, newly exited: bitmaps
  ///            3 kept
  /// checksum   UInt32           CRC-32C of the audiences
  /// ```
  struct Writer {
    private var writer: ByteWriter
    private let start: Int

    init(_ update: MembershipUpdate) {
      writer = ByteWriter(capacity: 64 + 48 * update.table.audiences.count)
      writer.writeRaw(MembershipDelta.magic)
      writer.write(MembershipTable.version)
      writer.write(update.table.job.number)
      writer.write(update.base.number)
      writer.write(UInt32(update.table.audiences.count))
      writer.write(crc32c(writer.bytes))
      start = writer.count
    }

    mutating func write(
      _ id: Name,
      _ memberships: AudienceMemberships,
      _ origin: MembershipUpdate.Origin
    ) {
      writer.write(id.text)
      switch origin {
      case .anew:
        writer.write(Tag.anew)
        memberships.encode(into: &writer)
      case .step:
        writer.write(Tag.step)
        writer.write(memberships.definitionVersion)
        writer.write(memberships.asOf)
        memberships.encodeChanges(into: &writer)
      case .kept: writer.write(Tag.kept)
      }
    }

    /// The whole file, after all audiences.
    mutating func fileBytes() -> [UInt8] {
      writer.write(crc32c(writer.bytes[start...]))
      return writer.bytes
    }
  }

  /// Reads the header of a file whose checksums are right.
  static func header(_ bytes: [UInt8], file: String) throws(StoreError) -> Header {
    try open(bytes, file: file).header
  }

  /// Makes the memberships after the evaluation.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - previous: the memberships of the file's base.
  ///   - file: its path, for errors.
  ///   - profileCount: every ordinal has to be below it.
  /// - Returns: a table of the file's job.
  /// - Throws: `StoreError` that names what is damaged.
  static func table(
    _ bytes: [UInt8],
    after previous: MembershipTable,
    file: String,
    profileCount: Int
  ) throws(StoreError) -> MembershipTable {
    var (header, count, reader) = try open(bytes, file: file)
    var table = MembershipTable(job: header.job)
    do throws(DecodingError) {
      guard header.base == previous.job else {
        throw .invalidValue(at: 20, what: "changes of \(header.base), not of \(previous.job)")
      }
      for _ in 0..<count {
        let at = reader.offset
        guard let id = Name(try reader.readText()), table.audiences[id] == nil else {
          throw .invalidValue(at: at, what: "an audience without a name of its own")
        }
        table.audiences[id] = try memberships(
          after: previous.audiences[id],
          from: &reader,
          profileCount: profileCount
        )
      }
      try reader.finish()
    } catch {
      throw .damaged(file: file, part: .header, reason: error.description)
    }
    return table
  }

  private static func memberships(
    after previous: AudienceMemberships?,
    from reader: inout ByteReader,
    profileCount: Int
  ) throws(DecodingError) -> AudienceMemberships {
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    if tag == Tag.anew { return try AudienceMemberships(from: &reader, profileCount: profileCount) }
    guard let previous else {
      throw .invalidValue(at: at, what: "changes of an audience that there is not")
    }
    switch tag {
    case Tag.kept: return previous
    case Tag.step:
      let version = try reader.read(UInt64.self)
      let asOf = try reader.readInstant()
      let realized = try Bitmap(from: &reader, limit: profileCount)
      let exited = try Bitmap(from: &reader, limit: profileCount)
      let next = AudienceMemberships(
        after: previous,
        entered: realized,
        left: exited,
        asOf: asOf,
        definitionVersion: version
      )
      guard let next else {
        throw .invalidValue(at: at, what: "changes that contradict the memberships before")
      }
      return next
    default: throw .unknownTag(at: at, tag: UInt64(tag), of: "kind of change")
    }
  }

  /// Checks the checksums; the reader stands at the audiences.
  private static func open(
    _ bytes: [UInt8],
    file: String
  ) throws(StoreError) -> (header: Header, count: UInt32, reader: ByteReader) {
    var reader = ByteReader(bytes)
    var version = MembershipTable.version
    do throws(DecodingError) {
      let start = try reader.readRaw(8)
      version = try reader.read(UInt32.self)
      let header = Header(
        job: JobID(try reader.read(UInt64.self)),
        base: JobID(try reader.read(UInt64.self))
      )
      let count = try reader.read(UInt32.self)
      let end = reader.offset
      guard try reader.read(UInt32.self) == crc32c(bytes[..<end]), start.elementsEqual(magic) else {
        throw .invalidValue(at: 0, what: "a header with a wrong checksum")
      }
      if version == MembershipTable.version {
        let body = try reader.readRaw(reader.remaining - 4)
        guard try reader.read(UInt32.self) == crc32c(body) else {
          throw .invalidValue(at: end, what: "changes with a wrong checksum")
        }
        return (header, count, ByteReader(body))
      }
    } catch {
      throw .damaged(file: file, part: .header, reason: error.description)
    }
    throw .unknownVersion(file: file, version: version)
  }
}
