import Bytes
import Testing

@Suite struct JSONScannerTests {
  @Test(arguments: mustAccept)
  func `a text of RFC 8259 is accepted`(text: String) {
    #expect(throws: Never.self, "\(text)") { try tokens(Array(text.utf8)) }
  }

  @Test(arguments: mustReject)
  func `a text outside RFC 8259 is refused`(text: String) {
    #expect(throws: JSONError.self, "\(text)") { try tokens(Array(text.utf8)) }
  }

  @Test(arguments: mustRejectBytes)
  func `bytes that are not UTF-8 text are refused`(bytes: [UInt8]) {
    #expect(throws: JSONError.self, "\(bytes)") { try tokens(bytes) }
  }

  @Test(arguments: freeToChoose)
  func `where RFC 8259 leaves a choice it is this one`(text: String, isAccepted: Bool) {
    let result = Result { try tokens(Array(text.utf8)) }
    let wasAccepted = (try? result.get()) != nil
    #expect(wasAccepted == isAccepted, "\(text)")
  }

  @Test func `tokens come in the order of the text`() throws {
    let text = #" { "a" : [1, -2.5, "x\n\u00e9", true], "b":{}, "":null } "#
    #expect(
      try tokens(Array(text.utf8)) == [
        "{", "name a", "[", "integer 1", "double -2.5", "string x\né", "true", "]", "name b", "{",
        "}", "name ", "null", "}",
      ]
    )
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00E9\u20ac""#, "Aé€"),
    (#""\uD83D\uDE00""#, "😀"), (#""\u0000""#, "\0"), (#""a\u0062c""#, "abc"),
    (#""\uFFFF""#, "\u{FFFF}"),
    ("\"longer than eight bytes \\t and more\"", "longer than eight bytes \t and more"),
    ("\"grüße 東京 🐦 and enough ascii behind\"", "grüße 東京 🐦 and enough ascii behind"),
  ])
  func `escapes stand for their characters`(text: String, value: String) throws {
    let bytes = Array(text.utf8)
    try bytes.withUnsafeBufferPointer { buffer throws in
      var scanner = JSONScanner(buffer)
      #expect(try scanner.next() == .string)
      #expect(Array(scanner.text.utf8) == Array(value.utf8))
      var appended: [UInt8] = [7]
      scanner.appendText(to: &appended)
      #expect(appended == [7] + Array(value.utf8))
      #expect(try scanner.next() == .end)
      #expect(try scanner.next() == .end)
    }
  }

