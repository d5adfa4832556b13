/// Reads the dialect of regular expressions that Java, ICU and Swift share.
///
/// ```
/// pattern      = [ "(?i)" ] alternatives
/// alternatives = sequence { "|" sequence }
/// sequence     = { piece }
/// piece        = atom [ quantifier ] | "^" | "$" | "\b" | "\B"
/// atom         = scalar | "." | escape | class | "(" alternatives ")" | "(?:" alternatives ")"
/// quantifier   = ( "*" | "+" | "?" | "{m}" | "{m,}" | "{m,n}" ) [ "?" ]
/// class        = "[" [ "^" ] item { item } "]"
/// ```
struct RegexParser {
  /// Deepest nesting of groups; it bounds the recursion of everything that walks the pattern.
  static let depthMax = 100
  /// Largest repetition count told apart; far above what the limit of states admits.
  private static let countMax = 1_000_000

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var foldsCase = false
  private(set) var groupCount = 0

  init(_ pattern: some Sequence<Unicode.Scalar>) { scalars = Array(pattern) }

  mutating func parse() throws(RegularExpressionError) -> RegexNode {
    if starts(with: "(?i)") {
      foldsCase = true
      position = 4
    }
    let node = try alternatives()
    if position < scalars.count { throw .unexpectedClosingParenthesis(offset: position) }
    return node
  }

