import Bytes
import Domain

/// Reads when an event happened: what the order of a profile's events goes by.
///
/// The same as the language's: ISO 8601 text, UTC where it has no offset, or epoch milliseconds.
enum EventTime {
  static let field: Text = "timestamp"

  /// The instant of the value at `offset`; `nil` for what is no time.
  static func instant(at offset: Int, in bytes: [UInt8]) -> Instant? {
    switch bytes[offset] {
    case RowBatch.Tag.string:
      let text = offset + 5..<LooseValue.end(of: offset, in: bytes)
      return unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe TimeText(UnsafeBufferPointer(rebasing: buffer[text]))?.instant
      }
    case RowBatch.Tag.integer:
      return Instant(milliseconds: bytes.load(Int64.self, at: offset + 1)).clamped
    case RowBatch.Tag.double:
      let limit = 1e18
      let milliseconds = Double(bitPattern: bytes.load(UInt64.self, at: offset + 1))
      return Instant(milliseconds: Int64(min(max(milliseconds, -limit), limit))).clamped
    default: return nil
    }
  }
}
