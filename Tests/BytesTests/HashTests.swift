import Bytes
import Testing

@Suite struct HashTests {
  @Test func `CRC-32C of the check text is the published one`() {
    #expect(crc32c(Array("123456789".utf8)) == 0xE306_9283)
    #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
  }

  @Test func `the instruction and the table give the same checksum in any pieces`() {
    var random = SeededRandom(seed: 3)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let table = bytes.withUnsafeBytes { crc32cTable($0, seed: 0) }
      let cut = random.below(length + 1)
      #expect(crc32c(bytes) == table)
      #expect(crc32c(bytes[cut...], seed: crc32c(bytes[..<cut])) == table)
    }
  }

  @Test(arguments: shardHashes)
  func `the shard hash never changes`(key: String, hash: UInt64) {
    #expect(shardHash(key.utf8) == hash)
  }

  @Test func `keys that differ in a number spread over the shards`() {
    var counts = [Int](repeating: 0, count: 16)
    for number in 0..<16_000 { counts[Int(shardHash("user-\(number)".utf8) % 16)] += 1 }
    #expect(counts.allSatisfy { (850...1_150).contains($0) })
  }

  @Test func `the seeded generator gives the published numbers`() {
    var random = SeededRandom(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test func `numbers below a bound reach every value`() {
    var random = SeededRandom(seed: 5)
    var seen = Set<Int>()
    for _ in 0..<200 { seen.insert(random.below(7)) }
    #expect(seen == Set(0..<7))
    #expect((0..<1_000).allSatisfy { _ in (0..<1).contains(random.unit()) })
  }
}

/// Computed by a second implementation.
private let shardHashes: [(String, UInt64)] = [
  ("", 0xEFD0_1F60_BA99_2926),
  ("a", 0x82A2_A958_A9BE_CE5B),
  ("12345", 0x2A80_C0EF_5611_03F3),
  ("customer-000001", 0xE6FF_5227_57B8_F3E6),
  ("é", 0x9D55_CCB9_BA86_763B),
]
