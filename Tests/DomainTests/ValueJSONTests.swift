import Bytes
import Domain
import Testing

@Suite struct ValueJSONTests {
  @Test func `a text gives its value`() throws {
    let value = try Value.parse(json: #"{"b":[1,2.0,"x",true],"a":{"c":-7}}"# as Text)
    let expected = Value.object([
      ("a", .object([("c", .integer(-7))])),
      ("b", .array([.integer(1), .double(2), .string("x"), .boolean(true)])),
    ])
    #expect(value == expected)
    #expect(
      String(decoding: expected.json(), as: UTF8.self)
        == #"{"a":{"c":-7},"b":[1,2.0,"x",true]}"#
    )
  }

  @Test func `nulls are dropped from objects, arrays and the top`() throws {
    #expect(try Value.parse(json: "null") == nil)
    #expect(
      try Value.parse(json: #"{"a":null,"b":[null,1,[null]]}"#)
        == .object([("b", .array([.integer(1), .array([])]))])
    )
  }

  @Test(arguments: [
    (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#"{"a":1,"a":null}"#, "{}"),
    (#"{"a":null,"a":1}"#, #"{"a":1}"#), (#"{"a":1,"a":null,"a":3}"#, #"{"a":3}"#),
    (#"{"\u00e9":1,"e\u0301":2}"#, "{\"e\u{301}\":2,\"\u{E9}\":1}"),
  ])
  func `of a name that stands twice the last value counts`(text: String, result: String) throws {
    let value = try #require(try Value.parse(json: Text(text)))
    #expect(Text(String(decoding: value.json(), as: UTF8.self)) == Text(result))
  }

  @Test func `errors of the scanner come through`() {
    #expect(throws: JSONError.unexpected(at: 2, found: 0x32, expected: "the end")) {
      try Value.parse(json: "1 2")
    }
    #expect(throws: JSONError.nestingTooDeep(at: 64, limit: 64)) {
      try Value.parse(json: [UInt8](repeating: UInt8(ascii: "["), count: 200))
    }
  }

  @Test func `random values read back from both layouts`() throws {
    var random = SeededRandom(seed: 12)
    for round in 0..<1_000 {
      let value = randomValue(&random, depth: 0)
      #expect(try Value.parse(json: value.json()) == value, "round \(round)")
      #expect(try Value.parse(json: value.json(.pretty)) == value, "round \(round)")
    }
  }

  private func randomValue(_ random: inout SeededRandom, depth: Int) -> Value {
    switch random.below(depth > 4 ? 4 : 6) {
    case 0: return .boolean(random.oneIn(2))
    case 1: return .integer(Int64(bitPattern: random.next()) >> Int64(random.below(64)))
    case 2:
      let value = Double(bitPattern: random.next())
      return .double(value.isFinite ? value : 0.5)
    case 3:
      let texts: [Text] = ["", "a", "\"\\/\n\u{0}", "é", "e\u{301}", "😀 and more text behind it"]
      return .string(texts[random.below(texts.count)])
    case 4: return .array((0..<random.below(4)).map { _ in randomValue(&random, depth: depth + 1) })
    default:
      let names: [Text] = ["a", "b", "", "é", "e\u{301}", "long name"]
      return .object(
        (0..<random.below(4)).map { _ in
          (names[random.below(names.count)], randomValue(&random, depth: depth + 1))
        }
      )
    }
  }
}
