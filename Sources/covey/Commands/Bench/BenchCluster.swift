import Bytes
import Cluster
import Domain
import Intake
import Platform
import Propensity
import Runtime
import Segmentation

/// A cluster on this machine to measure with, and one set in it.
final class BenchCluster {
  static let workerCountMax = 64
  private static let setName = "bench"
  private static let standardWorkerCount = 2

  private let cluster: LocalCluster
  private let folder: String
  private let set: Name

  var workerCount: Int { cluster.workerCount }

  /// Starts the processes over what the folder holds.
  init(folder: String, workerCount: Int?) throws {
    guard let set = Name(BenchCluster.setName) else { preconditionFailure("the set has no name") }
    self.set = set
    self.folder = folder
    var options = LocalCluster.Options(dataDirectory: folder)
    options.workerCount = workerCount ?? BenchCluster.standardWorkerCount
    cluster = try LocalCluster(options)
  }

  func stop() { cluster.stop() }

  /// Imports the files, unless the folder holds them already.
  ///
  /// - Parameters:
  ///   - source: the files; `nil` takes what is there.
  ///   - shardCount: how many shards to make.
  ///   - rejectCountMax: bad rows with which the import goes on.
  ///   - run: does it.
  /// - Returns: how many seconds it took, now or when it was done.
  /// - Throws: what ended it, or that the folder holds other data or none.
  func load(
    _ source: IntakeSource?,
    shardCount: ShardCount,
    rejectCountMax: UInt64,
    _ run: ImportRun
  ) throws -> Double {
    if let note = try BenchNote(folder: folder) {
      try note.check(source, folder: folder)
      return note.loadSeconds
    }
    guard let source else { throw BenchNote.noData(in: folder) }
    var times = RunTimes()
    _ = try times.measure {
      try load(source, shardCount: shardCount, rejectCountMax: rejectCountMax, run)
    }
    let note = BenchNote(
      files: BenchNote.files(of: source),
      shardCount: try self.shardCount(),
      loadSeconds: times.minimum
    )
    try note.write(to: folder)
    return note.loadSeconds
  }

  /// Imports the files durably.
  func load(
    _ source: IntakeSource,
    shardCount: ShardCount,
    rejectCountMax: UInt64,
    _ run: ImportRun
  ) throws -> ImportJob.Outcome {
    var options = ImportJob.Options(set: set)
    options.rejectCountMax = rejectCountMax
    options.shardCountIfNew = shardCount
    return try run.run(source, options, connect: cluster.connect)
  }

  /// How many shards the set has.
  private func shardCount() throws -> Int {
    guard let count = Document(try cluster.connect().document(.set(set))).number("shards") else {
      throw CommandFailure(.data, "the cluster does not say how many shards its set has")
    }
    return count
  }

  /// Puts these definitions in place of all that are there.
  func define(_ definitions: [SegmentDefinition]) throws {
    let documents = definitions.map { definition -> Value in
      guard case .object(var object) = definition.document else { return definition.document }
      object["set"] = nil
      return .object(object)
    }
    _ = try cluster.connect().document(
      .applySegments(documents, set: nil, isDryRun: false, removesOthers: true)
    )
  }

  /// Evaluates all definitions and keeps the audiences.
  ///
  /// - Returns: the job's document.
  func evaluate(asOf: Instant, _ stop: StopRequest) throws -> Document {
    let request = EvaluationRequest(
      set: set,
      segments: nil,
      asOf: asOf,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: nil
    )
    let job = try EvaluationJob(connect: cluster.connect).run(request) { _ in try stop.check() }
    try JobWatch.check(Document(job))
    return Document(job)
  }

  /// Makes an instance, which replaces the one of its name.
  func define(_ instance: PropensityInstance) throws {
    _ = try cluster.connect().document(.applyInstances([instance.json()], isDryRun: false))
  }

  /// Trains an instance.
  ///
  /// - Parameters:
  ///   - instance: its name.
  ///   - stop: ends it before its time.
  ///   - progress: is given the job's document whenever it has changed.
  /// - Throws: what ended it.
  func train(_ instance: Name, _ stop: StopRequest, _ progress: (Document) -> Void) throws {
    let request = TrainingRequest(
      instance: instance,
      set: set,
      asOf: nil,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: nil
    )
    let job = try EvaluationJob(connect: cluster.connect).run(request) { document in
      try stop.check()
      progress(Document(document))
    }
    try JobWatch.check(Document(job))
  }
}
