import Bytes
import Domain
import PQL
import Testing

/// Lines of cases that somebody damaged.
@Suite struct DamagedCaseTests {
  @Test(arguments: 0..<3 as Range<UInt64>)
  func `a damaged case is an error or has an answer of one line`(seed: UInt64) throws {
    var damage = Damage(seed: seed)
    for testCase in ConformanceCase.all where testCase.definition.byteCount < 400 {
      let bytes = damage.applied(to: testCase.document.json())
      guard let item = try? EvaluationCase(json: bytes) else { continue }

      let answer = item.answer()
      #expect(!answer.contains(0x0A), "seed \(seed), \(testCase.id)")
      #expect(
        try Value.parse(json: answer)?["id"] != nil,
        "seed \(seed), \(testCase.id)"
      )
    }
  }
}

/// Changes bytes as accidents and enemies do.
private struct Damage {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private static let signs = Array("()[]{}\",.:^+-*/%=!<>$`\\ 0a".utf8)

  mutating func applied(to bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return bytes }
    var damaged = bytes
    for _ in 0...random.below(2) {
      let at = random.below(damaged.count)
      switch random.below(6) {
      case 0: damaged.removeLast(damaged.count - at)
      case 1: damaged.remove(at: at)
      case 2: damaged[at] ^= 1 << UInt8(random.below(7))
      case 3: damaged[at] = Damage.signs[random.below(Damage.signs.count)]
      case 4: damaged.insert(Damage.signs[random.below(Damage.signs.count)], at: at)
      default:
        let end = min(damaged.count, at + random.below(20))
        damaged.insert(contentsOf: damaged[at..<end], at: random.below(damaged.count + 1))
      }
      if damaged.isEmpty { break }
    }
    return damaged
  }
}
