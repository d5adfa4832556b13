/// One step of a JSON text.
public enum JSONToken: Equatable, Sendable {
  case beginObject
  case endObject
  case beginArray
  case endArray
  /// A member's name; its value follows. The scanner's text holds it.
  case name
  /// A string value; the scanner's text holds it.
  case string
  /// A number without fraction and exponent that fits.
  case integer(Int64)
  case double(Double)
  case boolean(Bool)
  case null
  /// Nothing but blank space follows.
  case end
}

/// Reads one JSON text (RFC 8259) token by token, strictly, without building values.
///
/// A text has exactly one value with blank space around it, and no byte order mark. Every token is
/// checked when it is given: UTF-8, escapes, the grammar of numbers, commas and brackets. After an
/// error the scanner is of no more use.
///
/// The bytes belong to the caller and must stay where they are while the scanner is in use, so it
/// is made inside a `withUnsafeBufferPointer`.
@safe public struct JSONScanner {
  /// The deepest nesting of arrays and objects.
  public static let nestingMax = 64

  private enum Expectation {
    case value
    case firstElement
    case firstName
    case name
    case comma
    case end
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let count: Int
  private var position = 0
  private var expectation = Expectation.value
  private var depth = 0
  /// Bit `level` is 1 where the container at that level is an object.
  ///
  /// Its width is what limits `nestingMax`.
  private var objects: UInt64 = 0
  @usableFromInline var textStart = 0
  @usableFromInline var textEnd = 0
  @usableFromInline var textIsUnescaped = false
  @usableFromInline var unescaped: [UInt8] = []
  @usableFromInline var source: UnsafeBufferPointer<UInt8> { unsafe bytes }

  public init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
    count = bytes.count
  }

  /// Scans another text, keeping the memory that was taken for escapes.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, reusing other: consuming JSONScanner) {
    unsafe self.bytes = bytes
    count = bytes.count
    unescaped = other.unescaped
  }

  /// Offset behind the last token.
  public var offset: Int { position }

  /// Open arrays and objects around the next token.
  public var nesting: Int { depth }

  /// Calls `body` with the UTF-8 of the last name or string, escapes resolved.
  @inlinable public func withText<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    if textIsUnescaped { return unsafe unescaped.withUnsafeBufferPointer(body) }
    return unsafe body(UnsafeBufferPointer(rebasing: source[textStart..<textEnd]))
  }

  /// Appends the UTF-8 of the last name or string, escapes resolved.
  public func appendText(to buffer: inout [UInt8]) {
    if textIsUnescaped {
      buffer.append(contentsOf: unescaped)
    } else {
      unsafe buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[textStart..<textEnd]))
    }
  }

  /// The last name or string.
  public var text: Text {
    // The bytes were checked when they were scanned.
    unsafe withText { unsafe Text(String(decoding: $0, as: UTF8.self)) }
  }

  /// The next token; `.end` again and again once the text has ended.
  public mutating func next() throws(JSONError) -> JSONToken {
    var byte = skipBlank()
    switch expectation {
    case .value:
      return try value(byte, expected: "a value")
    case .firstElement:
      if byte == UInt8(ascii: "]") { return close(.endArray) }
      return try value(byte, expected: "a value or ']'")
    case .firstName:
      if byte == UInt8(ascii: "}") { return close(.endObject) }
      return try name(byte, expected: "a name in quotes or '}'")
    case .name:
      return try name(byte, expected: "a name in quotes")
    case .comma:
      let isObject = objects & (1 &<< UInt64(depth &- 1)) != 0
      if byte == UInt8(ascii: ",") {
        position &+= 1
        byte = skipBlank()
        return isObject
          ? try name(byte, expected: "a name in quotes") : try value(byte, expected: "a value")
      }
      if isObject {
        guard byte == UInt8(ascii: "}") else { throw unexpected("',' or '}'") }
        return close(.endObject)
      }
      guard byte == UInt8(ascii: "]") else { throw unexpected("',' or ']'") }
      return close(.endArray)
    case .end:
      guard position == count else { throw unexpected("the end") }
      return .end
    }
  }

  /// The first byte that is no blank space; 0, which starts no token, at the end.
  @inline(__always)
  private mutating func skipBlank() -> UInt8 {
    while position < count {
      let byte = unsafe bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position &+= 1
    }
    return 0
  }

  private func unexpected(_ expected: String) -> JSONError {
    let found: UInt8? = unsafe position < count ? bytes[position] : nil
    return .unexpected(at: position, found: found, expected: expected)
  }

  @inline(__always)
  private mutating func close(_ token: JSONToken) -> JSONToken {
    position &+= 1
    depth &-= 1
    expectation = depth == 0 ? .end : .comma
    return token
  }

  private mutating func open(isObject: Bool) throws(JSONError) {
    guard depth < JSONScanner.nestingMax else {
      throw .nestingTooDeep(at: position, limit: JSONScanner.nestingMax)
    }
    let bit: UInt64 = 1 &<< UInt64(depth)
    if isObject { objects |= bit } else { objects &= ~bit }
    depth &+= 1
    position &+= 1
    expectation = isObject ? .firstName : .firstElement
  }

  private mutating func name(_ byte: UInt8, expected: String) throws(JSONError) -> JSONToken {
    guard byte == UInt8(ascii: "\"") else { throw unexpected(expected) }
    try string()
    guard skipBlank() == UInt8(ascii: ":") else { throw unexpected("':'") }
    position &+= 1
    expectation = .value
    return .name
  }

  private mutating func value(_ byte: UInt8, expected: String) throws(JSONError) -> JSONToken {
    switch byte {
    case UInt8(ascii: "{"):
      try open(isObject: true)
      return .beginObject
    case UInt8(ascii: "["):
      try open(isObject: false)
      return .beginArray
    default: break
    }
    let token: JSONToken
    switch byte {
    case UInt8(ascii: "\""):
      try string()
      token = .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): token = try number()
    case UInt8(ascii: "t"):
      try word("true")
      token = .boolean(true)
    case UInt8(ascii: "f"):
      try word("false")
      token = .boolean(false)
    case UInt8(ascii: "n"):
      try word("null")
      token = .null
    default: throw unexpected(expected)
    }
    expectation = depth == 0 ? .end : .comma
    return token
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard position < count, unsafe bytes[position] == word.utf8Start[index] else {
        throw unexpected("'\(word)'")
      }
      position &+= 1
    }
  }

  private mutating func number() throws(JSONError) -> JSONToken {
    let start = position
    let scan = unsafe NumberText.scan(bytes, from: start)
    position = scan.end
    switch scan.reading {
    case .integer(let value): return .integer(value)
    case .double(let value): return .double(value)
    case .tooLarge: throw .numberTooLarge(at: start)
    case .malformed(let expected): throw unexpected(expected)
    }
  }
}

