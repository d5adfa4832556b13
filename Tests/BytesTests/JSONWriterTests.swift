import Bytes
import Testing

@Suite struct JSONWriterTests {
  @Test func `the compact layout has no blank space`() {
    var writer = JSONWriter()
    write(to: &writer)
    #expect(
      writer.string
        == #"{"name":"a\"b\\c\n\u0001é","list":[1,-2.5,true,null,[]],"none":{},"at":"1970-01-01T00:00:00Z"}"#
    )
  }

  @Test func `the pretty layout has one value a line`() {
    var writer = JSONWriter(.pretty)
    write(to: &writer)
    #expect(
      writer.string == #"""
        {
          "name": "a\"b\\c\n\u0001é",
          "list": [
            1,
            -2.5,
            true,
            null,
            []
          ],
          "none": {},
          "at": "1970-01-01T00:00:00Z"
        }
        """#
    )
  }

  @Test func `numbers that JSON cannot say become null`() {
    var writer = JSONWriter()
    writer.beginArray()
    writer.write(Double.nan)
    writer.write(-Double.infinity)
    writer.write(UInt64.max)
    writer.write(rawJSON: Array("{}".utf8))
    writer.endArray()
    #expect(writer.string == "[null,null,18446744073709551615,{}]")
  }

  @Test func `every character reads back`() throws {
    for code in UInt32(0)...0x10FFFF where code < 0x300 || code % 97 == 0 {
      guard let scalar = UnicodeScalar(code) else { continue }
      let text = Text(String(Character(scalar)))
      var writer = JSONWriter()
      writer.write(text)
      try writer.bytes.withUnsafeBufferPointer { buffer throws in
        var scanner = JSONScanner(buffer)
        #expect(try scanner.next() == .string)
        #expect(scanner.text == text)
      }
    }
  }

  private func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("name")
    writer.write("a\"b\\c\n\u{1}é")
    writer.name("list")
    writer.beginArray()
    writer.write(1)
    writer.write(-2.5)
    writer.write(true)
    writer.writeNull()
    writer.beginArray()
    writer.endArray()
    writer.endArray()
    writer.name("none")
    writer.beginObject()
    writer.endObject()
    writer.name("at")
    writer.write(Instant(milliseconds: 0))
    writer.endObject()
  }
}
