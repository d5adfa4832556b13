import Bytes
import Domain
import PQL
import Testing

/// Whatever the text or the tree, there is a definition or an error, soon.
@Suite struct TotalityTests {
  /// A few cases of each kind, the same in every run; long ones only take time.
  private static let sample: [ConformanceCase] = ConformanceCase.all.enumerated()
    .filter { $0.offset % 11 == 0 && $0.element.definition.byteCount <= 300 }
    .map(\.element)

  @Test(arguments: sample)
  func `a text cut anywhere is read or refused`(testCase: ConformanceCase) {
    let bytes = Array(testCase.definition.utf8)
    for count in bytes.indices { Self.expectAnswer(Array(bytes.prefix(count))) }
  }

  @Test(arguments: sample)
  func `a text with a changed byte is read or refused`(testCase: ConformanceCase) {
    let bytes = Array(testCase.definition.utf8)
    var random = SeededRandom(seed: shardHash(testCase.id.utf8))
    for index in bytes.indices {
      var flipped = bytes
      flipped[index] ^= 1 << UInt8(random.below(8))
      Self.expectAnswer(flipped)
      var replaced = bytes
      replaced[index] = Array("()[]{}\"`,.:^$=<!-*7 aZ\\\n\u{e9}".utf8)[random.below(26)]
      Self.expectAnswer(replaced)
    }
  }

  @Test(arguments: 0..<4)
  func `random bytes and random tokens are read or refused`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<400 {
      Self.expectAnswer((0..<random.below(60)).map { _ in UInt8(random.below(256)) })
      Self.expectAnswer((0..<random.below(60)).map { _ in UInt8(0x20 + random.below(0x5F)) })
      let soup = (0..<random.below(40)).map { _ in Self.tokens[random.below(Self.tokens.count)] }
      Self.expectAnswer(Array(soup.joined(separator: random.oneIn(2) ? " " : "").utf8))
    }
  }

  private static let tokens = [
    "(", ")", "[", "]", "{", "}", ",", ".", ":", "^", "+", "-", "*", "/", "%", "=", "!=", "<",
    ">=", "!", "=>", "$1", "and", "or", "not", "in", "notIn", "like", "matches", "occurs",
    "select", "let", "if", "chain", "true", "null", "this", "now", "today", "from", "where",
    "over", "between", "before", "exists", "sum", "what", "when", "count", "exclude", "last",
    "month", "ignoring", "year", "x", "a.b", "`q`", "\"t\"", "3", "2.5", "xEvent", "days",
    "x.count()", "(X) =>", "X from a",
  ]

  @Test(arguments: [
    ("(", "a", ")"), ("[", "a", "]"), ("not ", "a", ""), ("-", "a", ""), ("a[", "b", "]"),
    ("if(", "a", ", 1, 2)"), ("let x = ", "1", " in x"), ("f(", "a", ")"), ("{\"k\": ", "1", "}"),
    ("exists X from a where ", "b", ""), ("sum x over X from ", "a", ""),
    ("a.filter((X) => ", "X", ")"),
    ("sum (", "a", ") over X from b"), ("chain(a, t, [A: what(", "b", ")])"), ("!", "a", ""),
    ("a.b(", "", ")"), ("a in ", "b", ""), ("^", ".a", ""), ("1 + (", "1", ")"),
  ])
  func `deep nesting is read or refused`(open: String, core: String, close: String) {
    for depth in [10, 90, 97, 255, 257, 5_000] {
      let text =
        String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
      // Canonical text has parentheses that a text need not have, so it may be nested too deeply.
      Self.expectAnswer(Array(text.utf8), isReprinted: depth < 40)
    }
  }

  @Test(arguments: [
    ("a", " and a"), ("a", " or a"), ("1", " + 1"), ("1", " - 1 + 1"), ("a", ".b"), ("a", "[b]"),
    ("[1", ", 1"), ("a", ".f()"), ("f(1", ", 1"), ("1", "0"), ("a", "a"),
    ("select X from a", ", X from a"),
    ("^", "^"), ("\"", "\\\""), (" ", " "), ("1 + 1", " * 1 + 1"),
  ])
  func `long texts are read or refused`(head: String, tail: String) {
    for count in [1_000, 20_000, 300_000 / tail.utf8.count] {
      Self.expectAnswer(Array((head + String(repeating: tail, count: count)).utf8))
    }
  }

  @Test(arguments: sample.filter { $0.error == nil })
  func `a changed tree is read or refused`(testCase: ConformanceCase) throws {
    let document = try Query.parse(testCase.definition).json
    var random = SeededRandom(seed: shardHash(testCase.id.utf8))
    for _ in 0..<60 {
      var mutator = Mutator(random: random)
      let changed = mutator.changed(document)
      random = mutator.random
      do throws(PQLJSONError) {
        let query = try Query.parse(json: changed)
        #expect((try? Query.parse(query.text())) == query)
        _ = try? query.checked()
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    let bytes = document.json()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let text = Text(String(decoding: bytes.prefix(count), as: UTF8.self))
      #expect(throws: PQLJSONError.self) { try Query.parse(jsonText: text) }
    }
  }

  /// Reads, checks, prints and describes what can be read; an error lies within the text.
  private static func expectAnswer(_ bytes: [UInt8], isReprinted: Bool = true) {
    let text = Text(String(decoding: bytes, as: UTF8.self))
    do throws(LanguageError) {
      let query = try Query.parse(text)
      let isSmall = text.byteCount < 2_000
      if isSmall, isReprinted { #expect((try? Query.parse(query.text())) == query, "\(text)") }
      let checked = try query.checked()
      if isSmall { _ = checked.inWords.lines }
      _ = checked.advice(for: Schema())
      _ = checked.eligibility()
    } catch {
      let lines = text.string.utf8.reduce(into: 1) { if $1 == 10 || $1 == 13 { $0 += 1 } }
      #expect((0...text.byteCount).contains(error.range.start), "\(text)")
      #expect((1...lines).contains(error.position.line), "\(text)")
      #expect((1...text.byteCount + 1).contains(error.position.column), "\(text)")
      #expect(!error.problem.description.isEmpty)
    }
  }
}

/// Changes a few places of a JSON value.
private struct Mutator {
  var random: SeededRandom

  private static let leaves: [Value] = [
    .boolean(true), .integer(-1), .integer(.max), .double(1e300), .double(2.5), .string(""),
    .string("this"), .string("fnApply"), .string("`"), .array([]), .object([]),
    .object([("nodeType", .string("this"))]), .object([("nodeType", .string("up"))]),
  ]

  mutating func changed(_ value: Value) -> Value {
    if random.oneIn(25) { return Self.leaves[random.below(Self.leaves.count)] }
    switch value {
    case .array(let elements):
      var result = elements.map { changed($0) }
      if !result.isEmpty, random.oneIn(12) { result.remove(at: random.below(result.count)) }
      if !result.isEmpty, random.oneIn(12) { result.append(result[0]) }
      return .array(result)
    case .object(let object):
      var fields: [(Text, Value)] = []
      for field in object.fields where !random.oneIn(30) {
        fields.append((field.name, changed(field.value)))
      }
      return .object(fields)
    case .string(let text):
      guard random.oneIn(12) else { return value }
      return .string(text.string + "x")
    case .boolean, .integer, .double: return value
    }
  }
}
