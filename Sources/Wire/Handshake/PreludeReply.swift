package import Bytes

/// What the acceptor answers to a prelude, in clear; bound into the handshake when it goes on.
///
/// ```
///  0  8  magic
///  8  2  byte count of what follows: 8, or more in later versions
/// 10  1  0 go on, or the reason of a refusal
/// 11  1  zero
/// 12  2  version chosen, 0 with a refusal
/// 14  2  lowest version the acceptor speaks
/// 16  2  highest version the acceptor speaks
/// ```
package struct PreludeReply: Equatable, Sendable {
  package enum Answer: Equatable, Sendable {
    case goOn(version: UInt16)
    case refuse(Refusal)
  }

  package let answer: Answer
  package let versions: ProtocolVersions

  /// Bytes after the header in this version, and the most a later version may send.
  static let bodyByteCounts = 8...256

  package init(_ answer: Answer, versions: ProtocolVersions) {
    self.answer = answer
    self.versions = versions
  }

  package var encoded: [UInt8] {
    let (code, chosen): (UInt8, UInt16) =
      switch answer {
      case .goOn(let version): (0, version)
      case .refuse(let refusal): (refusal.rawValue, 0)
      }
    var writer = ByteWriter(capacity: 18)
    writer.writeRaw(Magic.bytes)
    writer.write(UInt16(PreludeReply.bodyByteCounts.lowerBound))
    writer.write(code)
    writer.write(0 as UInt8)
    writer.write(chosen)
    writer.write(versions.lowest)
    writer.write(versions.highest)
    return writer.bytes
  }

  /// Reads the bytes after the header; what a later version appends is left unread.
  package init(body: ArraySlice<UInt8>) throws(DecodingError) {
    var reader = ByteReader(body)
    let code = try reader.read(UInt8.self)
    guard try reader.read(UInt8.self) == 0 else {
      throw .invalidValue(at: 1, what: "a reserved byte that is not zero")
    }
    let chosen = try reader.read(UInt16.self)
    let lowest = try reader.read(UInt16.self)
    let highest = try reader.read(UInt16.self)
    guard let versions = ProtocolVersions(lowest: lowest, highest: highest) else {
      throw .invalidValue(at: 4, what: "an empty range of versions, \(lowest) to \(highest),")
    }
    self.versions = versions
    if code == 0 {
      answer = .goOn(version: chosen)
    } else if let refusal = Refusal(rawValue: code) {
      answer = .refuse(refusal)
    } else {
      throw .unknownTag(at: 0, tag: UInt64(code), of: "answer")
    }
  }
}

/// Why an acceptor does not go on.
///
/// It comes before anything is authenticated: good for a message to a person, for no decision.
package enum Refusal: UInt8, CaseIterable, Sendable {
  case noCommonVersion = 1
  /// The acceptor has no such key, or has it for another role.
  case unknownKey = 2
  case otherCluster = 3
  /// Too many connections; try again later.
  case busy = 4

  /// The whole answer to send before closing a connection that gets no session at all.
  package func answer(versions: ProtocolVersions = .current) -> [UInt8] {
    PreludeReply(.refuse(self), versions: versions).encoded
  }
}

extension Refusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noCommonVersion: "it speaks no common version"
    case .unknownKey: "it does not know this key for this role"
    case .otherCluster: "it belongs to another cluster"
    case .busy: "it has too many connections"
    }
  }
}
