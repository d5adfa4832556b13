/// One thing the tool does: the words that name it, what may follow them, and what it runs.
///
/// Parsing, help and completion derive from these values alone.
package struct Command: Sendable {
  package var words: [String]
  /// One line without a full stop.
  package var summary: String
  /// Paragraphs of help.
  package var discussion: [String]
  package var operands: [Operand]
  package var options: [Option]
  /// At least one.
  package var examples: [Example]
  /// Neither listed nor suggested: for scripts of ours.
  package var isHidden = false
  package var run: @Sendable (Arguments, Terminal) throws -> ExitStatus

  package init(
    _ words: String,
    _ summary: String,
    discussion: [String] = [],
    operands: [Operand] = [],
    options: [Option] = [],
    examples: [Example],
    run: @escaping @Sendable (Arguments, Terminal) throws -> ExitStatus
  ) {
    self.words = words.split(separator: " ").map(String.init)
    self.summary = summary
    self.discussion = discussion
    self.operands = operands
    self.options = options + [.help]
    self.examples = examples
    self.run = run
  }

  /// The words as they are typed.
  package var name: String { words.joined(separator: " ") }

  package func option(named name: some StringProtocol) -> Option? {
    options.first { $0.name == name }
  }
}

/// A command line to copy, and what it is for.
package struct Example: Sendable {
  package var line: String
  package var purpose: String

  package init(_ line: String, _ purpose: String) {
    self.line = line
    self.purpose = purpose
  }
}

/// A noun with verbs, as `sets`.
package struct CommandGroup: Sendable {
  package var word: String
  package var summary: String
}
