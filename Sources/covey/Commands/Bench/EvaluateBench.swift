import Bytes
import Cluster
import Domain
import Intake
import Platform
import ProfileStore
import Runtime
import Segmentation

/// Definitions compiled and evaluated over files, run after run.
struct EvaluateBench {
  static let threadCountMax = 1_024
  static let shardCountMax = 4_096
  private static let stepSecondsMax = 366 * 86_400

  private enum Engine: String, CaseIterable { case fast, reference }

  static let options: [Option] =
    BenchArguments.fileOptions + [
      .several(
        "segments",
        "FILE",
        "Files of definitions.",
        suggestion: .files
      ),
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .value("first", "N", "Only the first N definitions."),
      .value("threads", "N", "Threads that evaluate; as many as processors unless given."),
      .value(
        "engine",
        "ENGINE",
        "fast, or reference: profile by profile, on one thread.",
        suggestion: .words(Engine.allCases.map(\.rawValue))
      ),
      .flag(
        "check",
        "Hold the members against the reference interpreter's, which takes long on many profiles."
      ),
      .value("shards", "N", "Shards; 1 unless given, with '--through-cluster' 32 or more."),
      .value(
        "data",
        "DIR",
        "Keep what is loaded, and take what is there.",
        suggestion: .directories
      ),
      .flag("through-cluster", "Time jobs of a cluster on this machine, submitted to committed."),
      .value("workers", "N", "Workers of that cluster; 2 unless given."),
      .value(
        "step",
        "SECONDS",
        "Let each of its runs be so much later than the one before, the last one at 'as-of'."
      ),
    ] + BenchArguments.runOptions(standardCount: 5)

