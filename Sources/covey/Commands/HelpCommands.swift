import Runtime

extension Command {
  static let help: Command = Command(
    "help",
    "Show how a command is used",
    operands: [
      .several("COMMAND", "The command's words.", isRequired: false, suggestion: .commands)
    ],
    examples: [
      Example("covey help", "All commands."),
      Example("covey help pql check", "One command, with examples."),
    ]
  ) { arguments, terminal in
    let table = CommandTable.covey
    switch try table.match(arguments.operands + ["--help"]) {
    case .command(let command, _): try terminal.results.write(Help.page(for: command))
    case .group(let group): try terminal.results.write(Help.page(for: group, in: table))
    case .overview, .version: try terminal.results.write(Help.overview(of: table))
    }
    return .success
  }

  static let version: Command = Command(
    "version",
    "Show which Covey this is",
    examples: [Example("covey version", "The version of this binary.")]
  ) { _, terminal in
    try terminal.results.line("covey \(ProgramVersion.text)")
    return .success
  }

  static let completion: Command = Command(
    "completion",
    "Print a script that lets a shell complete commands",
    discussion: [
      "The script asks this binary at each Tab, so it never goes out of date. Put the line of the "
        + "example into ~/.bashrc or ~/.zshrc; in zsh it belongs behind 'compinit'."
    ],
    operands: [
      .one(
        "SHELL",
        "bash or zsh.",
        suggestion: .words(Completion.ShellName.allCases.map(\.rawValue))
      )
    ],
    examples: [
      Example("eval \"$(covey completion bash)\"", "Completion in this bash."),
      Example("covey completion zsh", "The script for zsh."),
    ]
  ) { arguments, terminal in
    try terminal.results.write(CompletionScript.text(for: try shell(arguments)))
    return .success
  }

  /// What the scripts of `completion` ask.
  static let complete: Command = {
    var command = Command(
      "complete",
      "Print what may stand at the end of a line",
      operands: [
        .one("SHELL", "bash or zsh."),
        .several("WORD", "The line behind 'covey', as that shell cuts it.", isRequired: false),
      ],
      examples: [Example("covey complete bash -- sets ''", "The verbs of 'sets'.")]
    ) { arguments, terminal in
      let words = Array(arguments.operands.dropFirst())
      let completion = Completion(words, for: try shell(arguments), in: .covey)
      try terminal.results.lines(completion.lines)
      return .success
    }
    command.isHidden = true
    return command
  }()

  private static func shell(_ arguments: Arguments) throws(UsageError) -> Completion.ShellName {
    let word = arguments.operand(0) ?? ""
    guard let shell = Completion.ShellName(rawValue: word) else {
      throw UsageError("'\(word)' is no shell with completion; bash and zsh are")
    }
    return shell
  }
}
