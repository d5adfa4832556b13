import Bytes
import Cluster
import Domain

/// One line of the log: `key=value` pairs, values quoted only when they must be.
enum LogLine {
  /// The longest value; what is longer is cut.
  private static let valueByteCountMax = 2_000

  static func text(
    at time: Instant,
    _ level: LogLevel,
    node: Text,
    event: Text,
    _ fields: [LogField]
  ) -> String {
    var line = "ts=\(seconds(time)) level=\(word(level)) at=\(value(node)) event=\(value(event))"
    for field in fields { line += " \(field.name)=\(value(field.value))" }
    return line + "\n"
  }

  private static func word(_ level: LogLevel) -> String {
    switch level {
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// Seconds since 1970 with three digits behind the point.
  private static func seconds(_ time: Instant) -> String {
    let milliseconds = String(max(0, time.milliseconds))
    let padded = String(repeating: "0", count: max(0, 4 - milliseconds.utf8.count)) + milliseconds
    return padded.dropLast(3) + "." + padded.suffix(3)
  }

  private static func value(_ text: Text) -> String {
    let shown = Printable.text(text.utf8, byteCountMax: valueByteCountMax)
    let isPlain =
      !shown.utf8.isEmpty
      && shown.utf8.allSatisfy {
        $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
          && $0 != UInt8(ascii: "\\")
      }
    if isPlain { return shown.string }
    var quoted = "\""
    for character in shown.string.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}
