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
    var local = RunTimes()
    do {
      let rows = shape.makeRows()
      try rows.writeCSV(to: file)
      local = try trainHere(rows, stop)
    }
    Allocator.trim()
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
    try train(on: cluster, local, stop, &report)
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  /// Times trees, from values to the last leaf.
  private func trainHere(_ rows: SyntheticRows, _ stop: StopRequest) throws -> RunTimes {
    var times = RunTimes()
    let features = try LocalTraining.bins(
      names: rows.names,
      parts: rows.parts,
      settings: shape.settings
    )
    for run in 0...shape.repeatCount {
      try stop.check()
      _ = try times.measure {
        try LocalTraining.train(features: features, parts: rows.parts, settings: shape.settings)
      }
      if run == 0 { times.removeAll() }
    }
    return times
  }

  private func train(
    on cluster: BenchCluster,
    _ local: RunTimes,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws {
    var instance = PropensityInstance(
      name: "bench",
      kind: .conversion,
      goal: .predicate("goal = \"yes\"")
    )
    instance.training = shape.settings
    instance.eligible = "true"
    try cluster.define(instance)
    guard let name = Name(instance.name) else { return }
    var (jobs, trees) = (RunTimes(), RunTimes())
    for run in 0...shape.repeatCount {
      let clock = ContinuousClock()
      var treesBegan: ContinuousClock.Instant?
      try jobs.measure {
        try cluster.train(name, stop) { job in
          if treesBegan == nil, job.text("phase") == "training" { treesBegan = clock.now }
        }
      }
      if let treesBegan {
        trees = RunTimes(
          seconds: trees.seconds + [treesBegan.duration(to: clock.now) / .seconds(1)]
        )
      }
      if run == 0 {
        jobs.removeAll()
        trees.removeAll()
      }
    }
    let overhead = trees.minimum / max(local.minimum, 1e-9) - 1
    report.line("here:      \(local.text), trees on \(shape.threadCount) threads")
    report.line(
      "cluster:   \(trees.text), trees on \(Human.counted(cluster.workerCount, "worker")), "
        + "\(Human.percentage(abs(overhead))) \(overhead < 0 ? "less" : "more")"
    )
    report.line("job:       \(jobs.text), with its surveys and the features")
    report.member("workers", cluster.workerCount)
    report.member("trainSeconds", local)
    report.member("clusterTrainSeconds", trees)
    report.member("clusterJobSeconds", jobs)
    report.member("overhead", overhead)
  }
}
