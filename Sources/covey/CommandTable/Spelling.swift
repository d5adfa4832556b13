import Bytes
import PQL

/// What was probably meant.
package enum Spelling {
  package static func unknownOption(_ name: String, for command: Command) -> UsageError {
    let names = command.options.map { Text($0.name) }
    let advice: String
    if let near = nearest(to: Text(name), among: names) {
      advice = "did you mean '--\(near)'?"
    } else {
      advice = "'covey \(command.name) --help' lists its options"
    }
    return UsageError("unknown option '--\(name)' for '\(command.name)'; \(advice)")
  }

  /// The error for words that name no command.
  ///
  /// Also finds a verb that belongs to another noun, and a noun and a verb in the wrong order.
  package static func unknownCommand(_ words: [String], in table: CommandTable) -> UsageError {
    let first = words.first ?? ""
    let visible = table.commands.filter { !$0.isHidden }
    if words.count > 1 {
      let swapped = [words[1], first]
      if let command = visible.first(where: { $0.words.elementsEqual(swapped) }) {
        return UsageError("unknown command '\(first)'; did you mean 'covey \(command.name)'?")
      }
    }
    let nouns = table.firstWords.map { Text($0) }
    if let near = nearest(to: Text(first), among: nouns) {
      return UsageError("unknown command '\(first)'; did you mean 'covey \(near)'?")
    }
    return UsageError("unknown command '\(first)'; 'covey help' lists the commands")
  }

  package static func unknownVerb(
    _ verb: String?,
    of group: CommandGroup,
    in table: CommandTable
  ) -> UsageError {
    let verbs = table.verbs(of: group.word)
    guard let verb else {
      return UsageError("'\(group.word)' needs a verb: \(verbs.joined(separator: ", "))")
    }
    if let near = nearest(to: Text(verb), among: verbs.map { Text($0) }) {
      return UsageError(
        "unknown command '\(group.word) \(verb)'; did you mean 'covey \(group.word) \(near)'?"
      )
    }
    return UsageError(
      "unknown command '\(group.word) \(verb)'; "
        + "the verbs of '\(group.word)' are \(verbs.joined(separator: ", "))"
    )
  }
}
