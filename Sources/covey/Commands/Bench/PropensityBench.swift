import Bytes
import Dispatch
import Platform
import Propensity

/// Training, scoring and explaining on rows that are made up, all in this process.
struct PropensityBench {
  static let options: [Option] =
    [
      .value("rows", "N", "Rows to train on; 1000000 unless given."),
      .value("features", "N", "Features of a row; 40 unless given."),
      .value("trees", "N", "Trees; 100 unless given."),
      .value("leaves", "N", "Leaves of a tree at most; 31 unless given."),
      .value("depth", "N", "Splits from the root to a leaf at most; 6 unless given."),
      .value("threads", "N", "Threads; one a processor unless given."),
      .value("seed", "N", "Seed of the rows; 1 unless given."),
      .value("write", "FILE", "Keep the rows there, for other programs.", suggestion: .files),
      .value(
        "export",
        "FILE",
        "Keep the model there as text of LightGBM's.",
        suggestion: .files
      ),
      .flag("through-cluster", "Have a cluster train instead, and compare."),
      .value("workers", "N", "Worker processes of the cluster; 2 unless given."),
      .value(
        "shards",
        "N",
        "Shards of the cluster's set; 32 unless given, or more for many threads."
      ),
    ] + BenchArguments.runOptions(standardCount: 3)

  /// Rows that are explained in a run.
  private static let explainedRowCount = 100_000
  /// Rows whose margins and contributions are kept beside an exported model.
  private static let checkedRowCount = 1_000
  /// Rows that are scored and explained one by one in a run.
  private static let singleRowCount = 2_000

  /// How much is trained, and how.
  struct Shape {
    let settings: TrainingSettings
    let rowCount: Int
    let featureCount: Int
    let threadCount: Int
    let repeatCount: Int
    let seed: UInt64

    init(_ arguments: Arguments) throws {
      rowCount = try arguments.integer("rows", in: 1_000...100_000_000) ?? 1_000_000
      featureCount =
        try arguments.integer("features", in: SyntheticRows.featureCountMin...10_000) ?? 40
      threadCount =
        try arguments.integer("threads", in: 1...1_024) ?? MachineStatus.current().processorCount
      repeatCount = try arguments.integer("repeat", in: 1...BenchArguments.repeatCountMax) ?? 3
      seed = UInt64(try arguments.integer("seed", in: 0...Int.max) ?? 1)
      var settings = TrainingSettings()
      settings.treeCountMax = try arguments.integer("trees", in: 1...10_000) ?? 100
      settings.leafCountMax = try arguments.integer("leaves", in: 2...256) ?? 31
      settings.depthMax = try arguments.integer("depth", in: 1...32) ?? 6
      settings.learningRate = 0.1
      settings.featureShare = 1
      settings.holdOutShare = 0
      settings.patience = 0
      self.settings = settings
    }

    func makeRows() -> SyntheticRows {
      SyntheticRows(
        rowCount: rowCount,
        featureCount: featureCount,
        partCount: threadCount,
        seed: seed
      )
    }

    var text: String { "\(Human.count(rowCount)) of \(featureCount) features" }
  }

  private let arguments: Arguments
  private let terminal: Terminal
  private let shape: Shape

