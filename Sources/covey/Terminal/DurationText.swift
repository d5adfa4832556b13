/// Spans of time as people write and read them.
package enum DurationText {
  private static let units: [(suffix: String, milliseconds: Int)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// Reads `500ms`, `30s`, `10m`, `2h` or `1d`.
  package static func milliseconds(_ text: String) -> Int? {
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let number = Int(text.dropLast(suffix.count)), number >= 0 else { continue }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// How old something is, in its largest unit: `42s`, `3m`, `6d`.
  package static func age(milliseconds: Int) -> String {
    let seconds = max(0, milliseconds) / 1_000
    return switch seconds {
    case ..<120: "\(seconds)s"
    case ..<7_200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  /// How long something took: `38ms`, `4.2s`, `3m 12s`, `2h 05m`.
  package static func elapsed(milliseconds: Int) -> String {
    let time = max(0, milliseconds)
    return switch time {
    case ..<1_000: "\(time)ms"
    case ..<60_000: "\(time / 1_000).\(time / 100 % 10)s"
    case ..<3_600_000: "\(time / 60_000)m \(padded(time / 1_000 % 60))s"
    default: "\(time / 3_600_000)h \(padded(time / 60_000 % 60))m"
    }
  }

  /// How long something short took: `0`, `37us`, `4.2ms`, and from ten milliseconds on as `elapsed`.
  package static func elapsed(nanoseconds: Int) -> String {
    let time = max(0, nanoseconds)
    return switch time {
    case 0: "0"
    case ..<1_000_000: "\(max(1, time / 1_000))us"
    case ..<10_000_000: "\(time / 1_000_000).\(time / 100_000 % 10)ms"
    default: elapsed(milliseconds: time / 1_000_000)
    }
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
