import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct MembershipTests {
  private let path = "/shard/memberships"

  /// A shard of 200 profiles.
  private func shard(_ disk: MemoryDisk) throws -> ShardStore {
    let store = try ShardStore(disk: disk, directory: "/shard")
    if store.contents.profileCount == 0 {
      let rows = (0..<200).map {
        ModelRow(kind: .attributes, key: ProfileKey(Text("p\($0)")), pieces: [])
      }
      try store.add(rows, job: 1, batchRowCount: 200)
    }
    return store
  }

  private func name(_ text: String) throws -> Name { try #require(Name(text)) }

  private func instant(_ number: Int) -> Instant { Instant(milliseconds: Int64(number) * 1_000) }

  /// Two audiences after some runs.
  private func table(job: UInt64, seed: UInt64, runCount: Int) throws -> MembershipTable {
    var random = SeededRandom(seed: seed)
    var table = MembershipTable(job: JobID(job))
    for id in ["lapsed", "vip"] {
      var memberships: AudienceMemberships?
      for run in 0..<runCount {
        memberships = AudienceMemberships(
          after: memberships,
          members: Bitmap((0..<200).filter { _ in random.oneIn(3) }),
          asOf: instant(run),
          definitionVersion: 4
        )
      }
      table.audiences[try name(id)] = memberships
    }
    return table
  }

  @Test func `statuses and instants follow the table of transitions`() {
    var random = SeededRandom(seed: 21)
    var memberships: AudienceMemberships?
    var expected: [Int: (status: MembershipStatus, since: Instant)] = [:]
    for run in 0..<30 {
      let members = Set((0..<90).filter { _ in random.oneIn(1 + run % 4) })
      var realized: Set<Int> = []
      var exited: Set<Int> = []
      for ordinal in 0..<90 {
        switch (expected[ordinal]?.status == .realized, members.contains(ordinal)) {
        case (false, true):
          expected[ordinal] = (.realized, instant(run))
          realized.insert(ordinal)
        case (true, false):
          expected[ordinal] = (.exited, instant(run))
          exited.insert(ordinal)
        case (true, true), (false, false): break
        }
      }
      let next = AudienceMemberships(
        after: memberships,
        members: Bitmap(members.sorted()),
        asOf: instant(run),
        definitionVersion: UInt64(run)
      )
      #expect(Set(next.newlyRealized) == realized)
      #expect(Set(next.newlyExited) == exited)
      #expect(next.asOf == instant(run))
      #expect(next.definitionVersion == UInt64(run))
      for ordinal in 0..<95 {
        #expect(next.status(of: ordinal) == expected[ordinal]?.status)
        #expect(next.lastQualification(of: ordinal) == expected[ordinal]?.since)
      }
      memberships = next
    }
  }

  @Test(arguments: [0, 1, 2, 40, 300]) func `a table comes back as it was`(runCount: Int) throws {
    let disk = MemoryDisk()
    let table = try table(job: 7, seed: UInt64(runCount), runCount: runCount)
    let store = try shard(disk)
    #expect(try store.memberships() == MembershipTable())
    #expect(store.membershipJob == nil)

    #expect(try store.stage(PreparedMemberships(MembershipUpdate(table))) == table.digest)
    #expect(try store.stage(PreparedMemberships(MembershipUpdate(table))) == table.digest)
    #expect(try shard(disk).stagedJobs == [JobID(7)])
    #expect(try shard(disk).memberships() == MembershipTable())

    try shard(disk).commitMemberships(JobID(7))
    let reopened = try shard(disk)
    try reopened.commitMemberships(JobID(7))
    #expect(reopened.membershipJob == JobID(7))
    #expect(reopened.stagedJobs == [])
    #expect(try reopened.memberships() == table)
    #expect(try reopened.stage(PreparedMemberships(MembershipUpdate(table))) == table.digest)
    #expect(reopened.stagedJobs == [])
  }

  @Test func `many runs come back from what each changed, whenever the shard is opened`() throws {
    var random = SeededRandom(seed: 31)
    let disk = MemoryDisk()
    var store = try shard(disk)
    let ids = try ["a", "b", "c"].map(name)
    var members = ids.map { _ in Set((0..<200).filter { _ in random.oneIn(2) }) }
    var names: Set<[String]> = []
    for run in 1...60 {
      let retained = run % 9 == 0 ? Array(ids.dropFirst()) : ids
      let job = JobID(UInt64(run))
      var update = MembershipUpdate(after: try store.memberships(), retained: retained, job: job)
      for (index, id) in ids.enumerated() where !random.oneIn(4) {
        for _ in 0..<random.below(3) { members[index].formSymmetricDifference([random.below(200)]) }
        update.evaluate(
          id,
          members: Bitmap(members[index].sorted()),
          asOf: instant(run),
          definitionVersion: UInt64(run / 20)
        )
      }
      _ = try store.stage(PreparedMemberships(update))
      if random.oneIn(3) { store = try shard(disk) }
      // What a crash between a whole table and the removal of older changes leaves.
      let changes = try disk.list("/shard").filter { $0.hasPrefix("memberships+") }
      let kept = try changes.map { try disk.read("/shard/" + $0) }
      try store.commitMemberships(job)
      if try !disk.list("/shard").contains(where: { $0.hasPrefix("memberships+") }) {
        for (name, bytes) in zip(changes, kept) { try disk.replace("/shard/" + name, with: bytes) }
      }
      if random.oneIn(6) { try store.fold() }
      if random.oneIn(3) { store = try shard(disk) }
      names.insert(try disk.list("/shard").filter { $0.hasPrefix("memberships") })
      #expect(try store.memberships() == update.table, "run \(run)")
      #expect(try shard(disk).memberships() == update.table, "run \(run)")
    }
    #expect(names.contains(["memberships"]))
    #expect(names.contains(["memberships", "memberships+1", "memberships+2"]))
  }

  @Test func `a crash while changes are put together leaves what was committed, or staged again`()
    throws
  {
    for operation in 0..<40 {
      let disk = MemoryDisk(seed: UInt64(operation))
      let store = try shard(disk)
      let vip = try name("vip")
      var tables: [MembershipTable] = []
      for run in 1...7 {
        let job = JobID(UInt64(run))
        var update = MembershipUpdate(after: try store.memberships(), retained: [vip], job: job)
        update.evaluate(
          vip,
          members: Bitmap([run, 2 * run, 100]),
          asOf: instant(run),
          definitionVersion: 1
        )
        _ = try store.stage(PreparedMemberships(update))
        try store.commitMemberships(job)
        tables.append(update.table)
      }
      #expect(store.isWorthFolding)

      disk.fault = DiskFault(operation: disk.operationCount + operation, kind: .crash)
      let isFolded: Void? = try? store.fold()
      disk.fault = nil
      disk.crash()
      disk.restart()

      let reopened = try shard(disk)
      if isFolded == nil, reopened.membershipJob == JobID(6) {
        try reopened.commitMemberships(JobID(7))
      }
      #expect(try reopened.memberships() == tables.last, "crash at \(operation)")
      #expect(reopened.stagedJobs == [], "crash at \(operation)")
    }
  }

  @Test func `each flipped byte of changes is found and named`() throws {
    let disk = MemoryDisk()
    let store = try shard(disk)
    _ = try store.stage(
      PreparedMemberships(MembershipUpdate(try table(job: 5, seed: 1, runCount: 3)))
    )
    try store.commitMemberships(JobID(5))
    let vip = try name("vip")
    var update = MembershipUpdate(after: try store.memberships(), retained: [vip], job: JobID(6))
    update.evaluate(vip, members: Bitmap([3, 77]), asOf: instant(9), definitionVersion: 5)
    _ = try store.stage(PreparedMemberships(update))
    try store.commitMemberships(JobID(6))
    let bytes = try disk.read(path + "+1")
    for offset in bytes.indices {
      for damaged in [
        bytes[..<offset] + [bytes[offset] ^ 4] + bytes[(offset + 1)...], bytes[..<offset],
      ] {
        try disk.replace(path + "+1", with: Array(damaged))
        do {
          _ = try shard(disk)
          Issue.record("opened with a changed byte \(offset)")
        } catch let error as StoreError {
          #expect(error.description.contains(path + "+1"))
        }
      }
    }
    try disk.replace(path + "+1", with: bytes)
    #expect(try shard(disk).memberships() == update.table)
  }

  @Test func `the digest is that of the answers, not of the job`() throws {
    let one = try table(job: 1, seed: 3, runCount: 4)
    var other = one
    other.job = JobID(2)
    #expect(one.digest == other.digest)
    #expect(try table(job: 1, seed: 4, runCount: 4).digest != one.digest)
  }

  @Test func `discarded memberships are gone, committed ones stay`() throws {
    let disk = MemoryDisk()
    let store = try shard(disk)
    _ = try store.stage(
      PreparedMemberships(MembershipUpdate(try table(job: 5, seed: 1, runCount: 2)))
    )
    try store.commitMemberships(JobID(5))
    _ = try store.stage(
      PreparedMemberships(MembershipUpdate(try table(job: 6, seed: 2, runCount: 2)))
    )
    try store.discard(JobID(6))
    try store.discard(JobID(6))
    try store.discard(JobID(5))
    for store in [store, try shard(disk)] {
      #expect(store.stagedJobs == [])
      #expect(store.membershipJob == JobID(5))
      #expect(throws: StoreError.notStaged(JobID(6))) { try store.commitMemberships(JobID(6)) }
    }
  }

  @Test func `ordinals that the shard does not have are refused`() throws {
    let store = try shard(MemoryDisk())
    let memberships = AudienceMemberships(
      after: nil,
      members: Bitmap([200]),
      asOf: instant(0),
      definitionVersion: 1
    )
    let table = MembershipTable(job: JobID(2), audiences: [try name("vip"): memberships])
    #expect(throws: StoreError.self) {
      try store.stage(PreparedMemberships(MembershipUpdate(table)))
    }
  }

  @Test func `each flipped byte and each truncation of memberships is found and named`() throws {
    let disk = MemoryDisk()
    let store = try shard(disk)
    _ = try store.stage(
      PreparedMemberships(MembershipUpdate(try table(job: 5, seed: 1, runCount: 3)))
    )
    try store.commitMemberships(JobID(5))
    let bytes = try disk.read(path)
    func check(_ damaged: [UInt8], _ what: String) throws {
      try disk.replace(path, with: damaged)
      do {
        _ = try shard(disk)
        Issue.record("opened with \(what)")
      } catch let error as StoreError {
        #expect(error.description.contains(path), "\(what)")
        #expect(["CHECKSUM_MISMATCH", "UNKNOWN_VERSION"].contains(error.code), "\(what)")
      }
    }
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset % 8)
      try check(damaged, "byte \(offset) flipped")
      try check(Array(bytes[..<offset]), "\(offset) bytes")
    }
    try check(bytes + [0], "a byte more")
    try disk.replace(path, with: bytes)
    #expect(try shard(disk).membershipJob == JobID(5))
  }

  @Test func `damaged staged memberships are dropped, so that their job evaluates again`() throws {
    let disk = MemoryDisk()
    _ = try shard(disk).stage(
      PreparedMemberships(MembershipUpdate(try table(job: 5, seed: 1, runCount: 3)))
    )
    let staged = path + "-5"
    let bytes = try disk.read(staged)
    for offset in stride(from: 0, to: bytes.count, by: 7) {
      try disk.replace(staged, with: bytes)
      disk.flip(staged, at: offset, mask: 0x10)
      #expect(try shard(disk).stagedJobs == [], "offset \(offset)")
      #expect(!disk.exists(staged))
    }
  }
}
