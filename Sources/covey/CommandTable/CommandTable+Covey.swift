extension CommandTable {
  /// Everything `covey` does.
  package static let covey: CommandTable = CommandTable(
    groups: [
      CommandGroup(word: "pql", summary: "Check, format, convert, explain and run definitions")
    ],
    commands: [
      .pqlCheck, .pqlFormat, .pqlRun, .completion, .complete, .version, .help,
    ]
  )
}
