/// What a shell may offer at the end of a line.
package enum Completion: Equatable, Sendable {
  case words([Word])
  case files
  case directories

  package struct Word: Equatable, Sendable {
    package var text: String
    package var summary: String
  }

  /// Which shell asks: they cut lines into words differently.
  package enum ShellName: String, CaseIterable, Sendable {
    case bash
    case zsh
  }

  /// Finds what may stand for the last word.
  ///
  /// - Parameters:
  ///   - words: the line behind `covey`; the last word, possibly empty, is the one being typed.
  ///   - shell: whose words these are.
  ///   - table: the commands.
  package init(_ words: [String], for shell: ShellName, in table: CommandTable) {
    var words = words
    var prefix = ""
    if shell == .bash {
      // bash cuts `--name=value` into three words and replaces the last of them alone.
      if words.last == "=" { words.append("") }
      words.removeAll { $0 == "=" }
    } else if let last = words.last, last.hasPrefix("--"), let equals = last.firstIndex(of: "=") {
      prefix = String(last[...equals])
      words[words.count - 1] = String(last[..<equals])
      words.append(String(last[last.index(after: equals)...]))
    }
    let current = words.popLast() ?? ""
    self = Completion.after(words, current, in: table).completing(current, prefix: prefix)
  }

  private static func after(
    _ words: [String],
    _ current: String,
    in table: CommandTable
  ) -> Completion {
    guard let command = table.commands.first(where: { words.starts(with: $0.words) }) else {
      return commandWords(after: words, in: table)
    }
    let rest = words.dropFirst(command.words.count)
    var given: Set<String> = []
    var awaiting: Option?
    var operands: [String] = []
    for word in rest {
      if word.hasPrefix("--") {
        let option = command.option(named: word.dropFirst(2).prefix { $0 != "=" })
        given.insert(option?.name ?? "")
        awaiting = option?.arity == .flag || word.contains("=") ? nil : option
      } else if let option = awaiting {
        if option.arity == .one { awaiting = nil }
      } else {
        operands.append(word)
      }
    }
    if current.hasPrefix("-"), awaiting?.arity != .one {
      return .words(
        command.options.filter { $0.arity == .several || !given.contains($0.name) }
          .map { Word(text: "--" + $0.name, summary: $0.summary) }
      )
    }
    if let awaiting { return suggested(awaiting.suggestion, operands, in: table) }
    let last = command.operands.last
    let operand =
      operands.count < command.operands.count
      ? command.operands[operands.count] : last?.isRepeated == true ? last : nil
    return suggested(operand?.suggestion ?? .nothing, operands, in: table)
  }

  private static func commandWords(after words: [String], in table: CommandTable) -> Completion {
    guard let noun = words.first else {
      return .words(
        table.firstWords.map { word in
          let group = table.groups.first { $0.word == word }
          let command = table.commands(of: word).first
          return Word(text: word, summary: group?.summary ?? command?.summary ?? "")
        }
      )
    }
    guard words.count == 1 else { return .words([]) }
    return .words(
      table.commands(of: noun).filter { $0.words.count > 1 }
        .map { Word(text: $0.words[1], summary: $0.summary) }
    )
  }

  private static func suggested(
    _ suggestion: Suggestion,
    _ operands: [String],
    in table: CommandTable
  ) -> Completion {
    switch suggestion {
    case .nothing: .words([])
    case .files: .files
    case .directories: .directories
    case .words(let words): .words(words.map { Word(text: $0, summary: "") })
    case .commands: commandWords(after: operands, in: table)
    }
  }

  /// Keeps what begins like the word being typed.
  private func completing(_ current: String, prefix: String) -> Completion {
    guard case .words(let words) = self else { return self }
    return .words(
      words.filter { $0.text.utf8.starts(with: current.utf8) }
        .map { Word(text: prefix + $0.text, summary: $0.summary) }
    )
  }

  /// The answer as the scripts read it: a line with the kind, then a line a word.
  package var lines: [String] {
    switch self {
    case .files: ["files"]
    case .directories: ["directories"]
    case .words(let words): ["words"] + words.map { "\($0.text)\t\($0.summary)" }
    }
  }
}