extension JSONScanner {
  /// Scans a string from its opening quote; `textStart…` then say where its text is.
  private mutating func string() throws(JSONError) {
    position &+= 1
    textStart = position
    textIsUnescaped = false
    try skipPlain()
    textEnd = position
    if unsafe bytes[position] == UInt8(ascii: "\"") {
      position &+= 1
      return
    }
    textIsUnescaped = true
    unescaped.removeAll(keepingCapacity: true)
    var runStart = textStart
    while unsafe bytes[position] != UInt8(ascii: "\"") {
      unsafe unescaped.append(
        contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<position])
      )
      try escape()
      runStart = position
      try skipPlain()
    }
    unsafe unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<position]))
    position &+= 1
  }

  /// Goes on to the next quote or backslash; on return there is one at `position`.
  private mutating func skipPlain() throws(JSONError) {
    let count = self.count
    var index = position
    let raw = unsafe UnsafeRawBufferPointer(bytes)
    while true {
      // Eight bytes at once: a high bit is set where a byte is a quote, a backslash, a control
      // character or not ASCII. A borrow may set wrong bits above the lowest one, never below it.
      while index &+ 8 <= count {
        let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let special =
          ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
          | ((word &- ones &* 0x20) & ~word) | word
        let marks = special & 0x8080_8080_8080_8080
        guard marks == 0 else {
          index &+= marks.trailingZeroBitCount &>> 3
          break
        }
        index &+= 8
      }
      guard index < count else {
        position = index
        throw unexpected("a closing quote")
      }
      let byte = unsafe bytes[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        position = index
        return
      }
      guard byte >= 0x20 else { throw .controlCharacter(at: index, byte: byte) }
      let length = unsafe UTF8Validation.sequenceLength(bytes, at: index)
      guard length > 0 else { throw .invalidUTF8(at: index) }
      index &+= length
    }
  }

  /// Appends what the escape at `position` stands for.
  private mutating func escape() throws(JSONError) {
    let at = position
    guard at &+ 1 < count else {
      position = count
      throw unexpected("an escaped character")
    }
    let letter = unsafe bytes[at &+ 1]
    position &+= 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"): try unicodeEscape(at: at)
    default: throw .invalidEscape(at: at)
    }
  }

  private mutating func unicodeEscape(at: Int) throws(JSONError) {
    var code = try fourDigits()
    if (0xDC00...0xDFFF).contains(code) { throw .loneSurrogate(at: at) }
    if (0xD800...0xDBFF).contains(code) {
      guard position &+ 1 < count, unsafe bytes[position] == UInt8(ascii: "\\"),
        unsafe bytes[position &+ 1] == UInt8(ascii: "u")
      else { throw .loneSurrogate(at: at) }
      position &+= 2
      let low = try fourDigits()
      guard (0xDC00...0xDFFF).contains(low) else { throw .loneSurrogate(at: at) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = UnicodeScalar(code) else { throw .loneSurrogate(at: at) }
    unescaped.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < count else { throw unexpected("a hexadecimal digit") }
      let byte = unsafe bytes[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - 0x57)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - 0x37)
      default: throw unexpected("a hexadecimal digit")
      }
      position &+= 1
    }
    return code
  }
}
