import Bytes
import Cluster
import Domain
import Intake
import Platform
import Propensity
import Runtime

/// The same training in this process and on a cluster: what it costs that rows lie elsewhere.
struct PropensityClusterBench {
  private let arguments: Arguments
  private let terminal: Terminal
  private let shape: PropensityBench.Shape

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    for name in ["write", "export"] where arguments.has(name) {
      throw UsageError("'--\(name)' belongs to the measurement without '--through-cluster'")
    }
    self.arguments = arguments
    self.terminal = terminal
    shape = try PropensityBench.Shape(arguments)
  }

  func run() throws -> ExitStatus {
    let stop = StopRequest(terminal.termination)
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let file = temporary.path + "/profiles.csv"
    let rows = shape.makeRows()
    try rows.writeCSV(to: file)
    let cluster = try BenchCluster(
      folder: temporary.path + "/cluster",
      workerCount: try arguments.integer("workers", in: 1...BenchCluster.workerCountMax)
    )
    defer { cluster.stop() }
    let input = IntakeSource.Input(file, .attributes)
    _ = try cluster.load(
      try IntakeSource([input], options: IntakeOptions(), temporaryDirectory: temporary.path),
      shardCount: try Command.shardCount(arguments),
      rejectCountMax: 0,
      ImportRun(terminal, stop: stop, isProgressWanted: false)
    )
    var report = BenchReport(Text(arguments.command.name))
    report.line("rows:      \(shape.text)")
    try compare(rows, cluster, stop, &report)
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  /// Trains here and on the cluster by turns, so that whatever else the machine does falls on both.
  private func compare(
    _ rows: SyntheticRows,
    _ cluster: BenchCluster,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws {
    let features = try LocalTraining.bins(
      names: rows.names,
      parts: rows.parts,
      settings: shape.settings
    )
    let name = try define(on: cluster)
    var (here, jobs, trees) = (RunTimes(), RunTimes(), RunTimes())
    for run in 0...shape.repeatCount {
      try stop.check()
      _ = try here.measure {
        try LocalTraining.train(features: features, parts: rows.parts, settings: shape.settings)
      }
      trees.add(try jobs.measure { try treeSeconds(of: name, on: cluster, stop) })
      if run == 0 {
        here.removeAll()
        jobs.removeAll()
        trees.removeAll()
      }
    }
    tell(of: here, trees, jobs, workerCount: cluster.workerCount, &report)
  }

  private func define(on cluster: BenchCluster) throws -> Name {
    var instance = PropensityInstance(
      name: "bench",
      kind: .conversion,
      goal: .predicate("goal = \"yes\"")
    )
    instance.training = shape.settings
    instance.eligible = "true"
    guard let name = Name(instance.name) else {
      throw CommandFailure(.software, "'\(instance.name)' is no name")
    }
    try cluster.define(instance)
    return name
  }

  /// Trains on the cluster; what its surveys and its features take does not count.
  private func treeSeconds(
    of name: Name,
    on cluster: BenchCluster,
    _ stop: StopRequest
  ) throws -> Double {
    let clock = ContinuousClock()
    var began = clock.now
    var isGrowing = false
    try cluster.train(name, stop) { job in
      if !isGrowing, job.text("phase") == "training" {
        began = clock.now
        isGrowing = true
      }
    }
    return began.duration(to: clock.now) / .seconds(1)
  }

  private func tell(
    of here: RunTimes,
    _ trees: RunTimes,
    _ jobs: RunTimes,
    workerCount: Int,
    _ report: inout BenchReport
  ) {
    let overhead = trees.medianRatio(to: here) - 1
    report.line("here:      \(here.text), trees on \(shape.threadCount) threads")
    report.line("cluster:   \(trees.text), trees on \(Human.counted(workerCount, "worker"))")
    report.line("job:       \(jobs.text), with its surveys and the features")
    report.line(
      "overhead:  \(Human.percentage(abs(overhead))) \(overhead < 0 ? "less" : "more") than here, "
        + "in the middle of the runs one after the other"
    )
    report.member("workers", workerCount)
    report.member("trainSeconds", here)
    report.member("clusterTrainSeconds", trees)
    report.member("clusterJobSeconds", jobs)
    report.member("overhead", overhead)
  }
}
