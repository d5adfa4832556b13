/// Why bytes are not a JSON text; offsets count bytes from the start of the text.
public enum JSONError: Error, Equatable, Sendable {
  /// `found` is `nil` at the end of the text.
  case unexpected(at: Int, found: UInt8?, expected: String)
  case invalidUTF8(at: Int)
  case controlCharacter(at: Int, byte: UInt8)
  case invalidEscape(at: Int)
  case loneSurrogate(at: Int)
  case numberTooLarge(at: Int)
  case nestingTooDeep(at: Int, limit: Int)

  /// Offset of the first byte that cannot stand where it stands.
  public var offset: Int {
    switch self {
    case .unexpected(let at, _, _), .invalidUTF8(let at), .controlCharacter(let at, _),
      .invalidEscape(let at), .loneSurrogate(let at), .numberTooLarge(let at),
      .nestingTooDeep(let at, _):
      at
    }
  }
}

extension JSONError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unexpected(let at, .none, let expected):
      "the JSON text ends at byte \(at), \(expected) expected"
    case .unexpected(let at, .some(let byte), let expected):
      "\(JSONError.shown(byte)) at byte \(at), \(expected) expected"
    case .invalidUTF8(let at): "the bytes at \(at) are not valid UTF-8"
    case .controlCharacter(let at, let byte):
      "control character \(JSONError.shown(byte)) at byte \(at), an escape expected"
    case .invalidEscape(let at):
      "unknown escape at byte \(at), one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX expected"
    case .loneSurrogate(let at): "half a surrogate pair at byte \(at), a whole character expected"
    case .numberTooLarge(let at): "the number at byte \(at) is too large for a double"
    case .nestingTooDeep(let at, let limit):
      "the JSON text is nested deeper than \(limit) levels at byte \(at)"
    }
  }

  /// The byte as a quoted character, or as a number when it has no picture.
  private static func shown(_ byte: UInt8) -> String {
    guard (0x20..<0x7F).contains(byte) else { return "0x" + String(byte, radix: 16) }
    return "'\(Character(UnicodeScalar(byte)))'"
  }
}
