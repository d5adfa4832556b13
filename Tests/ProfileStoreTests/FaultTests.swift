import Bytes
import Domain
import Platform
import ProfileStore
import Simulation
import Testing

/// Every disk operation of a small scenario fails or crashes in turn.
struct FaultTests {
  /// A life of a shard: what is done step by step, and what each finished step promises.
  private final class Life {
    let disk: MemoryDisk
    var store: ShardStore?
    var finished: Set<Step> = []
    var begun: Set<Step> = []
    private let rows: [[ModelRow]]
    private let updates: [MembershipUpdate]

    enum Step: CaseIterable {
      case append, prepare, commit, snapshot, stage, commitMemberships
      case appendNext, prepareNext, snapshotAgain, stageNext
    }

    static let first = StoredImport(job: JobID(1), attempt: 1)
    static let next = StoredImport(job: JobID(2), attempt: 1)
    static let options = StoreOptions(blockProfileCount: 2, rowByteCountMax: 400)

    init(disk: MemoryDisk, rows: [[ModelRow]], updates: [MembershipUpdate]) {
      self.disk = disk
      self.rows = rows
      self.updates = updates
    }

    func open() throws -> ShardStore {
      let store = try ShardStore(disk: disk, directory: "/data/shard", options: Life.options)
      self.store = store
      return store
    }

    /// Does all steps from the first: those that were done change nothing.
    func run() throws {
      let store = try self.store ?? open()
      for step in Step.allCases {
        begun.insert(step)
        try perform(step, store)
        finished.insert(step)
      }
    }

    private func perform(_ step: Step, _ store: ShardStore) throws {
      switch step {
      case .append: try append(Life.first, rows[0], store)
      case .prepare: _ = try store.prepare(Life.first, batchCount: 3)
      case .commit: _ = try store.commit(Life.first)
      case .snapshot, .snapshotAgain: _ = try store.snapshot()
      case .stage: _ = try store.stage(PreparedMemberships(updates[0]))
      case .commitMemberships: try store.commitMemberships(JobID(5))
      case .appendNext: try append(Life.next, rows[1], store)
      case .prepareNext: _ = try store.prepare(Life.next, batchCount: 3)
      case .stageNext: _ = try store.stage(PreparedMemberships(updates[1]))
      }
    }

    private func append(_ attempt: StoredImport, _ rows: [ModelRow], _ store: ShardStore) throws {
      for sequence in 0..<3 {
        let batch = rows[4 * sequence..<4 * sequence + 4]
        try store.append(attempt, sequence: UInt32(sequence), rows: ModelRow.batch(Array(batch)))
      }
    }
  }

  private let rows: [[ModelRow]]
  private let updates: [MembershipUpdate]
  private let models: [ShardModel]

  init() throws {
    var generator = RowGenerator(seed: 2)
    rows = [generator.rows(12, keyCount: 6), generator.rows(12, keyCount: 9)]
    let name = try #require(Name("vip"))
    var first = ShardModel()
    first.add(rows[0])
    var second = first
    second.add(rows[1])
    models = [ShardModel(), first, second]
    var anew = MembershipUpdate(after: MembershipTable(), retained: [], job: JobID(5))
    anew.evaluate(
      name,
      members: Bitmap([0, 1]),
      asOf: Instant(milliseconds: 1),
      definitionVersion: 1
    )
    // The second one is written as changes of the first.
    var step = MembershipUpdate(after: anew.table, retained: [name], job: JobID(6))
    step.evaluate(
      name,
      members: Bitmap([0, 2]),
      asOf: Instant(milliseconds: 2),
      definitionVersion: 1
    )
    updates = [anew, step]
  }

  private func life(_ disk: MemoryDisk) -> Life { Life(disk: disk, rows: rows, updates: updates) }

