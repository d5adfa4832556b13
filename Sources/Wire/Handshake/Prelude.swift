package import Bytes

/// What the initiator says first, in clear: magic, versions, role, cluster, key.
///
/// Bound into the handshake byte by byte, so a change on the way makes it fail.
///
/// ```
///  0  8  magic
///  8  2  byte count of what follows: 30, or more in later versions
/// 10  2  lowest version offered
/// 12  2  highest version offered
/// 14  1  role
/// 15  1  zero
/// 16 16  cluster id, or zeros when unknown
/// 32  8  key id
/// ```
package struct Prelude: Equatable, Sendable {
  package let versions: ProtocolVersions
  package let role: Role
  package let clusterID: ClusterID?
  package let keyID: KeyID

  /// Magic and byte count.
  static let headerByteCount = 10

  /// Bytes after the header in this version, and the most a later version may send.
  static let bodyByteCounts = 30...256

  package init(versions: ProtocolVersions, role: Role, clusterID: ClusterID?, keyID: KeyID) {
    self.versions = versions
    self.role = role
    self.clusterID = clusterID
    self.keyID = keyID
  }

  package var encoded: [UInt8] {
    var writer = ByteWriter(capacity: 40)
    writer.writeRaw(Magic.bytes)
    writer.write(UInt16(Prelude.bodyByteCounts.lowerBound))
    writer.write(versions.lowest)
    writer.write(versions.highest)
    writer.write(role.rawValue)
    writer.write(0 as UInt8)
    writer.writeRaw(clusterID?.bytes ?? Array(repeating: 0, count: ClusterID.byteCount))
    writer.writeRaw(keyID.bytes)
    return writer.bytes
  }

  /// Reads the bytes after the header; what a later version appends is left unread.
  package init(body: ArraySlice<UInt8>) throws(DecodingError) {
    var reader = ByteReader(body)
    let lowest = try reader.read(UInt16.self)
    let highest = try reader.read(UInt16.self)
    guard let versions = ProtocolVersions(lowest: lowest, highest: highest) else {
      throw .invalidValue(at: 0, what: "an empty range of versions, \(lowest) to \(highest),")
    }
    let code = try reader.read(UInt8.self)
    guard let role = Role(rawValue: code) else {
      throw .unknownTag(at: 4, tag: UInt64(code), of: "role")
    }
    guard try reader.read(UInt8.self) == 0 else {
      throw .invalidValue(at: 5, what: "a reserved byte that is not zero")
    }
    self.versions = versions
    self.role = role
    clusterID = ClusterID(Array(try reader.readRaw(ClusterID.byteCount)))
    keyID = KeyID(Array(try reader.readRaw(KeyID.byteCount)))
  }
}
