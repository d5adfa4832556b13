import Bytes
import Domain

/// Reads when an event happened: what the order of a profile's events goes by.
///
/// The same as the language's: ISO 8601 text, UTC where it has no offset, or epoch milliseconds.
enum EventTime {
  static let field: Text = "timestamp"

  static func instant(of value: Value?) -> Instant? {
    switch value {
    case .string(let text)?: TimeText(text)?.instant
    case .integer(let milliseconds)?: Instant(milliseconds: milliseconds).clamped
    case .double(let milliseconds)?: instant(milliseconds: milliseconds)
    case .boolean?, .array?, .object?, nil: nil
    }
  }

  /// The instant of epoch milliseconds, cut to whole; `nil` for what is no number.
  static func instant(milliseconds: Double) -> Instant? {
    guard !milliseconds.isNaN else { return nil }
    let limit = 1e18
    return Instant(milliseconds: Int64(min(max(milliseconds, -limit), limit))).clamped
  }
}
