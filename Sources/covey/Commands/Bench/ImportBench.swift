import Bytes
import Domain
import Intake
import Platform
import Runtime

/// Files imported durably into empty clusters, or read only, run after run.
struct ImportBench {
  static let options: [Option] =
    BenchArguments.fileOptions + [
      .value("workers", "N", "Worker processes; 2 unless given."),
      .value("shards", "N", "Shards; 32 unless given, or more for many threads."),
    ] + BenchArguments.runOptions(standardCount: 3)

  private let arguments: Arguments
  private let terminal: Terminal
  private let bench: BenchArguments

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.arguments = arguments
    self.terminal = terminal
    bench = try BenchArguments(arguments, repeatCount: 3)
  }

  /// Times imports: from the first byte read to the commit that every worker has on disk.
  func run() throws -> ExitStatus {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let source = try bench.source(arguments.command, temporaryDirectory: temporary.path)
    let workerCount = try arguments.integer("workers", in: 1...BenchCluster.workerCountMax)
    let shardCount = try Command.shardCount(arguments)
    let stop = StopRequest(terminal.termination)
    let run = ImportRun(terminal, stop: stop, isProgressWanted: arguments.has("progress"))
    var times = RunTimes()
    var peak = 0
    var rowCount = 0
    for number in 1...bench.repeatCount {
      let folder = temporary.path + "/cluster-\(number)"
      let cluster = try BenchCluster(folder: folder, workerCount: workerCount)
      defer {
        cluster.stop()
        try? LinuxDisk().remove(folder)
      }
      ProcessFamily.resetPeak()
      let outcome = try times.measure {
        try cluster.load(
          source,
          shardCount: shardCount,
          rejectCountMax: bench.rejectCountMax,
          run
        )
      }
      peak = max(peak, ProcessFamily.peakByteCount())
      rowCount = Int(clamping: outcome.report.profileRows + outcome.report.eventRows)
    }
    var report = BenchReport(Text(arguments.command.name))
    ImportBench.describe(source, rowCount, times, "importSeconds", &report)
    report.memory(peak)
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  /// Times what every import begins with: all rows read and typed, and nothing stored.
  func scan() throws -> ExitStatus {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let source = try bench.source(arguments.command, temporaryDirectory: temporary.path)
    let stop = StopRequest(terminal.termination)
    let line = ProgressLine(terminal, isWanted: arguments.has("progress"))
    var times = RunTimes()
    var rowCount = 0
    for run in 0...bench.repeatCount {
      let report = try times.measure {
        try Survey.run(source) { read in
          try stop.check()
          line.show("run \(run) of \(bench.repeatCount), \(Human.size(bytes: read.byteCount))")
        }
      }
      rowCount = Int(clamping: report.profileRows + report.eventRows)
      if run == 0 { times.removeAll() }
    }
    line.clear()
    var report = BenchReport(Text(arguments.command.name))
    ImportBench.describe(source, rowCount, times, "scanSeconds", &report)
    report.memory(ProcessFamily.peakByteCount())
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  private static func describe(
    _ source: IntakeSource,
    _ rowCount: Int,
    _ times: RunTimes,
    _ name: Text,
    _ report: inout BenchReport
  ) {
    let seconds = max(times.minimum, 1e-9)
    let megabytesPerSecond = Double(source.byteCount) / 1e6 / seconds
    report.line(
      "files:     \(Human.size(bytes: source.byteCount)), \(Human.counted(rowCount, "row"))"
    )
    report.line("time:      \(times.text)")
    report.line(
      "speed:     \(Human.tenths(megabytesPerSecond)) MB/s, "
        + "\(Human.count(Int(Double(rowCount) / seconds))) rows/s"
    )
    report.member("bytes", source.byteCount)
    report.member("rows", rowCount)
    report.member(name, times)
    report.member("megabytesPerSecond", megabytesPerSecond)
    report.member("rowsPerSecond", Int(Double(rowCount) / seconds))
  }
}
