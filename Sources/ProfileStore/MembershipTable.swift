import Bytes
package import Domain

/// The memberships of one shard in all audiences, after one evaluation.
package struct MembershipTable: Hashable, Sendable {
  /// The job of the evaluation; job 0 when there was none.
  package var job: JobID
  package var audiences: AudienceTable

  package init(job: JobID = JobID(0), audiences: AudienceTable = [:]) {
    self.job = job
    self.audiences = audiences
  }

  /// A checksum of the audiences: the same for the same answers, whatever the job.
  package var digest: UInt32 {
    var writer = DigestWriter(audienceCount: audiences.count)
    for (id, memberships) in audiences { writer.write(id, memberships) }
    return writer.digest
  }

  /// Makes the digest of audiences, which come by ascending id.
  struct DigestWriter {
    private var writer: ByteWriter

    init(audienceCount: Int) { writer = ByteWriter(capacity: 32 * audienceCount) }

    mutating func write(_ id: Name, _ memberships: AudienceMemberships) {
      writer.write(id.text)
      writer.write(memberships.digest)
    }

    var digest: UInt32 { crc32c(writer.bytes) }
  }
}

extension MembershipTable {
  static let magic: [UInt8] = Array("COVEYMEM".utf8)
  static let version: UInt32 = 2
  static let headerByteCount = 28

  /// The bytes of a memberships file; equal tables have equal bytes.
  ///
  /// ```
  /// header     magic            8 bytes   "COVEYMEM"
  ///            version          UInt32    2
  ///            job              UInt64
  ///            audience count   UInt32
  ///            checksum         UInt32    CRC-32C of the 24 bytes before
  /// audience   byte count       UInt32    of the body
  ///            checksum         UInt32    CRC-32C of the byte count and the body
  ///            body             id as text, then the memberships
  /// ```
  var fileBytes: [UInt8] {
    var writer = ByteWriter(
      capacity: audiences.memberships.reduce(64) { $0 + $1.byteCountEstimate }
    )
    writer.writeRaw(MembershipTable.magic)
    writer.write(MembershipTable.version)
    writer.write(job.number)
    writer.write(UInt32(audiences.count))
    writer.write(crc32c(writer.bytes))
    var body = ByteWriter()
    for (id, memberships) in audiences {
      body.bytes.removeAll(keepingCapacity: true)
      body.write(id.text)
      memberships.encode(into: &body)
      let count = MembershipTable.bytes(of: UInt32(body.count))
      writer.writeRaw(count)
      writer.write(crc32c(body.bytes, seed: crc32c(count)))
      writer.bytes.append(contentsOf: body.bytes)
    }
    return writer.bytes
  }

  /// Reads a memberships file and verifies every byte of it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: its path, for errors.
  ///   - profileCount: every ordinal has to be below it.
  /// - Throws: `StoreError` that names what is damaged.
  init(
    fileBytes bytes: [UInt8],
    file: String,
    profileCount: Int
  ) throws(StoreError) {
    let header = bytes.prefix(MembershipTable.headerByteCount - 4)
    var reader = ByteReader(bytes)
    let count: UInt32
    do throws(DecodingError) {
      let magic = try reader.readRaw(8)
      let version = try reader.read(UInt32.self)
      job = JobID(try reader.read(UInt64.self))
      count = try reader.read(UInt32.self)
      guard try reader.read(UInt32.self) == crc32c(header), magic.elementsEqual(Self.magic) else {
        throw .invalidValue(at: 0, what: "a header with a wrong checksum")
      }
      guard version == Self.version else {
        throw .unknownTag(at: 8, tag: UInt64(version), of: "version of memberships")
      }
    } catch {
      if case .unknownTag(_, let tag, _) = error {
        throw .unknownVersion(file: file, version: UInt32(truncatingIfNeeded: tag))
      }
      throw .damaged(file: file, part: .header, reason: error.description)
    }
    audiences = [:]
    var last: Name?
    for _ in 0..<count {
      let start = reader.offset
      do throws(DecodingError) {
        let (id, memberships) = try Self.readAudience(&reader, profileCount: profileCount)
        guard last.map({ $0 < id }) ?? true else {
          throw .invalidValue(at: start, what: "audience \(id) out of order")
        }
        last = id
        audiences[id] = memberships
      } catch {
        throw .damaged(file: file, part: .bytes(at: start), reason: error.description)
      }
    }
    guard reader.remaining == 0 else {
      throw .damaged(file: file, part: .bytes(at: reader.offset), reason: "nothing belongs there")
    }
  }

  private static func readAudience(
    _ reader: inout ByteReader,
    profileCount: Int
  ) throws(DecodingError) -> (Name, AudienceMemberships) {
    let at = reader.offset
    let byteCount = try reader.read(UInt32.self)
    let checksum = try reader.read(UInt32.self)
    let section = try reader.readRaw(Int(byteCount))
    var body = ByteReader(section)
    guard crc32c(section, seed: crc32c(bytes(of: byteCount))) == checksum else {
      throw .invalidValue(at: at, what: "an audience with a wrong checksum")
    }
    guard let id = Name(try body.readText()) else {
      throw .invalidValue(at: at, what: "an audience without a proper name")
    }
    let memberships = try AudienceMemberships(from: &body, profileCount: profileCount)
    try body.finish()
    return (id, memberships)
  }

  private static func bytes(of value: UInt32) -> [UInt8] {
    var writer = ByteWriter(capacity: 4)
    writer.write(value)
    return writer.bytes
  }
}