  private let arguments: Arguments
  private let terminal: Terminal
  private let bench: BenchArguments
  private let definitions: [SegmentDefinition]
  private let asOf: Instant
  private let engine: Engine
  private let threadCount: Int

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.arguments = arguments
    self.terminal = terminal
    bench = try BenchArguments(arguments)
    asOf = try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now
    guard arguments.has("segments") else {
      throw UsageError("'\(arguments.command.name)' needs '--segments FILE…'")
    }
    for name in ["threads", "engine", "check"]
    where arguments.has(name) && arguments.has("through-cluster") {
      throw UsageError("'--\(name)' is for measuring without '--through-cluster'")
    }
    for name in ["workers", "step"] where arguments.has(name) && !arguments.has("through-cluster") {
      throw UsageError("'--\(name)' belongs to '--through-cluster'")
    }
    engine = try arguments.choice("engine", of: Engine.self) ?? .fast
    threadCount =
      try arguments.integer("threads", in: 1...EvaluateBench.threadCountMax)
      ?? ProcessStatus.processorCount
    let files = try SegmentFiles(arguments.all("segments"))
    let count = try arguments.integer("first", in: 1...Int.max) ?? files.definitions.count
    let chosen = files.definitions.prefix(count)
    // Each after those that it asks about.
    definitions = try DefinitionOrder.order(
      Dictionary(chosen.map { ($0.id, $0) }) { first, _ in first }
    )
  }

  func run() throws -> ExitStatus {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let source =
      bench.inputs.isEmpty && arguments.has("data")
      ? nil
      : try bench.source(arguments.command, temporaryDirectory: temporary.path)
    let folder = arguments.value("data") ?? temporary.path
    var report = BenchReport(Text(arguments.command.name))
    if arguments.has("through-cluster") {
      try runThroughCluster(source, folder + "/cluster", &report)
    } else {
      try runAlone(source, folder + "/alone", &report)
    }
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  private func runAlone(
    _ source: IntakeSource?,
    _ folder: String,
    _ report: inout BenchReport
  ) throws {
    let stop = StopRequest(terminal.termination)
    let line = ProgressLine(terminal, isWanted: arguments.has("progress"))
    let store = try BenchStore(
      folder: folder,
      source: source,
      shardCount: try arguments.integer("shards", in: 1...EvaluateBench.shardCountMax) ?? 1,
      rejectCountMax: bench.rejectCountMax
    ) { text in
      try stop.check()
      line.show(text)
    }
    line.clear()
    Allocator.trim()
    ProcessFamily.resetPeak()
    let measured = try measure(store, stop)
    let checkedCount = arguments.has("check") ? try check(store, stop) : nil
    describe(store.profileCount, store.eventCount, &report)
    report.line(
      "load:      \(RunTimes.text(store.loadSeconds))"
        + (store.isReused ? " before; opened in \(RunTimes.text(store.openSeconds))" : "")
    )
    report.line("compile:   \(measured.compile.text)")
    report.line("evaluate:  \(measured.evaluate.text)")
    report.line("together:  \(measured.total.text)")
    if let checkedCount {
      report.line("checked:   \(Human.counted(checkedCount, "member")) as the reference finds them")
      report.member("checkedMembers", checkedCount)
    }
    report.member("engine", Text(engine.rawValue))
    report.member("threads", threadCount)
    report.member("shards", store.snapshots.count)
    report.member("loadSeconds", store.loadSeconds)
    report.member("openSeconds", store.openSeconds)
    report.member("compileSeconds", measured.compile)
    report.member("evaluateSeconds", measured.evaluate)
    report.member("totalSeconds", measured.total)
    // The loaded data counts: it is given up once nothing names it any more.
    withExtendedLifetime(store) { report.memory() }
    report.member("counts", measured.counts)
  }

  private struct Measured {
    var compile = RunTimes()
    var evaluate = RunTimes()
    var counts: [(id: Text, count: Int)] = []

    /// Both parts of each run.
    var total: RunTimes { RunTimes(seconds: zip(compile.seconds, evaluate.seconds).map(+)) }
  }

  /// Compiles and evaluates, once to warm up and then as often as wanted.
  private func measure(_ store: BenchStore, _ stop: StopRequest) throws -> Measured {
    var measured = Measured()
    for run in 0...bench.repeatCount {
      try stop.check()
      let program = try measured.compile.measure {
        try SegmentProgram(definitions.map(ProgramDefinition.init), zones: SystemZones.source)
      }
      let shards = try measured.evaluate.measure {
        try store.snapshots.map { try members(program, $0, engine, stop) }
      }
      measured.counts = definitions.enumerated().map { index, definition in
        (definition.id.text, shards.reduce(0) { $0 + $1[index].count })
      }
      if run == 0 {
        measured.compile.removeAll()
        measured.evaluate.removeAll()
      }
    }
    return measured
  }

  /// Holds the members of each definition against those that the reference interpreter finds.
  ///
  /// - Returns: how many there are.
  private func check(_ store: BenchStore, _ stop: StopRequest) throws -> Int {
    let program = try SegmentProgram(
      definitions.map(ProgramDefinition.init),
      zones: SystemZones.source
    )
    var count = 0
    for (shard, snapshot) in store.snapshots.enumerated() {
      let found = try members(program, snapshot, engine, stop)
      let wanted = try members(program, snapshot, .reference, stop)
      for (index, definition) in definitions.enumerated() where found[index] != wanted[index] {
        let (missing, strange) = found[index].changes(to: wanted[index])
        throw CommandFailure(
          .software,
          "in shard \(shard) definition '\(definition.id)' lacks \(missing.count) members and has"
            + " \(strange.count) that it must not have; one of them is the profile of ordinal"
            + " \(missing.last ?? strange.last ?? 0)"
        )
      }
      count += found.reduce(0) { $0 + $1.count }
    }
    return count
  }

  /// The members of each definition in a shard, by ordinal.
  private func members(
    _ program: SegmentProgram,
    _ snapshot: ShardSnapshot,
    _ engine: Engine,
    _ stop: StopRequest
  ) throws -> [Bitmap] {
    try stop.check()
    let found =
      switch engine {
      case .fast: try program.members(snapshot, asOf: asOf, threadCount: threadCount)
      case .reference: try program.referenceMembers(snapshot, asOf: asOf)
      }
    for (definition, failure) in zip(program.definitions, found.failures) {
      guard let failure else { continue }
      throw CommandFailure(.data, "definition '\(definition.id)': \(failure)")
    }
    return found.members
  }

  private func runThroughCluster(
    _ source: IntakeSource?,
    _ folder: String,
    _ report: inout BenchReport
  ) throws {
    let stop = StopRequest(terminal.termination)
    let cluster = try BenchCluster(
      folder: folder,
      workerCount: try arguments.integer("workers", in: 1...BenchCluster.workerCountMax)
    )
    defer { cluster.stop() }
    let loadSeconds = try cluster.load(
      source,
      shardCount: try Command.shardCount(arguments),
      rejectCountMax: bench.rejectCountMax,
      ImportRun(terminal, stop: stop, isProgressWanted: arguments.has("progress"))
    )
    try cluster.define(definitions)
    Allocator.trim()
    ProcessFamily.resetPeak()
    let step = Int64(try arguments.integer("step", in: 0...EvaluateBench.stepSecondsMax) ?? 0)
    var evaluate = RunTimes()
    var job = Document(.object([]))
    for run in 0...bench.repeatCount {
      let back = Int64(bench.repeatCount - run) * step * 1_000
      job = try evaluate.measure {
        try cluster.evaluate(asOf: asOf.advanced(byMilliseconds: -back), stop)
      }
      if run == 0 { evaluate.removeAll() }
    }
    describe(job.number("profiles") ?? 0, job.number("events") ?? 0, &report)
    report.line("cluster:   \(Human.counted(cluster.workerCount, "worker")) and a coordinator")
    report.line("load:      \(RunTimes.text(loadSeconds))")
    report.line("evaluate:  \(evaluate.text), from submitted to committed")
    let parts = parts(of: job)
    report.line(
      "threads:   "
        + parts.map { "\($0.name) \(RunTimes.text($0.seconds))" }.joined(separator: ", ")
        + " in the last run"
    )
    report.member("workers", cluster.workerCount)
    report.member("loadSeconds", loadSeconds)
    report.member("evaluateSeconds", evaluate)
    for part in parts { report.member(Text("\(part.name)ThreadSeconds"), part.seconds) }
    report.memory()
    report.member(
      "counts",
      job.list("results").map { ($0.value["segment"]?.text ?? "", $0.number("members") ?? 0) }
    )
  }

  /// Time of the workers' threads by what they did for a job.
  private func parts(of job: Document) -> [(name: String, seconds: Double)] {
    func seconds(_ document: Document, _ name: Text) -> Double {
      Double(document.number(name) ?? 0) / 1e9
    }
    let own = job.list("results").reduce(0) { $0 + seconds($1, "ownNanoseconds") }
    var parts: [(name: String, seconds: Double)] = []
    for cost in job.list("sharedCosts") {
      let kind = cost.shown("kind")
      if let place = parts.firstIndex(where: { $0.name == kind }) {
        parts[place].seconds += seconds(cost, "nanoseconds")
      } else {
        parts.append((kind, seconds(cost, "nanoseconds")))
      }
    }
    return parts + [("profiles", own)]
  }

  private func describe(_ profileCount: Int, _ eventCount: Int, _ report: inout BenchReport) {
    report.line(
      "data:      \(Human.counted(profileCount, "profile")), \(Human.counted(eventCount, "event")), "
        + Human.counted(definitions.count, "definition")
    )
    report.member("profiles", profileCount)
    report.member("events", eventCount)
    report.member("definitions", definitions.count)
    report.member("asOf", Text("\(asOf.iso)"))
  }
}
