import Bytes
import Domain
import Intake
import Platform
import ProfileStore

/// Shards that this process holds itself, loaded as a worker would: log, columns and all.
///
/// ```
/// <folder>/shard-0 …      the shards
///          loaded.json    what was loaded from where; written last, so without it all is made anew
/// ```
struct BenchStore {
  private static let job = JobID(1)

  let snapshots: [ShardSnapshot]
  /// How long the load took, now or when it was done.
  let loadSeconds: Double
  /// How long it took to open what was there.
  let openSeconds: Double
  let isReused: Bool

  var profileCount: Int { snapshots.reduce(0) { $0 + Int($1.contents.profileCount) } }
  var eventCount: Int { snapshots.reduce(0) { $0 + Int($1.contents.eventCount) } }

  /// Opens what the folder holds, or loads the files into it.
  ///
  /// - Parameters:
  ///   - folder: where the shards are or come to be.
  ///   - source: the files; `nil` takes what is there.
  ///   - shardCount: shards to make.
  ///   - rejectCountMax: bad rows with which the load goes on.
  ///   - progress: called now and then; what it throws ends the load.
  /// - Throws: when the folder holds other files' data, or nothing and no files are given.
  init(
    folder: String,
    source: IntakeSource?,
    shardCount: Int,
    rejectCountMax: UInt64,
    progress: (String) throws -> Void
  ) throws {
    if let note = try BenchNote(folder: folder) {
      try note.check(source, folder: folder)
      var times = RunTimes()
      snapshots = try times.measure {
        try (0..<note.shardCount).map { try BenchStore.shard($0, in: folder).snapshot() }
      }
      loadSeconds = note.loadSeconds
      openSeconds = times.minimum
      isReused = true
      return
    }
    guard let source else { throw BenchNote.noData(in: folder) }
    var times = RunTimes()
    snapshots = try times.measure {
      try BenchStore.load(source, folder, shardCount, rejectCountMax, progress)
    }
    loadSeconds = times.minimum
    openSeconds = 0
    isReused = false
    let note = BenchNote(
      files: BenchNote.files(of: source),
      shardCount: shardCount,
      loadSeconds: loadSeconds
    )
    try note.write(to: folder)
  }

  private static func shard(_ index: Int, in folder: String) throws -> ShardStore {
    try ShardStore(disk: LinuxDisk(), directory: "\(folder)/shard-\(index)")
  }

  private static func load(
    _ source: IntakeSource,
    _ folder: String,
    _ shardCount: Int,
    _ rejectCountMax: UInt64,
    _ progress: (String) throws -> Void
  ) throws -> [ShardSnapshot] {
    for index in 0..<shardCount { try LinuxDisk().remove("\(folder)/shard-\(index)") }
    let shards = try (0..<shardCount).map { try shard($0, in: folder) }
    try withoutActuallyEscaping(progress) { progress in
      var preview = try Preview(source) { read in
        try progress("reading \(Human.size(bytes: read.byteCount))")
      }
      var attempt = StoredImport(job: job, attempt: 1)
      var batchCounts = [UInt32](repeating: 0, count: shardCount)
      // Sent with types that prove wrong, all is sent again with the right ones.
      while true {
        let outcome = try Loader.run(source, &preview, shardCount: shardCount) { read in
          try progress("storing \(Human.size(bytes: read.byteCount))")
        } emit: { shard, rows, _ in
          let index = Int(shard.number)
          try shards[index].append(attempt, sequence: batchCounts[index], rows: rows)
          batchCounts[index] += 1
        }
        if case .loaded(let report) = outcome {
          try check(report.rejects, limit: rejectCountMax)
          break
        }
        attempt.attempt += 1
        batchCounts = [UInt32](repeating: 0, count: shardCount)
      }
      for (index, shard) in shards.enumerated() {
        try progress("making columns of shard \(index + 1) of \(shardCount)")
        _ = try shard.prepare(attempt, batchCount: batchCounts[index])
        _ = try shard.commit(attempt)
        _ = try shard.snapshot()
      }
    }
    return try shards.map { try $0.snapshot() }
  }

  private static func check(_ rejects: RejectReport, limit: UInt64) throws(CommandFailure) {
    guard rejects.count > limit else { return }
    throw CommandFailure(
      .data,
      "\(Human.counted(Int(clamping: rejects.count), "row")) cannot be imported",
      details: ImportView.rejects(rejects)
    )
  }
}
