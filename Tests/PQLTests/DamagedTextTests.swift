import Bytes
import Domain
import PQL
import Testing

/// Definitions and cases that somebody damaged: an error or another definition, never more.
@Suite struct DamagedTextTests {
  private static let seeds: Range<UInt64> = 0..<8

  @Test(arguments: seeds)
  func `a damaged definition is an error or a definition that reads back`(seed: UInt64) {
    var damage = Damage(seed: seed)
    for testCase in ConformanceCase.all {
      let bytes = damage.applied(to: Array(testCase.definition.utf8))
      guard let text = Text(utf8: bytes), let query = try? Query.parse(text) else { continue }

      let canonical = query.text()
      #expect((try? Query.parse(canonical)) == query, "seed \(seed): \(text)")
      _ = try? query.checked()
    }
  }

  @Test(arguments: seeds)
  func `a damaged syntax tree is an error or a definition that reads back`(seed: UInt64) throws {
    var damage = Damage(seed: seed)
    for testCase in ConformanceCase.all {
      guard let query = try? Query.parse(testCase.definition) else { continue }
      let bytes = damage.applied(to: query.json.json())
      guard let text = Text(utf8: bytes), let damaged = try? Query.parse(jsonText: text) else {
        continue
      }

      let again = try? Query.parse(json: damaged.json)
      #expect(again?.json == damaged.json, "seed \(seed): \(text)")
    }
  }

  @Test func `a definition cut at any length is an error or a definition`() {
    for testCase in ConformanceCase.all where testCase.definition.byteCount < 400 {
      let bytes = Array(testCase.definition.utf8)
      for count in stride(from: 0, to: bytes.count, by: 3) {
        guard let text = Text(utf8: bytes[..<count]) else { continue }
        _ = try? Query.parse(text)
      }
    }
  }

  @Test(arguments: seeds.prefix(3))
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
