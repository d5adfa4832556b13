import Platform
import Runtime

/// From the words of a command line to a status.
package enum Program {
  /// Runs a command line on the process's own streams.
  package static func run(_ words: [String], _ termination: Termination) -> ExitStatus {
    run(words, on: .standard(termination))
  }

  /// Runs a command line, telling errors as messages.
  package static func run(
    _ words: [String],
    on terminal: Terminal,
    table: CommandTable = .covey
  ) -> ExitStatus {
    do {
      let status = try execute(words, on: terminal, table: table)
      try terminal.results.flush()
      return status
    } catch StreamError.closed {
      // Whoever reads the results has had enough, which is their decision.
      return .success
    } catch {
      try? terminal.results.flush()
      let report = FailureReport(error)
      for line in report.lines { terminal.message(line) }
      return report.status
    }
  }

  private static func execute(
    _ words: [String],
    on terminal: Terminal,
    table: CommandTable
  ) throws -> ExitStatus {
    switch try table.match(words) {
    case .overview:
      try terminal.results.write(Help.overview(of: table))
      return .success
    case .version:
      try terminal.results.line("covey \(ProgramVersion.text)")
      return .success
    case .group(let group):
      try terminal.results.write(Help.page(for: group, in: table))
      return .success
    case .command(let command, let rest):
      let arguments = try Arguments(rest, for: command)
      guard !arguments.wantsHelp else {
        try terminal.results.write(Help.page(for: command))
        return .success
      }
      return try command.run(arguments, terminal)
    }
  }
}
