import Bytes
import Domain

/// Text of the data made fit for a terminal.
enum PlainText {
  private static let byteCountMax = 4_000

  /// One line, control characters escaped.
  static func line(_ text: String) -> String {
    Printable.text(text.utf8, byteCountMax: byteCountMax).string
  }
}
