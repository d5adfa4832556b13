import Bytes
import PQL
import Testing

@Suite struct RegularExpressionTests {
  @Test(arguments: [
    ("J.hn", "UpJohnny", true), ("^John", "UpJohn", false), ("(?i)john", "JOHN", true),
    ("(?i)é", "É", false), ("a.b", "a\nb", false), ("oe$", "Joe\n", true),
    ("oe$", "Joe\n\n", false),
    ("^$", "", true), ("", "anything", true), ("a|", "b", true), ("^[^a-c]$", "d", true),
    ("^[\\w-.]+$", "a-b.c", true), ("[a-]", "-", true), ("[]", "x", false),
    ("\\bcat\\b", "a cat!", true),
    ("\\Bcat", "a cat!", false), ("^\\d$", "５", false), ("^.$", "😀", true),
    ("^a{2,3}$", "aaaa", false),
    ("^a{0}$", "", true), ("^(?:ab){2,}$", "ababab", true), ("}", "}", true), ("]", "]", true),
    ("\\s", "\u{0B}", true), ("\\*", "*", true), ("\\é", "é", true), ("(?i)[A-C]", "b", true),
    ("(?i)[^a]", "A", false), ("x{3}{", "xxx", false),
  ])
  func `patterns match as in Perl`(pattern: String, text: String, matches: Bool) {
    let expression = try? RegularExpression(Text(pattern))

    #expect((expression?.occurs(in: Text(text)) ?? false) == matches)
  }

  @Test(arguments: [
    ("(", RegularExpressionError.openGroup(offset: 0)),
    (")", .unexpectedClosingParenthesis(offset: 0)),
    ("[a", .openClass(offset: 0)),
    ("[]a]", .emptyClass(offset: 1)),
    ("[^]a]", .emptyClass(offset: 2)),
    ("[a[b]]", .nestedClass(offset: 2)),
    ("[a&&b]", .classOperator(sign: "&&", offset: 2)),
    ("[a-\\d]", .rangeWithoutScalar(offset: 1)),
    ("[z-a]", .reversedRange(from: "z", to: "a", offset: 1)),
    ("[\\b]", .unknownEscape("b", offset: 1)),
    ("*a", .nothingToRepeat(sign: "*", offset: 0)),
    ("a|+", .nothingToRepeat(sign: "+", offset: 2)),
    ("^*", .nothingToRepeat(sign: "*", offset: 1)),
    ("a**", .repeatedQuantifier(sign: "*", offset: 2)),
    ("a++", .repeatedQuantifier(sign: "+", offset: 2)),
    ("a{1}{2}", .repeatedQuantifier(sign: "{", offset: 4)),
    ("a{", .badCount(offset: 1)),
    ("a{,3}", .badCount(offset: 1)),
    ("{1}", .nothingToRepeat(sign: "{", offset: 0)),
    ("a{3,2}", .reversedCount(low: 3, high: 2, offset: 1)),
    ("a\\", .loneBackslash(offset: 1)),
    ("(a)\\1", .unknownEscape("1", offset: 3)),
    ("\\v", .unknownEscape("v", offset: 0)),
    ("(?=x)", .unsupportedGroup(sign: "(?=x", offset: 0)),
    ("a(?i)b", .unsupportedGroup(sign: "(?i)", offset: 1)),
    ("(?<n>a)", .unsupportedGroup(sign: "(?<n", offset: 0)),
    ("a{5000}", .tooManyStates(limit: 4_096)),
    ("(a{100}){100}", .tooManyStates(limit: 4_096)),
  ])
  func `what is outside the dialect is refused`(pattern: String, error: RegularExpressionError) {
    #expect(throws: error) { try RegularExpression(Text(pattern)) }
  }

