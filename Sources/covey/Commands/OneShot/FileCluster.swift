import Bytes
import Domain
import Intake
import Platform
import Runtime

/// A cluster of worker processes over imported files, in a temporary folder that goes with it.
final class FileCluster {
  static let options: [Option] =
    [
      .several("profiles", "FILE", "Files of customers.", suggestion: .files),
      .several("events", "FILE", "Files of events.", suggestion: .files),
    ] + IntakeArguments.options(formatName: "input-format") + [
      .value("workers", "N", "Worker processes; 2 unless given."),
      .value("shards", "N", "Shards; 32 unless given, or more for many threads."),
    ]

  /// What the options say, checked before anything is started.
  struct Arguments {
    private static let workerCountMax = 64
    /// Why a set has to have a name: nobody sees it.
    private static let setName = "main"

    let inputs: [IntakeSource.Input]
    let intake: IntakeOptions
    let importOptions: ImportJob.Options
    let workerCount: Int
    let isProgressWanted: Bool

    var set: Name { importOptions.set }

    init(_ arguments: covey.Arguments) throws {
      guard let set = Name(Arguments.setName) else { preconditionFailure("the set has no name") }
      var options = ImportJob.Options(set: set)
      options.rejectCountMax = try IntakeArguments.rejectCountMax(arguments)
      options.shardCountIfNew = try Command.shardCount(arguments)
      importOptions = options
      workerCount = try arguments.integer("workers", in: 1...Arguments.workerCountMax) ?? 2
      intake = try IntakeArguments.read(arguments, formatName: "input-format")
      inputs = IntakeArguments.inputs(
        profiles: arguments.all("profiles"),
        events: arguments.all("events")
      )
      isProgressWanted = arguments.has("progress")
    }
  }

  let cluster: LocalCluster
  let outcome: ImportJob.Outcome
  private let folder: TemporaryFolder

  /// Starts the processes and imports the files.
  ///
  /// - Parameters:
  ///   - arguments: which files and how.
  ///   - terminal: is shown the progress.
  ///   - stop: is asked now and then.
  ///   - timings: take how long the parts took.
  /// - Throws: what went wrong; nothing is left behind then.
  init(
    _ arguments: Arguments,
    _ terminal: Terminal,
    _ stop: StopRequest,
    _ timings: inout Timings
  ) throws {
    let folder = try TemporaryFolder()
    do {
      let source = try IntakeSource(
        arguments.inputs,
        options: arguments.intake,
        temporaryDirectory: folder.path
      )
      var options = LocalCluster.Options(dataDirectory: FileCluster.dataDirectory(in: folder))
      options.workerCount = arguments.workerCount
      let cluster = try LocalCluster(options)
      do {
        try stop.check()
        timings.end("start")
        outcome = try ImportRun(
          terminal,
          stop: stop,
          isProgressWanted: arguments.isProgressWanted
        ).run(source, arguments.importOptions, connect: cluster.connect)
      } catch {
        cluster.stop()
        throw error
      }
      self.cluster = cluster
    } catch {
      folder.remove()
      throw error
    }
    self.folder = folder
    timings.add("read", milliseconds: outcome.surveyMilliseconds)
    timings.add("load", milliseconds: outcome.loadMilliseconds)
  }

  /// Where the cluster keeps its data.
  var dataDirectory: String { FileCluster.dataDirectory(in: folder) }

  private static func dataDirectory(in folder: TemporaryFolder) -> String {
    folder.path + "/cluster"
  }

  /// Ends the processes; their data can be read until `close`.
  func stop() { cluster.stop() }

  /// Ends the processes and removes everything.
  func close() {
    cluster.stop()
    folder.remove()
  }
}
