import Bytes
import Intake
import Runtime

/// Does an import, showing how far it is.
struct ImportRun {
  private let terminal: Terminal
  private let line: ProgressLine
  private let stop: StopRequest

  init(_ terminal: Terminal, stop: StopRequest, isProgressWanted: Bool) {
    self.terminal = terminal
    self.stop = stop
    line = ProgressLine(terminal, isWanted: isProgressWanted)
  }

  /// Imports the files.
  ///
  /// - Throws: what ended it, with the bad rows listed as messages when those did.
  func run(
    _ source: IntakeSource,
    _ options: ImportJob.Options,
    connect: @escaping () throws -> ClusterClient
  ) throws -> ImportJob.Outcome {
    let job = ImportJob(source, options: options, connect: connect) { progress in
      try stop.check()
      line.show(ImportRun.text(progress))
    }
    do {
      let outcome = try job.run()
      line.clear()
      for warning in outcome.report.warnings { terminal.warn(warning) }
      return outcome
    } catch ImportError.tooManyRejects(let report, let limit) {
      line.clear()
      for line in ImportView.rejects(report) { terminal.message(line) }
      throw CommandFailure(
        .data,
        "\(Human.counted(Int(clamping: report.count), "row")) cannot be imported, over the limit of "
          + "\(limit); nothing was stored",
        next: ImportRun.advice(report)
      )
    } catch {
      line.clear()
      throw error
    }
  }

  /// What to do about files whose rows have no key where one is looked for.
  static let keyAdvice =
    "name the field that holds the profile's key by '--key PATH', of events by '--event-key PATH'"

  /// What to do about rows that were left out.
  private static func advice(_ report: RejectReport) -> String {
    let keyless = report.counts[.missingKey] ?? 0
    return keyless > report.count / 2
      ? keyAdvice
      : "mend the rows, or go on without them by '--max-rejects \(report.count)'"
  }

  private static func text(_ progress: ImportProgress) -> String {
    switch progress.phase {
    case .surveying, .sending:
      ProgressLine.text(
        progress.phase == .surveying ? "reading" : "sending",
        bytes: progress.byteCount,
        of: progress.byteCountTotal,
        elapsedMilliseconds: Int(clamping: progress.milliseconds)
      )
    case .committing: "making the rows durable"
    case .waiting(let reason): "interrupted, trying again: \(reason)"
    }
  }
}