  @Test(arguments: [
    ("", JSONError.unexpected(at: 0, found: nil, expected: "a value")),
    ("[1,]", .unexpected(at: 3, found: 0x5D, expected: "a value")),
    ("[1 2]", .unexpected(at: 3, found: 0x32, expected: "',' or ']'")),
    (#"{"a" 1}"#, .unexpected(at: 5, found: 0x31, expected: "':'")),
    (#"{"a":1,}"#, .unexpected(at: 7, found: 0x7D, expected: "a name in quotes")),
    (#"{a:1}"#, .unexpected(at: 1, found: 0x61, expected: "a name in quotes or '}'")),
    ("tru", .unexpected(at: 3, found: nil, expected: "'true'")),
    ("1 x", .unexpected(at: 2, found: 0x78, expected: "the end")),
    ("01", .unexpected(at: 1, found: 0x31, expected: "no digit after a leading zero")),
    ("1.x", .unexpected(at: 2, found: 0x78, expected: "a digit after the point")),
    ("1e400", .numberTooLarge(at: 0)),
    ("\"abc", .unexpected(at: 4, found: nil, expected: "a closing quote")),
    ("\"a\u{1}\"", .controlCharacter(at: 2, byte: 1)),
    (#""\x""#, .invalidEscape(at: 1)),
    (#""\uDC00""#, .loneSurrogate(at: 1)),
    (#""a\uD800x""#, .loneSurrogate(at: 2)),
    (#""\u12G4""#, .unexpected(at: 5, found: 0x47, expected: "a hexadecimal digit")),
  ])
  func `an error says where and what was expected`(text: String, error: JSONError) {
    #expect(throws: error) { try tokens(Array(text.utf8)) }
    #expect(!error.description.isEmpty)
    #expect(error.offset <= text.utf8.count)
  }

  @Test func `nesting ends at its limit`() throws {
    let limit = JSONScanner.nestingMax
    let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
    #expect(try tokens(Array(deepest.utf8)).count == 2 * limit)
    let mixed =
      String(repeating: #"{"a":["#, count: limit / 2) + String(repeating: "]}", count: limit / 2)
    #expect(try tokens(Array(mixed.utf8)).count == limit / 2 * 5)
    #expect(throws: JSONError.nestingTooDeep(at: limit, limit: limit)) {
      try tokens(Array(("[" + deepest + "]").utf8))
    }
    let bottomless = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: JSONError.nestingTooDeep(at: limit, limit: limit)) { try tokens(bottomless) }
  }

  @Test func `no beginning of a text is a text`() {
    let text = Array(#"{"a":[1.5e3,"x\u00e9\ud83d\ude00é",true,false,null,{"b":-7}]}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self, "length \(length)") { try tokens(Array(text[..<length])) }
    }
  }

  @Test func `flipped and random bytes give tokens or an error`() {
    let text = Array(#"{"a":[1.5e3,"x\u00e9\ud83d\ude00é",true,false,null,{"b":-7}]}"#.utf8)
    for index in text.indices {
      for bit in 0..<8 {
        var damaged = text
        damaged[index] ^= 1 << bit
        _ = try? tokens(damaged)
      }
    }
    var random = SeededRandom(seed: 8)
    let alphabet = Array("{}[]\",:\\u0123e-+.tfn \n".utf8) + [0xC3, 0xA9, 0xED, 0xA0, 0xFF, 0x00]
    for _ in 0..<20_000 {
      let bytes = (0..<random.below(30)).map { _ in alphabet[random.below(alphabet.count)] }
      _ = try? tokens(bytes)
    }
  }

  @Test func `a special byte is found at every place of a word`() throws {
    for length in 0..<40 {
      let plain = String(repeating: "x", count: length)
      #expect(try tokens(Array("\"\(plain)\"".utf8)) == ["string \(plain)"])
      #expect(try tokens(Array("\"\(plain)\\n\(plain)\"".utf8)) == ["string \(plain)\n\(plain)"])
      #expect(try tokens(Array("\"\(plain)é\(plain)\"".utf8)) == ["string \(plain)é\(plain)"])
      #expect(throws: JSONError.controlCharacter(at: length + 1, byte: 0x1F)) {
        try tokens(Array("\"\(plain)\u{1F}\(plain)\"".utf8))
      }
    }
  }
}

/// The tokens of a text as short words.
private func tokens(_ bytes: [UInt8]) throws -> [String] {
  try bytes.withUnsafeBufferPointer { buffer in
    var scanner = JSONScanner(buffer)
    var words: [String] = []
    while true {
      switch try scanner.next() {
      case .beginObject: words.append("{")
      case .endObject: words.append("}")
      case .beginArray: words.append("[")
      case .endArray: words.append("]")
      case .name: words.append("name \(scanner.text)")
      case .string: words.append("string \(scanner.text)")
      case .integer(let value): words.append("integer \(value)")
      case .double(let value): words.append("double \(value)")
      case .boolean(let value): words.append("\(value)")
      case .null: words.append("null")
      case .end: return words
      }
    }
  }
}

private let mustAccept: [String] = [
  "[]", "{}", "[ ]", "{ }", " [] ", "\n\t\r []\n", "0", "-0", "-1", "1.0", "0e1", "0e+1", "0e-1",
  "1E5", "1e-2", "123456789012345678901234567890", "1.7976931348623157e308", "\"\"", "\" \"",
  "\"a\"", "true", "false", "null", "[null]", "[1,2,3]", "[[[]]]", #"{"a":1}"#, #"{"":0}"#,
  #"{"a":1,"a":2}"#, #"{"a":1,"a":1}"#, #"{"a\u0000":1}"#, #"["\u0060\u012a\u12AB"]"#,
  #"["\uD801\udc37"]"#, #"["\ud83d\ude39\ud83d\udc8d"]"#, #"["\"\\\/\b\f\n\r\t"]"#, #"["\\u0000"]"#,
  #"["\uFFFE"]"#, "[\"\u{7F}\"]", "[\"\u{2028}\u{2029}\"]", "[\"€𝄞\"]", "[\"a/*b*/c\"]",
  "[-123123123]", "[123.456e78]", "[1e-2]", "[0.1]", "[20e1]", #"{"x":[{"id":"xxx"}]}"#,
  "\t{\n\"a\" : \r[ 1 , 2 ] }", "[\"\u{FFFF}\u{10FFFF}\"]", "[true,false,null]",
]

private let mustReject: [String] = [
  "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 true]", "[\"a\",",
  "[\"a\"", "[\"\": 1]", "[a]", "[x", "['a']", "{'a':0}", "{a:0}", "{1:1}", #"{"a"}"#, #"{"a":}"#,
  #"{"a""#, #"{"a":"#, #"{"a":1,}"#, #"{"a":1"#, #"{"a":1 "b":2}"#, #"{"a",1}"#, #"{,"a":1}"#,
  #"{"a"::1}"#, #"{"a":1,,"b":2}"#, #"{"a":/*c*/1}"#, #"{"a":1}#"#, #"{"a":1}//"#, "[1]x", "[][]",
  "{}{}", "1 2", "1]", "]", "nul", "nulll", "tru", "True", "TRUE", "fals", "falsey", "NaN", "-NaN",
  "Infinity", "-Infinity", "inf", "+1", "++1", "-", "--1", "- 1", "01", "-01", "00", "012", "1.",
  "-1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1ee2", "1e1.5", "0x1", "1_0", "1a", "1/2",
  "1.2.3", "0.3e", "0e", "0.e1", "[1.]", "１", "\"", "\"abc", "\"\\", "\"\\\"", #""\x00""#,
  #""\a""#, #""\'""#, #""\U0041""#, #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#, #""\u123g""#,
  #""\uD800""#, #""\uDC00""#, #""\uD800\u0041""#, #""\uD800\uD800""#, #""\uD800\n""#,
  #""\uD800abc""#,
  #""\uDBFF\uDBFF""#, "\"\u{0}\"", "\"\n\"", "\"\t\"", "\"\r\"", "\"\u{1F}\"", "\u{FEFF}[]",
  "\u{FEFF}", "[\u{A0}]", "[\u{2028}]", "\u{B}[]", "\u{C}[]", "[1\u{0}]", "{\"a\":1\u{0}}", "&",
  "*",
  "<null>", "(1)", "\\u0020[]", #"["a"\n]"#, "[}", "{]", "[1}", #"{"a":1]"#, "[[]", "[]]", "{}}",
  "1e309", "-1e309", "// a\n1", "undefined", "[1:2]", #"{"a":b}"#, #"{"a" "b"}"#, "\"a\" \"b\"",
]

private let mustRejectBytes: [[UInt8]] =
  [
    [0xFF], [0xE9], [0x80], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80],
    [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
    [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82],
    [0xF0, 0x9F, 0x98], [0xC3, 0x28], [0xFE], [0xF8, 0x88, 0x80, 0x80, 0x80],
  ].map { [0x22] + $0 + [0x22] } + [
    [0xFF], [0x00], [0x5B, 0xFF, 0x5D], [0xEF, 0xBB, 0xBF, 0x31], [0xFF, 0xFE, 0x31, 0x00],
    [0x00, 0x31], [0x31, 0x00],
  ]

/// What RFC 8259 leaves to the reader: ranges, depth, repeated names.
private let freeToChoose: [(String, Bool)] = [
  ("1e-400", true), ("123123e100000", false), ("-1e+9999", false),
  ("100000000000000000000", true), ("-9223372036854775809", true), (#"{"a":1,"a":[2]}"#, true),
  (String(repeating: "[", count: 64) + String(repeating: "]", count: 64), true),
  (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), false),
  ("0.4e00669999999999999999999999999999999999999999999999999999999999999969999999006", false),
  ("\"\u{FFFE}\"", true), ("\"\u{10FFFE}\"", true),
]
