/// All commands, in the order in which help lists them.
package struct CommandTable: Sendable {
  package var groups: [CommandGroup]
  package var commands: [Command]

  /// What words ask for.
  package enum Match: Sendable {
    case command(Command, rest: [String])
    /// A noun with `--help` behind it.
    case group(CommandGroup)
    case overview
    case version
  }

  /// Finds the command that the first words name.
  package func match(_ words: [String]) throws(UsageError) -> Match {
    guard let first = words.first else { return .overview }
    switch first {
    case "--help", "-h": return .overview
    case "--version": return .version
    default: break
    }
    if let command = commands.first(where: { words.starts(with: $0.words) }) {
      return .command(command, rest: Array(words.dropFirst(command.words.count)))
    }
    guard let group = groups.first(where: { $0.word == first }) else {
      throw Spelling.unknownCommand(words, in: self)
    }
    guard words.count > 1, words[1] != "--help", words[1] != "-h" else {
      if words.count == 1 { throw Spelling.unknownVerb(nil, of: group, in: self) }
      return .group(group)
    }
    throw Spelling.unknownVerb(words[1], of: group, in: self)
  }

  /// The first words of all commands, each once.
  package var firstWords: [String] {
    var words: [String] = []
    for command in commands where !command.isHidden {
      if let word = command.words.first, !words.contains(word) { words.append(word) }
    }
    return words
  }

  /// The verbs of a noun.
  package func verbs(of noun: String) -> [String] {
    commands(of: noun).compactMap { $0.words.count > 1 ? $0.words[1] : nil }
  }

  package func commands(of noun: String) -> [Command] {
    commands.filter { !$0.isHidden && $0.words.first == noun }
  }
}
