/// Pages of help, made from the table.
package enum Help {
  private static let width = 80

  /// Everything there is, a line a command.
  package static func overview(of table: CommandTable) -> String {
    var lines = [
      "covey answers which customers are in which audience, on a cluster of processes.",
      "", "Usage: covey COMMAND [ARGUMENTS] [OPTIONS]", "", "Commands:",
    ]
    var rows: [(String, String)] = []
    for word in table.firstWords {
      if let group = table.groups.first(where: { $0.word == word }) {
        rows.append((word, group.summary))
      } else if let command = table.commands(of: word).first {
        rows.append((command.name, command.summary))
      }
    }
    lines += definitions(rows)
    lines += [
      "", "'covey help COMMAND' or 'covey COMMAND --help' tells more.",
      "", "Start here:", "  covey evaluate --profiles customers.csv --segments segments/*.pql",
      "  covey local --workers 3",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  package static func page(for group: CommandGroup, in table: CommandTable) -> String {
    var lines = [group.summary + ".", "", "Usage: covey \(group.word) VERB …", "", "Verbs:"]
    lines += definitions(
      table.commands(of: group.word).map {
        ($0.words.dropFirst().joined(separator: " "), $0.summary)
      }
    )
    lines += ["", "'covey help \(group.word) VERB' tells more."]
    return lines.joined(separator: "\n") + "\n"
  }

  package static func page(for command: Command) -> String {
    var lines = [command.summary + ".", ""]
    lines += wrapped("Usage: " + usage(of: command), indent: 0, hanging: 7)
    for paragraph in command.discussion { lines += [""] + wrapped(paragraph, indent: 0) }
    if !command.operands.isEmpty {
      lines += ["", "Arguments:"]
      lines += definitions(command.operands.map { ($0.placeholder, $0.summary) })
    }
    lines += ["", "Options:"]
    lines += definitions(command.options.map { ($0.usage, $0.summary) })
    lines += ["", "Examples:"]
    for example in command.examples { lines += ["  " + example.line, "      " + example.purpose] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The command with its operands and required options.
  package static func usage(of command: Command) -> String {
    let required = command.options.filter(\.isRequired).map(\.usage)
    let isOptionless = command.options.count - required.count <= 1
    return
      (["covey"] + command.words + command.operands.map(\.usage) + required
      + (isOptionless ? [] : ["[OPTIONS]"])).joined(separator: " ")
  }

  /// Terms with what they mean beside them, or below where a term is long.
  private static func definitions(_ rows: [(String, String)]) -> [String] {
    let termWidth = min(24, rows.map { $0.0.count }.max() ?? 0)
    return rows.flatMap { term, meaning in
      var lines = wrapped(meaning, indent: termWidth + 4)
      if term.count <= termWidth {
        let padded = "  " + term + String(repeating: " ", count: termWidth + 2 - term.count)
        if !lines.isEmpty { lines[0] = padded + lines[0].dropFirst(termWidth + 4) }
        return lines
      }
      return ["  " + term] + lines
    }
  }

  /// A text in lines of at most 80 columns, broken at blanks; lines behind the first hang deeper.
  static func wrapped(_ text: String, indent: Int, hanging: Int = 0) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent + hanging)
        isEmpty = true
      }
      line += isEmpty ? String(word) : " " + word
      isEmpty = false
    }
    return lines + [line]
  }
}