  @Test func `nesting and empty repetitions stay bounded`() throws {
    let deep = String(repeating: "(", count: 200) + String(repeating: ")", count: 200)
    #expect(throws: RegularExpressionError.tooDeep(limit: 100)) {
      try RegularExpression(Text(deep))
    }
    var nested = "a"
    for _ in 0..<40 { nested = "(?:(?:\(nested))*)*" }
    let many = Text(String(repeating: "a", count: 300) + "b")
    #expect(try RegularExpression(Text("^\(nested)$")).occurs(in: many) == false)
    #expect(try RegularExpression("(?:(?:){1000000}){1000000}").occurs(in: ""))
  }

  @Test func `a pattern that backtracking cannot finish takes linear time`() throws {
    let text = Text(String(repeating: "a", count: 5_000))

    #expect(try !RegularExpression("^(a+)+b$").occurs(in: text))
    #expect(try RegularExpression("^(a|aa)*$").firstMatch(in: text)?[0] == 0..<5_000)
  }

  @Test(arguments: [
    ("(b+)", "abbc", 1, "bb"), ("b+c", "abbc", 0, "bbc"), ("(a)(b)", "abbc", 2, "b"),
    ("(z)?a", "abbc", 1, nil), ("(z)", "abbc", 1, nil), ("a(b+?)", "abbc", 1, "b"),
    ("(|a)*", "a", 1, ""), ("(|a)*", "a", 0, ""), ("(a|)+", "a", 1, ""), ("(a*)*", "b", 1, ""),
    ("(é)(.)", "xé😀", 2, "😀"), ("(a)", "a", 2, nil), ("(a)", "a", -1, nil),
  ])
  func `groups of the first match`(pattern: String, text: String, group: Int, found: String?) throws
  {
    let expression = try RegularExpression(Text(pattern))

    #expect(expression.group(group, in: Text(text)) == found.map { Text($0) })
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `the machine finds what backtracking finds`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var compared = 0
    for _ in 0..<400 {
      let pattern = Self.randomPattern(&random, depth: 3)
      guard let expression = try? RegularExpression(Text(pattern)) else { continue }
      for _ in 0..<6 {
        let text = Self.randomText(&random)
        let twin = BacktrackingRegex(
          expression.syntax,
          groupCount: expression.groupCount,
          text: text
        )
        let expected: [Range<Int>?]?
        do { expected = try twin.firstMatch() } catch { continue }
        compared += 1
        let found = expression.firstMatch(in: Text(text))
        #expect(found == expected, "seed \(seed) pattern \(pattern) text \(text.debugDescription)")
        #expect(expression.occurs(in: Text(text)) == (expected != nil))
      }
    }
    #expect(compared > 500)
  }

  @Test(arguments: [11, 12] as [UInt64])
  func `any text is a pattern or an error`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let signs = Array("ab01()[]{}|*+?^$.\\-,&:i<=é\n".unicodeScalars)
    for _ in 0..<3_000 {
      var pattern = String.UnicodeScalarView()
      for _ in 0..<random.below(12) { pattern.append(signs[random.below(signs.count)]) }
      do {
        _ = try RegularExpression(Text(String(pattern))).occurs(in: "ab01")
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }

  private static func randomText(_ random: inout SeededRandom) -> String {
    let pieces = ["a", "a", "b", "c", "é", "\n", "_", " ", "A"]
    return (0..<random.below(8)).map { _ in pieces[random.below(pieces.count)] }.joined()
  }

  private static func randomPattern(_ random: inout SeededRandom, depth: Int) -> String {
    let atoms = ["a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\s", "^", "$", "\\b", "\\B", "é"]
    let quantifiers = [
      "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{1,}",
    ]
    func atom() -> String {
      if depth == 0 || random.oneIn(2) { return atoms[random.below(atoms.count)] }
      let body = randomPattern(&random, depth: depth - 1)
      return random.oneIn(3) ? "(?:\(body))" : "(\(body))"
    }
    let alternatives = (0...random.below(2)).map { _ in
      (0..<random.below(4)).map { _ in atom() + quantifiers[random.below(quantifiers.count)] }
        .joined()
    }
    return alternatives.joined(separator: "|")
  }
}