  /// Checks that the shard keeps the promises of the finished steps, and shows nothing else.
  private func check(_ life: Life, _ store: ShardStore, _ what: String) throws {
    let isCommitted = store.contents != StoreContents()
    #expect(isCommitted || !life.finished.contains(.commit), "\(what)")
    #expect(life.begun.contains(.commit) || !isCommitted, "\(what)")
    let model = isCommitted ? models[1] : models[0]
    #expect(try difference(try store.snapshot(), model) == nil, "\(what)")
    if !isCommitted {
      #expect(
        store.prepared == [Life.first] || !life.finished.contains(.prepare),
        "\(what)"
      )
    }
    #expect(store.prepared == [Life.next] || !life.finished.contains(.prepareNext), "\(what)")
    let staged = store.stagedJobs
    let isFirstHere = staged.contains(JobID(5)) || store.membershipJob == JobID(5)
    #expect(isFirstHere || !life.finished.contains(.stage), "\(what)")
    let isShown = store.membershipJob == JobID(5)
    #expect(isShown || !life.finished.contains(.commitMemberships), "\(what)")
    #expect(life.begun.contains(.commitMemberships) || !isShown, "\(what)")
    #expect(try store.memberships() == (isShown ? updates[0].table : MembershipTable()), "\(what)")
    #expect(staged.contains(JobID(6)) || !life.finished.contains(.stageNext), "\(what)")
  }

  private func operationCount() throws -> Int {
    let disk = MemoryDisk()
    try life(disk).run()
    return disk.operationCount
  }

  @Test(arguments: [Tearing.tail, .anywhere])
  func `after a crash at any operation all promises hold, and the work can be finished`(
    tearing: Tearing
  ) throws {
    for operation in 0..<(try operationCount()) {
      let disk = MemoryDisk(seed: UInt64(operation), tearing: tearing)
      let life = life(disk)
      disk.fault = DiskFault(operation: operation, kind: .crash)
      #expect(throws: (any Error).self) { try life.run() }
      disk.restart()
      try check(life, try life.open(), "crash at \(operation)")
      try finish(life, "crash at \(operation)")
    }
  }

  @Test(arguments: [DiskFault.inputOutputError, DiskFault.noSpaceLeft])
  func `after a failure of any operation the shard goes on, or says that it has to be opened anew`(
    number: Int32
  ) throws {
    for operation in 0..<(try operationCount()) {
      let what = "failure \(number) at \(operation)"
      let disk = MemoryDisk(seed: UInt64(operation))
      let life = life(disk)
      disk.fault = DiskFault(operation: operation, kind: .failure(number: number))
      do {
        try life.run()
      } catch let error as StoreError {
        #expect(error.isRetryable, "\(what): \(error)")
        if number == DiskFault.noSpaceLeft { #expect(error.code == "DISK_FULL", "\(what)") }
        if error.isFatal || life.store == nil {
          // A failed sync leaves in the page cache what is not on the disk: only a crash tells.
          disk.crash()
          disk.restart()
          try check(life, try life.open(), what)
        }
      }
      try finish(life, what)
    }
  }

  /// Gives all commands again and commits the rest: the end is the same whatever happened.
  private func finish(_ life: Life, _ what: String) throws {
    try life.run()
    let store = try #require(life.store)
    try check(life, store, what)
    _ = try store.commit(Life.next)
    try store.commitMemberships(JobID(6))
    life.disk.crash()
    life.disk.restart()
    let reopened = try life.open()
    // A crash may undo the commit of changes: they are staged again.
    if reopened.membershipJob == JobID(5) { try reopened.commitMemberships(JobID(6)) }
    #expect(try difference(try reopened.snapshot(), models[2]) == nil, "\(what)")
    #expect(try reopened.memberships() == updates[1].table, "\(what)")
    #expect(reopened.prepared == [] && reopened.stagedJobs == [], "\(what)")
    let left = life.disk.paths.filter { $0.contains("partial") || $0.hasSuffix("spill") }
    #expect(left == [], "\(what)")
    #expect(life.disk.paths.filter { $0.contains("blocks-") }.count == 1, "\(what)")
  }
}
