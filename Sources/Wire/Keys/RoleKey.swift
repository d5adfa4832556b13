private import Bytes

/// The 32-byte key that proves one role, and the public name by which an acceptor finds it.
package struct RoleKey: Sendable {
  package static let byteCount = 32

  package let role: Role
  package let id: KeyID

  /// The pre-shared key of the handshake.
  ///
  /// Invariant: 32 bytes.
  let secret: SecretBytes

  init(role: Role, secret: SecretBytes) {
    self.role = role
    self.secret = secret
    var key = secret.array
    let info = Array("covey/1 key id".utf8)
    id = KeyID(HKDF.derive(input: key, salt: [], info: info, byteCount: KeyID.byteCount))
    wipe(&key)
  }

  /// The contents of a role's key file: the role's name, a space, 64 hexadecimal digits, a newline.
  package var fileContents: [UInt8] {
    let digits = unsafe secret.withBytes { unsafe hexadecimal($0) }
    return Array("\(role.name) \(digits)\n".utf8)
  }

  /// Reads what `fileContents` writes.
  package init(fileContents: [UInt8]) throws(KeyFileError) {
    guard let space = fileContents.firstIndex(of: 0x20) else { throw .roleMissing }
    let word = fileContents[..<space]
    guard let role = Role.allCases.first(where: { word.elementsEqual($0.name.utf8) }) else {
      throw .unknownRole
    }
    let secret = try readKeyDigits(Array(fileContents[(space + 1)...]))
    self.init(role: role, secret: secret)
  }
}

/// Eight bytes, derived from a role key, that name it without telling anything about it.
package struct KeyID: Hashable, Sendable {
  package static let byteCount = 8

  /// Invariant: eight bytes.
  package let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    precondition(bytes.count == KeyID.byteCount, "a key id of \(bytes.count) bytes")
    self.bytes = bytes
  }
}

extension KeyID: CustomStringConvertible {
  /// 16 hexadecimal digits.
  package var description: String { hexadecimal(bytes) }
}