  private mutating func alternatives() throws(RegularExpressionError) -> RegexNode {
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(RegularExpressionError) -> RegexNode {
    var parts: [RegexNode] = []
    while let next = peek, next != "|", next != ")" { parts.append(try piece(next)) }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func piece(_ first: Unicode.Scalar) throws(RegularExpressionError) -> RegexNode {
    if "*+?{".unicodeScalars.contains(first) {
      throw .nothingToRepeat(sign: first, offset: position)
    }
    let node = try atom(first)
    guard let sign = peek, "*+?{".unicodeScalars.contains(sign) else { return node }
    if case .assertion = node { throw .nothingToRepeat(sign: sign, offset: position) }
    let (low, high) = try quantifier(sign)
    let lazy = take("?")
    if let sign = peek, "*+?".unicodeScalars.contains(sign) {
      throw .repeatedQuantifier(sign: sign, offset: position)
    }
    if peek == "{" { throw .repeatedQuantifier(sign: "{", offset: position) }
    return .repetition(node, low: low, high: high, lazy: lazy)
  }

  private mutating func atom(_ first: Unicode.Scalar) throws(RegularExpressionError) -> RegexNode {
    switch first {
    case "(": return try group()
    case "[": return try characterClass()
    case "\\": return try escape()
    default:
      position += 1
      switch first {
      case ".": return .scalar(.notLineFeed)
      case "^": return .assertion(.textStart)
      case "$": return .assertion(.textEnd)
      default: return literal(first)
      }
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
    let set = ScalarSet([scalar.value...scalar.value])
    return .scalar(foldsCase ? set.foldingASCII : set)
  }

  // The opening parenthesis is the next scalar.
  private mutating func group() throws(RegularExpressionError) -> RegexNode {
    let start = position
    var number: Int?
    if starts(with: "(?:") {
      position += 3
    } else if starts(with: "(?") {
      let end = min(position + 4, scalars.count)
      throw .unsupportedGroup(sign: text(position..<end), offset: position)
    } else {
      position += 1
      groupCount += 1
      number = groupCount
    }
    depth += 1
    if depth > Self.depthMax { throw .tooDeep(limit: Self.depthMax) }
    let body = try alternatives()
    depth -= 1
    guard take(")") else { throw .openGroup(offset: start) }
    return number.map { .group($0, body) } ?? body
  }

  private mutating func quantifier(
    _ sign: Unicode.Scalar
  ) throws(RegularExpressionError) -> (low: Int, high: Int?) {
    let start = position
    position += 1
    switch sign {
    case "*": return (0, nil)
    case "+": return (1, nil)
    case "?": return (0, 1)
    default: break
    }
    guard let low = count() else { throw .badCount(offset: start) }
    var high: Int? = low
    if take(",") { high = count() }
    guard take("}") else { throw .badCount(offset: start) }
    if let high, high < low { throw .reversedCount(low: low, high: high, offset: start) }
    return (low, high)
  }

  private mutating func count() -> Int? {
    let start = position
    var value = 0
    while let next = peek, ("0"..."9").contains(next) {
      value = min(value * 10 + Int(next.value - 0x30), Self.countMax)
      position += 1
    }
    return position == start ? nil : value
  }

  // The backslash is the next scalar.
  private mutating func escape() throws(RegularExpressionError) -> RegexNode {
    if starts(with: "\\b") {
      position += 2
      return .assertion(.wordBoundary)
    }
    if starts(with: "\\B") {
      position += 2
      return .assertion(.notWordBoundary)
    }
    switch try escapedItem() {
    case .one(let scalar): return literal(scalar)
    case .many(let set): return .scalar(set)
    }
  }

  /// What one escape or one item of a class stands for.
  fileprivate enum Item {
    case one(Unicode.Scalar)
    case many(ScalarSet)
  }

  private mutating func escapedItem() throws(RegularExpressionError) -> Item {
    let start = position
    guard start + 1 < scalars.count else { throw .loneBackslash(offset: start) }
    let letter = scalars[start + 1]
    position += 2
    switch letter {
    case "d": return .many(.digits)
    case "D": return .many(ScalarSet.digits.inverted)
    case "w": return .many(.word)
    case "W": return .many(ScalarSet.word.inverted)
    case "s": return .many(.blank)
    case "S": return .many(ScalarSet.blank.inverted)
    case "t": return .one("\t")
    case "n": return .one("\n")
    case "r": return .one("\r")
    case "f": return .one("\u{0C}")
    case "0"..."9", "a"..."z", "A"..."Z": throw .unknownEscape(letter, offset: start)
    default: return .one(letter)
    }
  }

  // The opening bracket is the next scalar.
  private mutating func characterClass() throws(RegularExpressionError) -> RegexNode {
    let start = position
    position += 1
    let inverted = take("^")
    if peek == "]" { throw .emptyClass(offset: position) }
    var set = ScalarSet([])
    while true {
      guard let next = peek else { throw .openClass(offset: start) }
      if next == "]" { break }
      set = set.union(try classPart())
    }
    position += 1
    if foldsCase { set = set.foldingASCII }
    return .scalar(inverted ? set.inverted : set)
  }

  /// Reads one item of a class, or a range of two.
  private mutating func classPart() throws(RegularExpressionError) -> ScalarSet {
    let start = position
    let first = try classItem()
    guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
      return ScalarSet(first)
    }
    guard case .one(let from) = first else {
      // A hyphen after a set of characters stands for itself: `[\w-.]`.
      position += 1
      return ScalarSet(first).union(ScalarSet([0x2D...0x2D]))
    }
    position += 1
    guard case .one(let to) = try classItem() else { throw .rangeWithoutScalar(offset: start) }
    if to < from { throw .reversedRange(from: from, to: to, offset: start) }
    return ScalarSet([from.value...to.value])
  }

  private mutating func classItem() throws(RegularExpressionError) -> Item {
    guard let next = peek else { throw .openClass(offset: position) }
    if next == "\\" { return try escapedItem() }
    if next == "[" { throw .nestedClass(offset: position) }
    for sign in ["&&", "--"] where starts(with: sign) {
      throw .classOperator(sign: sign, offset: position)
    }
    position += 1
    return .one(next)
  }

  private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private func starts(with sign: String) -> Bool {
    scalars[position...].starts(with: sign.unicodeScalars)
  }

  private func text(_ range: Range<Int>) -> String {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: scalars[range])
    return String(string)
  }
}

extension ScalarSet {
  fileprivate init(_ item: RegexParser.Item) {
    switch item {
    case .one(let scalar): self.init([scalar.value...scalar.value])
    case .many(let set): self = set
    }
  }
}
