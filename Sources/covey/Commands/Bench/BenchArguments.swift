import Intake
import Platform

/// What the measurements of files have in common.
struct BenchArguments {
  static let repeatCountMax = 1_000

  /// Options that name files and say how they are read.
  static let fileOptions: [Option] =
    [
      .several("profiles", "FILE", "Files of customers.", suggestion: .files),
      .several("events", "FILE", "Files of events.", suggestion: .files),
    ] + IntakeArguments.options(formatName: "input-format")

  static func runOptions(standardCount: Int) -> [Option] {
    [
      .value("repeat", "N", "Runs that count; \(standardCount) unless given."),
      .flag("json", "Print JSON."),
      .flag("progress", "Tell the progress also where there is no terminal."),
    ]
  }

  /// Files of customers and of events, and how to read them.
  let inputs: [IntakeSource.Input]
  let intake: IntakeOptions
  let rejectCountMax: UInt64
  let repeatCount: Int

  init(_ arguments: Arguments, repeatCount: Int = 5) throws {
    inputs = IntakeArguments.inputs(
      profiles: arguments.all("profiles"),
      events: arguments.all("events")
    )
    intake = try IntakeArguments.read(arguments, formatName: "input-format")
    rejectCountMax = try IntakeArguments.rejectCountMax(arguments)
    self.repeatCount =
      try arguments.integer("repeat", in: 1...BenchArguments.repeatCountMax) ?? repeatCount
  }

  /// Finds the files.
  func source(_ command: Command, temporaryDirectory: String) throws -> IntakeSource {
    guard !inputs.isEmpty else {
      throw UsageError("'\(command.name)' needs '--profiles FILE…' or '--events FILE…'")
    }
    return try IntakeSource(inputs, options: intake, temporaryDirectory: temporaryDirectory)
  }
}
