/// Why the contents of a key file were refused; never quotes them.
package enum KeyFileError: Error, Equatable, Sendable {
  case wrongLength(digits: Int)
  case notHexadecimal
  case roleMissing
  case unknownRole
}

extension KeyFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wrongLength(let digits):
      "the key has \(digits) characters where 64 hexadecimal digits and a newline are wanted"
    case .notHexadecimal: "the key holds something else than hexadecimal digits"
    case .roleMissing: "a role's key file begins with the role's name and a space"
    case .unknownRole:
      "the key file names no role there is; "
        + "\(Role.allCases.map(\.name).joined(separator: ", ")) are the roles"
    }
  }
}

/// Reads 64 hexadecimal digits, then at most one line ending.
func readKeyDigits(_ contents: [UInt8]) throws(KeyFileError) -> SecretBytes {
  var digits = contents
  defer { wipe(&digits) }
  if digits.last == 0x0A { digits.removeLast() }
  if digits.last == 0x0D { digits.removeLast() }
  guard digits.count == 2 * RoleKey.byteCount else { throw .wrongLength(digits: digits.count) }
  guard var key = readHexadecimal(digits) else { throw .notHexadecimal }
  defer { wipe(&key) }
  return SecretBytes(key)
}
