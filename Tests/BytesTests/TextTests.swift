import Bytes
import Testing

@Suite struct TextTests {
  @Test func `composed and decomposed letters are different texts`() {
    let composed = Text("\u{E9}")
    let decomposed = Text("e\u{301}")
    #expect(composed.string == decomposed.string)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test func `texts are in the order of their bytes`() {
    let texts: [Text] = ["", "A", "Z", "a", "ab", "b", "é", "\u{FFFD}", "😀"]
    #expect(texts.shuffled().sorted() == texts)
  }

  @Test func `comparisons agree with those byte by byte, whatever the lengths`() {
    var random = SeededRandom(seed: 22)
    for _ in 0..<5_000 {
      let stem = (0..<random.below(40)).map { _ in "aé\u{FF}zß\u{10FFFF}".randomElement(&random) }
      var ends = [stem, stem]
      for index in 0..<2 where random.oneIn(2) {
        ends[index].append(contentsOf: random.oneIn(2) ? "b" : "é")
        if !stem.isEmpty, random.oneIn(2) { ends[index][random.below(stem.count)] = "c" }
      }
      let texts = ends.map { Text(String($0)) }

      #expect(
        (texts[0] == texts[1]) == Array(texts[0].utf8).elementsEqual(texts[1].utf8),
        "\(texts)"
      )
      #expect(
        (texts[0] < texts[1]) == Array(texts[0].utf8).lexicographicallyPrecedes(texts[1].utf8),
        "\(texts)"
      )
    }
  }

  @Test func `bytes that are not valid UTF-8 are no text`() {
    #expect(Text(utf8: [0x61, 0xFF]) == nil)
    #expect(Text(utf8: [0xC3, 0xA9]) == "é")
  }

  @Test func `an instant moved past the range stays at its end`() {
    #expect(Instant(milliseconds: .max).advanced(byMilliseconds: 1).milliseconds == .max)
    #expect(Instant(milliseconds: .min).advanced(byMilliseconds: -1).milliseconds == .min)
    #expect(Instant(milliseconds: 5).advanced(byMilliseconds: -7).milliseconds == -2)
  }

  @Test func `the validation agrees with the standard library on random bytes`() {
    var random = SeededRandom(seed: 21)
    let interesting: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
      0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for _ in 0..<20_000 {
      let bytes = (0..<random.below(12)).map { _ in interesting[random.below(interesting.count)] }
      let isValid = String(validating: bytes, as: UTF8.self) != nil
      #expect((UTF8Validation.firstInvalid(bytes) == nil) == isValid, "\(bytes)")
    }
  }

  @Test func `the first invalid byte is named`() {
    #expect(UTF8Validation.firstInvalid(Array("abcdefghij".utf8) + [0xED, 0xA0, 0x80]) == 10)
  }
}

extension String {
  fileprivate func randomElement(_ random: inout SeededRandom) -> Character {
    self[index(startIndex, offsetBy: random.below(count))]
  }
}
