import Bytes

/// Cuts a definition's text into tokens.
struct Lexer {
  private let source: Text
  private let bytes: [UInt8]
  private var offset = 0

  /// All tokens of a text; the last one is the end.
  static func tokens(of source: Text) throws(Fault) -> [Token] {
    guard source.byteCount <= QueryLimits.textByteCountMax else {
      throw Fault(
        .textTooLong(byteCount: source.byteCount, limit: QueryLimits.textByteCountMax),
        at: .none
      )
    }
    var lexer = Lexer(source: source, bytes: Array(source.utf8))
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private init(source: Text, bytes: [UInt8]) {
    self.source = source
    self.bytes = bytes
  }

  /// The byte `ahead` of the current one; 0 past the end, which is also what NUL reads as.
  private func peek(_ ahead: Int = 0) -> UInt8 {
    offset + ahead < bytes.count ? bytes[offset + ahead] : 0
  }

  private func range(from start: Int) -> SourceRange { SourceRange(start: start, end: offset) }

  private mutating func next() throws(Fault) -> Token {
    while [0x20, 0x09, 0x0D, 0x0A].contains(peek()), offset < bytes.count { offset += 1 }
    let start = offset
    guard offset < bytes.count else { return Token(kind: .end, range: range(from: start)) }
    let byte = peek()
    switch byte {
    case UInt8(ascii: "\""): return try string()
    case UInt8(ascii: "`"): return try quotedName()
    case UInt8(ascii: "$"): return try parameter()
    case UInt8(ascii: ".") where isDigit(peek(1)): return try number()
    case _ where isDigit(byte): return try number()
    case _ where isNameStart(byte):
      while isNameByte(peek()) { offset += 1 }
      return Token(kind: .name(Word(bytes[start..<offset])), range: range(from: start))
    default: return try symbol()
    }
  }

  // MARK: Signs

  private mutating func symbol() throws(Fault) -> Token {
    let start = offset
    let (first, second) = (peek(), peek(1))
    if let foreign = ForeignSpelling(first, second) {
      offset += 2
      throw Fault(.foreign(foreign), at: range(from: start))
    }
    if let symbol = Token.Symbol(first, second) {
      offset += 2
      return Token(kind: .symbol(symbol), range: range(from: start))
    }
    if let symbol = Token.Symbol(first) {
      offset += 1
      return Token(kind: .symbol(symbol), range: range(from: start))
    }
    let scalar = takeScalar()
    if let foreign = ForeignSpelling(scalar: scalar) {
      throw Fault(.foreign(foreign), at: range(from: start))
    }
    throw Fault(.unexpectedScalar(scalar), at: range(from: start))
  }

  /// The scalar at the current byte, which starts one: the text is valid UTF-8.
  private mutating func takeScalar() -> Unicode.Scalar {
    let utf8 = source.string.utf8
    let index = utf8.index(utf8.startIndex, offsetBy: offset)
    let scalar = source.string.unicodeScalars[index]
    offset += UTF8.width(scalar)
    return scalar
  }

  // MARK: Names and parameters

  private mutating func quotedName() throws(Fault) -> Token {
    let start = offset
    offset += 1
    while offset < bytes.count, peek() != UInt8(ascii: "`") { offset += 1 }
    guard offset < bytes.count else {
      throw Fault(.openBacktick, at: SourceRange(start: start, end: start + 1))
    }
    offset += 1
    guard offset - start > 2 else { throw Fault(.emptyBackticks, at: range(from: start)) }
    return Token(kind: .quotedName, range: range(from: start))
  }

  private mutating func parameter() throws(Fault) -> Token {
    let start = offset
    offset += 1
    let digits = takeDigits()
    let number = Lexer.integer(digits)
    guard !digits.isEmpty, number > 0 else { throw Fault(.badParameter, at: range(from: start)) }
    return Token(kind: .parameter(number), range: range(from: start))
  }

  private mutating func takeDigits() -> ArraySlice<UInt8> {
    let start = offset
    while isDigit(peek()) { offset += 1 }
    return bytes[start..<offset]
  }

  /// The number of some digits, cut to `QueryLimits.integerMax`.
  static func integer(_ digits: some Sequence<UInt8>) -> Int {
    digits.reduce(0) { sum, digit in
      min(sum * 10 + Int(digit) - 0x30, QueryLimits.integerMax)
    }
  }

  // MARK: Numbers

  private mutating func number() throws(Fault) -> Token {
    let start = offset
    _ = takeDigits()
    var isInteger = true
    if peek() == UInt8(ascii: ".") {
      guard isDigit(peek(1)) else {
        offset += 1
        throw Fault(.numberWithoutFraction, at: range(from: start))
      }
      isInteger = false
      offset += 1
      _ = takeDigits()
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let sign = [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(peek(1)) ? 1 : 0
      if isDigit(peek(1 + sign)) {
        isInteger = false
        offset += 1 + sign
        _ = takeDigits()
      }
    }
    let end = offset
    if isNameStart(peek()) {
      while isNameByte(peek()) { offset += 1 }
      throw Fault(
        .numberThenName(text(start..<end), text(end..<offset)),
        at: range(from: start)
      )
    }
    guard let value = Double(text(start..<end)), value.isFinite else {
      throw Fault(.numberTooLarge, at: range(from: start))
    }
    return Token(kind: .number(value, isInteger: isInteger), range: range(from: start))
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  // MARK: Strings

  private mutating func string() throws(Fault) -> Token {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    while offset < bytes.count {
      let from = offset
      while offset < bytes.count, peek() != UInt8(ascii: "\""), peek() != UInt8(ascii: "\\") {
        offset += 1
      }
      content += bytes[from..<offset]
      guard offset < bytes.count else { break }
      if peek() == UInt8(ascii: "\"") {
        offset += 1
        let text = Text(String(decoding: content, as: UTF8.self))
        return Token(kind: .string(text), range: range(from: start))
      }
      try escape(into: &content)
    }
    throw Fault(.openString, at: SourceRange(start: start, end: start + 1))
  }

  private mutating func escape(into content: inout [UInt8]) throws(Fault) {
    let start = offset
    offset += 1
    guard offset < bytes.count else { throw Fault(.openString, at: range(from: start)) }
    let scalar = takeScalar()
    switch scalar {
    case "\"", "\\", "/": content.append(UInt8(ascii: scalar))
    case "n": content.append(0x0A)
    case "t": content.append(0x09)
    case "r": content.append(0x0D)
    case "u": content.append(contentsOf: try unicodeEscape(from: start))
    default: throw Fault(.badEscape(scalar), at: range(from: start))
    }
  }

  /// Reads what follows `\u`, and a second escape after a high surrogate.
  private mutating func unicodeEscape(from start: Int) throws(Fault) -> [UInt8] {
    let first = try hexadecimal(from: start)
    var value = UInt32(first)
    if UTF16.isLeadSurrogate(first), peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") {
      offset += 2
      let second = try hexadecimal(from: start)
      guard UTF16.isTrailSurrogate(second) else {
        throw Fault(.loneSurrogate, at: range(from: start))
      }
      value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw Fault(.loneSurrogate, at: range(from: start))
    }
    return Array(String(scalar).utf8)
  }

  private mutating func hexadecimal(from start: Int) throws(Fault) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard peek() < 0x80, let digit = Character(Unicode.Scalar(peek())).hexDigitValue else {
        throw Fault(.shortUnicodeEscape, at: range(from: start))
      }
      value = value << 4 | UInt16(digit)
      offset += 1
    }
    return value
  }
}
