/// The secret every host of a cluster holds: 32 random bytes, from which role keys are derived.
package struct ClusterSecret: Sendable {
  package static let byteCount = 32

  private let secret: SecretBytes

  package init(using random: inout some RandomNumberGenerator) {
    secret = SecretBytes.random(count: ClusterSecret.byteCount, using: &random)
  }

  /// - Returns: `nil` when there are not 32 bytes.
  package init?(_ secret: SecretBytes) {
    guard secret.count == ClusterSecret.byteCount else { return nil }
    self.secret = secret
  }

  /// The published stand-in of a cluster without a key file, which may listen on loopback only.
  ///
  /// It protects nothing: anybody can compute it. Having it, a keyless connection takes the same
  /// path as any other. It is HKDF-SHA256 of no input with the info `covey/1 keyless`.
  package static let keyless = ClusterSecret(
    secret: SecretBytes(
      HKDF.derive(input: [], salt: [], info: Array("covey/1 keyless".utf8), byteCount: byteCount)
    )
  )

  private init(secret: SecretBytes) { self.secret = secret }

  /// The key that proves `role`; it tells nothing about the secret or about other roles' keys.
  package func key(for role: Role) -> RoleKey {
    var input = secret.array
    let info = Array("covey/1 role=\(role.name)".utf8)
    var key = HKDF.derive(input: input, salt: [], info: info, byteCount: RoleKey.byteCount)
    defer {
      wipe(&input)
      wipe(&key)
    }
    return RoleKey(role: role, secret: SecretBytes(key))
  }

  /// The keys of every role.
  package var roleKeys: [RoleKey] { Role.allCases.map { key(for: $0) } }

  /// The contents of a key file: 64 hexadecimal digits and a newline.
  package var fileContents: [UInt8] {
    Array((unsafe secret.withBytes { unsafe hexadecimal($0) } + "\n").utf8)
  }

  /// Reads a key file: 64 hexadecimal digits, then at most one line ending.
  package init(fileContents: [UInt8]) throws(KeyFileError) {
    secret = try readKeyDigits(fileContents)
  }
}