  private var settings: TrainingSettings { shape.settings }
  private var threadCount: Int { shape.threadCount }
  private var repeatCount: Int { shape.repeatCount }

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.arguments = arguments
    self.terminal = terminal
    shape = try Shape(arguments)
  }

  func run() throws -> ExitStatus {
    let stop = StopRequest(terminal.termination)
    let rows = shape.makeRows()
    if let path = arguments.value("write") { try rows.write(to: path) }
    var report = BenchReport(Text(arguments.command.name))
    report.line("rows:      \(shape.text)")
    let model = try train(rows, stop, &report)
    if let path = arguments.value("export") { try export(model, rows, to: path) }
    try score(model, rows, stop, &report)
    try explain(model, rows, stop, &report)
    try scoreAndExplain(model, rows, stop, &report)
    report.memory(ProcessFamily.peakByteCount())
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  private func train(
    _ rows: SyntheticRows,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws -> PropensityModel {
    var (binTimes, trainTimes) = (RunTimes(), RunTimes())
    func once() throws -> PropensityModel {
      try stop.check()
      let features = try binTimes.measure {
        try LocalTraining.bins(names: rows.names, parts: rows.parts, settings: settings)
      }
      let forest = try trainTimes.measure {
        try LocalTraining.train(features: features, parts: rows.parts, settings: settings)
      }
      return PropensityModel(forest: forest, features: features, window: nil, settings: settings)
    }
    var made = try once()
    for _ in 1..<repeatCount { made = try once() }
    report.line("bins:      \(binTimes.text)")
    report.line("training:  \(trainTimes.text), \(Human.counted(made.trees.count, "tree"))")
    report.member("binSeconds", binTimes)
    report.member("trainSeconds", trainTimes)
    report.member("trees", made.trees.count)
    return made
  }

  /// Writes a model, and to a file beside it a margin and the contributions of each of the first rows.
  private func export(
    _ model: PropensityModel,
    _ rows: SyntheticRows,
    to path: String
  ) throws {
    try LinuxDisk().replace(path, with: Array(model.lightGBMText.utf8))
    guard let part = rows.parts.first else { return }
    let count = min(PropensityBench.checkedRowCount, part.labels.count)
    let explained = try Explainer(model).explain(part.columns.map { $0.rows(0..<count) })
    let values = (0..<count).flatMap { [explained.margins[$0]] + explained.row($0) }
    try LinuxDisk().replace(path + ".margins", with: SyntheticRows.bytes(values))
  }

  private func score(
    _ model: PropensityModel,
    _ rows: SyntheticRows,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws {
    let scorer = Scorer(model)
    try time("scoring", "scoreRowsPerSecond", rows.parts.map(\.columns), stop, &report) {
      _ = try? scorer.margins($0)
    }
  }

  private func explain(
    _ model: PropensityModel,
    _ rows: SyntheticRows,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws {
    let explainer = Explainer(model)
    let some = rows.parts.map { part in
      let count = min(PropensityBench.explainedRowCount / threadCount, part.labels.count)
      return part.columns.map { $0.rows(0..<count) }
    }
    try time("reasons", "explainRowsPerSecond", some, stop, &report) {
      _ = try? explainer.explain($0)
    }
  }

  /// Rows a second of something done to parts, each by a thread of its own.
  private func time(
    _ label: String,
    _ name: Text,
    _ parts: [[FeatureColumn]],
    _ stop: StopRequest,
    _ report: inout BenchReport,
    _ body: @Sendable ([FeatureColumn]) -> Void
  ) throws {
    var times = RunTimes()
    for run in 0...repeatCount {
      try stop.check()
      times.measure {
        DispatchQueue.concurrentPerform(iterations: parts.count) { body(parts[$0]) }
      }
      if run == 0 { times.removeAll() }
    }
    let count = parts.reduce(0) { $0 + ($1.first?.rowCount ?? 0) }
    let speed = Int(Double(count) / max(times.minimum, 1e-9))
    let blank = String(repeating: " ", count: max(1, 10 - label.utf8.count))
    report.line("\(label):\(blank)\(Human.count(speed)) rows/s")
    report.member(name, speed)
  }

  /// The time of one row that comes alone.
  private func scoreAndExplain(
    _ model: PropensityModel,
    _ rows: SyntheticRows,
    _ stop: StopRequest,
    _ report: inout BenchReport
  ) throws {
    let explainer = Explainer(model)
    let columns = rows.parts.first?.columns ?? []
    let count = min(PropensityBench.singleRowCount, columns.first?.rowCount ?? 0)
    let singles = (0..<count).map { row in columns.map { $0.rows(row..<row + 1) } }
    var times = RunTimes()
    for run in 0...repeatCount {
      try stop.check()
      try times.measure {
        for single in singles { _ = try explainer.explain(single) }
      }
      if run == 0 { times.removeAll() }
    }
    let seconds = times.minimum / Double(max(1, count))
    report.line("one row:   \(RunTimes.text(seconds)), scored and explained")
    report.member("oneRowMicroseconds", seconds * 1e6)
  }
}
