/// Writes one JSON text piece by piece, putting in commas and blank space.
///
/// The caller ends what it begins and gives every value in an object a name first.
public struct JSONWriter: Sendable {
  /// How values are laid out.
  public enum Layout: Sendable {
    /// No blank space at all.
    case compact
    /// One member or element a line, two spaces a level; empty containers stay closed.
    case pretty
  }

  public private(set) var bytes: [UInt8] = []

  private let layout: Layout
  private var depth = 0
  /// Whether the next piece is the first of its container (or of the text).
  private var isFirst = true
  /// Whether a name was written and its value is due.
  private var followsName = false

  public init(_ layout: Layout = .compact) { self.layout = layout }

  /// The text so far.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }

  public mutating func endObject() { close(UInt8(ascii: "}")) }

  public mutating func beginArray() { open(UInt8(ascii: "[")) }

  public mutating func endArray() { close(UInt8(ascii: "]")) }

  public mutating func name(_ name: Text) {
    separate()
    appendQuoted(name.utf8)
    bytes.append(UInt8(ascii: ":"))
    if layout == .pretty { bytes.append(0x20) }
    followsName = true
  }

  public mutating func write(_ text: Text) {
    separate()
    appendQuoted(text.utf8)
  }

  @_disfavoredOverload
  public mutating func write(_ string: String) { write(Text(string)) }

  public mutating func write(_ value: Bool) { word(value ? "true" : "false") }

  public mutating func write(_ value: some FixedWidthInteger) { word(value.description) }

  /// Writes a number; one that is not finite has no JSON text and becomes `null`.
  public mutating func write(_ value: Double) { word(NumberText.format(value)) }

  public mutating func write(_ instant: Instant) { write(instant.iso) }

  public mutating func writeNull() { word("null") }

  /// Writes bytes that are a JSON value already.
  public mutating func write(rawJSON: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: rawJSON)
  }

  private mutating func word(_ word: String) {
    separate()
    bytes.append(contentsOf: word.utf8)
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    depth += 1
    isFirst = true
  }

  private mutating func close(_ bracket: UInt8) {
    precondition(depth > 0, "a container is closed that was not begun")
    depth -= 1
    if !isFirst { breakLine() }
    bytes.append(bracket)
    isFirst = false
  }

  private mutating func separate() {
    if followsName {
      followsName = false
      return
    }
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    isFirst = false
  }

  private mutating func breakLine() {
    guard layout == .pretty else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * depth))
  }

  private mutating func appendQuoted(_ utf8: String.UTF8View) {
    JSONWriter.appendQuoted(utf8, to: &bytes)
  }

  /// Appends the UTF-8 in quotes; quotes, backslashes and control characters are escaped.
  public static func appendQuoted(_ utf8: String.UTF8View, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x08: bytes.append(contentsOf: [0x5C, UInt8(ascii: "b")])
      case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
      case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
      case 0x0C: bytes.append(contentsOf: [0x5C, UInt8(ascii: "f")])
      case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: Array("\\u00".utf8))
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
