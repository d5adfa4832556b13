/// How results look: plain for files and pipes, with colour on a terminal.
package struct Style: Sendable {
  package var hasColour: Bool
  /// Columns to stay within; `nil` for as many as it takes.
  package var width: Int?

  package init(hasColour: Bool, width: Int? = nil) {
    self.hasColour = hasColour
    self.width = width
  }

  package static let plain = Style(hasColour: false)

  /// Whether a person looks at it.
  package var isTerminal: Bool { width != nil }

  /// What a word tells about health.
  package enum Tone: String, Sendable {
    case good = "32"
    case warning = "33"
    case bad = "31"
    case quiet = "2"
    case strong = "1"
  }

  package func painted(_ text: String, _ tone: Tone?) -> String {
    guard hasColour, let tone else { return text }
    return "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m"
  }

  /// The tone of a state's name.
  package static func tone(ofState state: String) -> Tone? {
    switch state {
    case "ok", "done", "realized": .good
    case "running", "joining", "waiting": nil
    case "degraded", "suspect", "draining", "thin", "cancelled", "exited": .warning
    case "down", "lost", "missing", "failed", "corrupt", "quarantined": .bad
    default: nil
    }
  }
}
