/// The eight bytes every connection begins with, in both directions.
///
/// The first is not ASCII and is no TLS record type, so bytes of another protocol are told apart at
/// once; the last two show a transport that rewrites line ends.
package enum Magic {
  package static let bytes: [UInt8] = [0x89, 0x63, 0x6F, 0x76, 0x65, 0x79, 0x0D, 0x0A]

  /// What an acceptor answers to another protocol before it closes: one line of plain text.
  package static let answerToOthers = Array(
    "covey: this port speaks the covey protocol alone, not HTTP, TLS or text\r\n".utf8
  )

  /// Compares what has arrived so far.
  ///
  /// - Returns: the protocol it looks like, or `nil` while every byte is right.
  static func foreignProtocol(in bytes: ArraySlice<UInt8>) -> ForeignProtocol? {
    let start = bytes.prefix(Magic.bytes.count)
    guard !start.elementsEqual(Magic.bytes.prefix(start.count)) else { return nil }
    return ForeignProtocol(startingWith: start)
  }
}

/// What a peer that is not covey seems to speak; a guess for the log.
package enum ForeignProtocol: Equatable, Sendable {
  case tls
  case ssh
  /// Capital letters first, as in HTTP and many text protocols.
  case http
  case other(firstByte: UInt8)

  init(startingWith bytes: ArraySlice<UInt8>) {
    switch bytes.first ?? 0 {
    case 0x15, 0x16: self = .tls
    case UInt8(ascii: "S") where bytes.elementsEqual("SSH-2.0-".utf8.prefix(bytes.count)):
      self = .ssh
    case 0x41...0x5A: self = .http
    case let first: self = .other(firstByte: first)
    }
  }
}

extension ForeignProtocol: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tls: "it looks like TLS"
    case .ssh: "it looks like ssh"
    case .http: "it looks like HTTP"
    case .other(let byte): "the first byte is \(byte)"
    }
  }
}
