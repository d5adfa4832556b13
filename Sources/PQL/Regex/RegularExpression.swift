package import Bytes

/// A regular expression over Unicode scalars, searched for in linear time.
///
/// The dialect is the part that Java, ICU and Swift share: literals, `.` (not a line feed), classes,
/// `^ $`, groups, `|`, greedy and lazy quantifiers, `\d \D \w \W \s \S \b \B` (ASCII), `\t \n \r \f`,
/// a backslash before any sign, and one leading `(?i)` that folds ASCII letters. Back-references,
/// look-around, named groups, other flags and possessive quantifiers are refused.
package struct RegularExpression: Sendable {
  /// The pattern as a tree.
  package let syntax: RegexNode
  private let program: RegexProgram

  package init(_ pattern: Text) throws(RegularExpressionError) {
    var parser = RegexParser(pattern.string.unicodeScalars)
    syntax = try parser.parse()
    program = try RegexProgram(syntax, groupCount: parser.groupCount)
  }

  /// Number of capturing groups, the whole match not counted.
  package var groupCount: Int { program.groupCount }

  /// Number of states: matching takes at most this many steps a scalar.
  package var stateCount: Int { program.instructions.count * (program.levelMax + 1) }

  /// Whether the expression matches somewhere in the text.
  package func occurs(in text: Text) -> Bool {
    var machine = RegexMachine(program, keepsSlots: false)
    return machine.search(text) != nil
  }

  /// Finds the leftmost match; alternatives and quantifiers prefer as in Perl.
  ///
  /// - Returns: ranges of UTF-8 bytes: the whole match, then each group (`nil` when unused); `nil`
  ///   when there is no match.
  package func firstMatch(in text: Text) -> [Range<Int>?]? {
    var machine = RegexMachine(program, keepsSlots: true)
    guard let slots = machine.search(text) else { return nil }
    return (0...groupCount).map { group in
      let (start, end) = (slots[2 * group], slots[2 * group + 1])
      return start >= 0 && end >= start ? start..<end : nil
    }
  }

  /// The text of a group of the first match; group 0 is the whole match.
  ///
  /// - Returns: `nil` when nothing matches, the group took no part or does not exist.
  package func group(_ number: Int, in text: Text) -> Text? {
    guard (0...groupCount).contains(number), let match = firstMatch(in: text),
      let range = match[number]
    else { return nil }
    let utf8 = text.string.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    let end = utf8.index(utf8.startIndex, offsetBy: range.upperBound)
    return Text(String(text.string[start..<end]))
  }
}
