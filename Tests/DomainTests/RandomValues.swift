import Bytes
import Domain

/// Random values of every kind, the odd ones among them.
struct RandomValues {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private static let texts: [Text] = [
    "", "a", "é", "e\u{301}", "日本語", "line\nbreak", "\u{0}", "😀", "quote\"", "2026-03-14",
    "a text that is longer than fifteen bytes",
  ]

  mutating func text() -> Text { RandomValues.texts[random.below(RandomValues.texts.count)] }

  mutating func value(depth: Int = 0) -> Value {
    switch random.below(depth < 4 ? 8 : 5) {
    case 0: .boolean(random.oneIn(2))
    case 1: .integer(random.oneIn(4) ? .min : Int64(random.below(1_000)) - 500)
    case 2:
      .double(
        random.oneIn(4) ? -0.0 : Double(bitPattern: 0x3FF0_0000_0000_0000 | random.next() >> 12)
      )
    case 3, 4: .string(text())
    case 5: .array((0..<random.below(4)).map { _ in value(depth: depth + 1) })
    default: .object(object(depth: depth + 1))
    }
  }

  mutating func object(depth: Int = 0) -> ObjectValue {
    ObjectValue(
      (0..<random.below(6)).map { _ in
        ObjectValue.Field(name: text(), value: value(depth: depth + 1))
      }
    )
  }
}
