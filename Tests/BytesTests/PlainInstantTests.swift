import Bytes
import Testing

@Suite struct PlainInstantTests {
  @Test func `what is told to be an instant is read as one`() {
    var random = SeededRandom(seed: 17)
    let characters = Array("0123456789-:TZ. ".utf8)
    var count = 0
    for round in 0..<20_000 {
      var bytes = Array(
        (random.below(2) == 0 ? "2026-03-15T12:34:56Z" : "2026-03-15T12:34:56.789Z").utf8
      )
      for _ in 0..<random.below(3) {
        bytes[random.below(bytes.count)] = characters[random.below(characters.count)]
      }
      let isPlain = bytes.withUnsafeBufferPointer { TimeText.isPlainInstant($0) }
      let time = TimeText(bytes)
      let text = String(decoding: bytes, as: UTF8.self)
      if isPlain {
        count += 1
        #expect(time?.isDateOnly == false, "seed 17, round \(round): \(text)")
      } else if let time, bytes.count >= 20, time.wall.day <= 28, time.offsetMinutes == 0 {
        // Other spellings of an instant have other lengths or another offset.
        #expect(bytes.last != UInt8(ascii: "Z"), "seed 17, round \(round): \(text)")
      }
    }
    #expect(count > 5_000)
  }
}
