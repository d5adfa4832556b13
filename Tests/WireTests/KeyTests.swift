import Bytes
import Testing
import Wire

@Suite struct KeyTests {
  @Test func `a key file gives back its secret`() throws {
    let secret = SessionPair.secret(3)
    let contents = secret.fileContents

    let read = try ClusterSecret(fileContents: contents)

    #expect(contents.count == 65)
    #expect(contents.last == 0x0A)
    #expect(read.fileContents == contents)
    #expect(try ClusterSecret(fileContents: contents.dropLast()).fileContents == contents)
    #expect(
      try ClusterSecret(fileContents: contents.dropLast() + [13, 10]).fileContents == contents
    )
  }

  @Test func `a role's key file gives back its key`() throws {
    for key in SessionPair.secret(3).roleKeys {
      let read = try RoleKey(fileContents: key.fileContents)

      #expect(read.role == key.role)
      #expect(read.id == key.id)
      #expect(read.fileContents == key.fileContents)
    }
  }

  @Test func `roles and clusters have different keys and key ids`() {
    let keys = (1...5).flatMap { SessionPair.secret($0).roleKeys } + ClusterSecret.keyless.roleKeys

    #expect(Set(keys.map(\.id)).count == 24)
    #expect(Set(keys.map(\.fileContents)).count == 24)
  }

  /// Computed with the `HKDF` of Python's `cryptography` package, version 48.
  @Test func `keys are derived as the protocol page says`() throws {
    let secret = try ClusterSecret(
      fileContents: Array("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f".utf8)
    )
    let expected: [(RoleKey, file: String, id: String)] = [
      (
        secret.key(for: .worker),
        "worker f90bc7c896619ef4791ccb77a9f4afdc75844e0184841d449271e6f836e433f4\n",
        "217b4b35f7764bee"
      ),
      (
        secret.key(for: .operator),
        "operator cff3d0c803184b28c8fea160da1c3d1e74f83dea395cfbc6143953f695de78c6\n",
        "70333039b64c5150"
      ),
      (
        secret.key(for: .viewer),
        "viewer 2c47c35849c09e10cbdf221be91122b61da40cc0eb34b17e96ecadd1bcf8a1e8\n",
        "c86fffe37dc29937"
      ),
      (
        secret.key(for: .client),
        "client f6d8e3c16d4b51c6db11e77b3dd260c76c775946512cd6d23eddaacd032d59e1\n",
        "c1b5e6aaa0ac2fd0"
      ),
      (
        ClusterSecret.keyless.key(for: .worker),
        "worker 9f6279a3a2b37f523d4c840650f492fd4a843f9ce248bd130703a49c3d88a7e9\n",
        "daedbb6bfd426873"
      ),
    ]

    for (key, file, id) in expected {
      #expect(key.fileContents == Array(file.utf8))
      #expect(key.id.description == id)
    }
  }

  static let badSecrets: [(contents: String, error: KeyFileError)] = [
    ("", .wrongLength(digits: 0)),
    ("\n", .wrongLength(digits: 0)),
    (String(repeating: "a", count: 63) + "\n", .wrongLength(digits: 63)),
    (String(repeating: "a", count: 64) + "\n\n", .wrongLength(digits: 65)),
    (" " + String(repeating: "a", count: 63), .notHexadecimal),
    (String(repeating: "g", count: 64), .notHexadecimal),
    (String(repeating: "é", count: 32), .notHexadecimal),
  ]

  @Test(arguments: badSecrets)
  func `other contents are refused with the reason`(contents: String, error: KeyFileError) {
    #expect(throws: error) { try ClusterSecret(fileContents: Array(contents.utf8)) }
    #expect(throws: error) { try RoleKey(fileContents: Array("viewer \(contents)".utf8)) }
  }

  @Test func `a role's key file must name a role`() {
    let digits = String(repeating: "a", count: 64)

    #expect(throws: KeyFileError.roleMissing) { try RoleKey(fileContents: Array(digits.utf8)) }
    #expect(throws: KeyFileError.unknownRole) {
      try RoleKey(fileContents: Array("Worker \(digits)".utf8))
    }
  }

  @Test func `nothing prints a key`() {
    let secret = SessionPair.secret(3)
    let key = secret.key(for: .worker)
    let digits = key.fileContents.dropFirst(7).dropLast()
    var printed = ""
    dump(secret, to: &printed)
    dump(key, to: &printed)
    print(secret, key, to: &printed)

    #expect(!printed.contains(String(decoding: digits, as: UTF8.self)))
    #expect(
      !printed.contains(String(decoding: secret.fileContents.dropLast(), as: UTF8.self))
    )
    #expect(printed.contains("32 secret bytes"))
  }

  @Test func `a cluster id is 16 bytes, not all zero`() {
    var random = SeededRandom(seed: 1)
    let id = ClusterID(using: &random)

    #expect(ClusterID(hexadecimal: id.description) == id)
    #expect(ClusterID(id.bytes) == id)
    #expect(ClusterID([UInt8](repeating: 0, count: 16)) == nil)
    #expect(ClusterID([UInt8](repeating: 1, count: 15)) == nil)
    #expect(ClusterID(hexadecimal: "zz") == nil)
  }
}
