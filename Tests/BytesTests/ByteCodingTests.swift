import Bytes
import Testing

@Suite struct ByteCodingTests {
  @Test func `every kind of value reads back as it was written`() throws {
    var writer = ByteWriter()
    writer.write(UInt8(200))
    writer.write(Int64.min)
    writer.write(-0.0)
    writer.write(true)
    for value in varints { writer.writeVarint(value) }
    for value in [0, 1, -1, Int64.max, .min] { writer.writeSignedVarint(value) }
    writer.write([1, 2, 3])
    writer.write("naïve 🐦")
    writer.write(Instant(milliseconds: -5))

    var reader = ByteReader(writer.bytes)
    #expect(try reader.read(UInt8.self) == 200)
    #expect(try reader.read(Int64.self) == .min)
    #expect(try reader.readDouble().bitPattern == (-0.0).bitPattern)
    #expect(try reader.readBool())
    for value in varints { #expect(try reader.readVarint() == value) }
    for value in [0, 1, -1, Int64.max, .min] { #expect(try reader.readSignedVarint() == value) }
    #expect(try reader.readBytes() == [1, 2, 3])
    #expect(try reader.readText() == "naïve 🐦")
    #expect(try reader.readInstant() == Instant(milliseconds: -5))
    try reader.finish()
  }

  @Test func `integers are little-endian and varints have seven bits a byte`() {
    var writer = ByteWriter()
    writer.write(UInt32(0x0102_0304))
    writer.writeVarint(300)
    #expect(writer.bytes == [4, 3, 2, 1, 0xAC, 0x02])
  }

  @Test func `a varint past 64 bits is refused`() {
    var tooLong = ByteReader([UInt8](repeating: 0x80, count: 10) + [1])
    #expect(throws: DecodingError.varintTooLong(at: 0)) { try tooLong.readVarint() }
    var tooLarge = ByteReader([UInt8](repeating: 0xFF, count: 9) + [2])
    #expect(throws: DecodingError.varintTooLong(at: 0)) { try tooLarge.readVarint() }
  }

  @Test func `a count of more elements than there are bytes is refused`() {
    var writer = ByteWriter()
    writer.writeVarint(UInt64.max)
    writer.write(UInt32(0))
    var reader = ByteReader(writer.bytes)
    #expect(throws: DecodingError.countTooLarge(at: 0, count: .max, limit: 4)) {
      try reader.readCount()
    }
    var wide = ByteReader([3, 0, 0, 0, 0])
    #expect(throws: DecodingError.countTooLarge(at: 0, count: 3, limit: 2)) {
      try wide.readCount(elementByteCount: 2)
    }
  }

  @Test func `text is read as the standard library reads it, wherever it stands`() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<5_000 {
      let bytes = (0..<random.below(20)).map { _ in
        random.oneIn(3) ? UInt8(0x80 + random.below(0x80)) : UInt8(random.below(0x80))
      }
      let input = [9, 9, UInt8(bytes.count)] + bytes + [7]
      var reader = ByteReader(input[2...])

      let text = try? reader.readText()

      #expect(text?.string == String(validating: bytes, as: UTF8.self), "\(bytes)")
      if text != nil { #expect(reader.remaining == 1) }
    }
  }

  @Test func `text that is not valid UTF-8 is refused`() {
    var reader = ByteReader([2, 0xC3, 0x28])
    #expect(throws: DecodingError.invalidUTF8(at: 0)) { try reader.readText() }
  }

  @Test func `a boolean has two values`() {
    var reader = ByteReader([2])
    #expect(throws: DecodingError.unknownTag(at: 0, tag: 2, of: "boolean")) {
      try reader.readBool()
    }
  }

  @Test func `bytes that end early or go on are refused`() throws {
    var short = ByteReader([1, 2, 3])
    #expect(throws: DecodingError.truncated(at: 0, needed: 4, available: 3)) {
      try short.read(UInt32.self)
    }
    #expect(throws: DecodingError.truncated(at: 0, needed: -1, available: 3)) {
      try short.readRaw(-1)
    }
    #expect(throws: DecodingError.trailingBytes(at: 0, count: 3)) { try short.finish() }
  }

  @Test func `a slice is read from its own start`() throws {
    let bytes: [UInt8] = [9, 9, 1, 2, 9]
    var reader = ByteReader(bytes[2..<4])
    #expect(try reader.read(UInt16.self) == 0x0201)
    #expect(reader.offset == 2)
    try reader.finish()
  }

  private let varints: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, 1 << 63, .max]
}
