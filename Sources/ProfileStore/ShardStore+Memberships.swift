import Bytes
package import Domain
import Platform

/// Memberships: those of the last committed evaluation, and of each staged one.
///
/// ```
/// memberships          a whole table
/// memberships+1, +2 …  what each later evaluation changed, committed one after the other
/// memberships-<job>    staged: a whole table, or changes of what is committed
/// ```
///
/// `fold` puts a whole table in the place of all, when there is time for it.
extension ShardStore {
  private var membershipsPath: String { directory + "/memberships" }

  private func stagedPath(_ job: JobID) -> String { "\(membershipsPath)-\(job.number)" }

  private func changesPath(_ number: Int) -> String { "\(membershipsPath)+\(number)" }

  /// Files of changes that may follow a whole table; reading them takes the longer the more there are.
  private static let changesCountMax = 64
  /// Files of changes that are worth a whole table in their place when nothing else is to be done.
  private static let foldCountMin = 4
  /// Bytes of changes that are not worth a whole table in their place.
  private static let changesByteCountMin = 4_096

  /// The evaluation whose memberships the shard has.
  package var membershipJob: JobID? { committed.table.job == JobID(0) ? nil : committed.table.job }

  /// Evaluations whose memberships are staged, ascending.
  package var stagedJobs: [JobID] { staged.keys.sorted() }

  /// The committed memberships; an empty table when there are none.
  package func memberships() throws(StoreError) -> MembershipTable { committed.table }

  /// Keeps the memberships of an evaluation until they are committed or discarded, durably.
  ///
  /// What changed is written when the update goes on from what is committed and that is shorter.
  ///
  /// - Returns: the table's digest.
  package func stage(_ memberships: PreparedMemberships) throws(StoreError) -> UInt32 {
    let table = memberships.table
    if membershipJob == table.job { return memberships.digest }
    let last = memberships.lastNewOrdinal
    guard last < Int(contents.profileCount) else {
      throw .tooLarge(
        what: "an audience's ordinals",
        count: last,
        limit: Int(contents.profileCount)
      )
    }
    var file = StagedMemberships(table: table, base: nil, byteCount: 0)
    var bytes: [UInt8] = []
    if let changes = memberships.changes, memberships.base == membershipJob,
      committed.changesCount < ShardStore.changesCountMax
    {
      let limit = max(committed.wholeByteCount, ShardStore.changesByteCountMin)
      if committed.changesByteCount + changes.count <= limit {
        bytes = changes
        file.base = memberships.base
      }
    }
    if file.base == nil { bytes = table.fileBytes }
    file.byteCount = bytes.count
    try disking { () throws(DiskError) in try disk.replace(stagedPath(table.job), with: bytes) }
    staged[table.job] = file
    return memberships.digest
  }

  /// Makes a job's staged memberships the shard's.
  ///
  /// After a crash changes may be staged again: whoever decided to commit them says so again.
  package func commitMemberships(_ job: JobID) throws(StoreError) {
    if membershipJob == job { return }
    guard let file = staged[job] else { throw .notStaged(job) }
    if let base = file.base, base != membershipJob {
      throw .damaged(
        file: stagedPath(job),
        part: .header,
        reason: "it has the changes of \(base), and \(committed.table.job) was committed since"
      )
    }
    let path = file.base == nil ? membershipsPath : changesPath(committed.changesCount + 1)
    do throws(DiskError) {
      if file.base == nil {
        try disk.rename(stagedPath(job), to: path)
      } else {
        try disk.move(stagedPath(job), to: path)
      }
    } catch {
      throw .uncertain(error)
    }
    staged[job] = nil
    if file.base == nil {
      removeChanges()
      committed = CommittedMemberships(table: file.table, wholeByteCount: file.byteCount)
    } else {
      committed.table = file.table
      committed.changesCount += 1
      committed.changesByteCount += file.byteCount
    }
  }

  /// Whether changes have piled up that `fold` would put together.
  package var isWorthFolding: Bool { committed.changesCount >= ShardStore.foldCountMin }

  /// Puts a whole table in the place of one and its changes, so that the shard opens sooner.
  package func fold() throws(StoreError) {
    guard isWorthFolding else { return }
    let bytes = committed.table.fileBytes
    try disking { () throws(DiskError) in try disk.replace(membershipsPath, with: bytes) }
    removeChanges()
    committed.wholeByteCount = bytes.count
  }

  /// Removes the files of changes; those that stay behind fit no whole table any more.
  private func removeChanges() {
    for number in 0..<committed.changesCount { try? disk.remove(changesPath(number + 1)) }
    committed.changesCount = 0
    committed.changesByteCount = 0
  }

  /// Forgets a job's staged memberships; committed ones stay.
  package func discard(_ job: JobID) throws(StoreError) {
    guard staged[job] != nil else { return }
    try disking { () throws(DiskError) in try disk.remove(stagedPath(job)) }
    staged[job] = nil
  }

  /// Finds the memberships that are on disk, and removes files that a crash left half-written.
  ///
  /// Staged memberships that are damaged are removed: their job evaluates the shard again.
  func recoverFiles() throws(StoreError) {
    let names = try disking { () throws(DiskError) in try disk.list(directory) }
    if names.contains("memberships") { try recoverCommitted() }
    for name in names {
      let path = directory + "/" + name
      if name.hasPrefix("memberships-"), let number = UInt64(name.dropFirst(12)) {
        staged[JobID(number)] = try readStaged(JobID(number))
        if staged[JobID(number)] == nil { try drop(path) }
      } else if name.hasPrefix("memberships+"), let number = Int(name.dropFirst(12)) {
        // Changes of a whole table that another one has replaced.
        if number < 1 || number > committed.changesCount { try drop(path) }
      } else if isLeftOver(name) {
        try drop(path)
      }
    }
  }

  private func recoverCommitted() throws(StoreError) {
    let bytes = try read(membershipsPath)
    committed = CommittedMemberships(
      table: try whole(bytes, membershipsPath),
      wholeByteCount: bytes.count
    )
    while disk.exists(changesPath(committed.changesCount + 1)) {
      let path = changesPath(committed.changesCount + 1)
      let bytes = try read(path)
      guard try MembershipDelta.header(bytes, file: path).base == committed.table.job else { break }
      committed.table = try changed(bytes, path)
      committed.changesCount += 1
      committed.changesByteCount += bytes.count
    }
  }

  /// A job's staged memberships; `nil` when they are damaged or do not fit what is committed.
  private func readStaged(_ job: JobID) throws(StoreError) -> StagedMemberships? {
    let path = stagedPath(job)
    do throws(StoreError) {
      let bytes = try read(path)
      let isDelta = MembershipDelta.isDelta(bytes)
      let table = isDelta ? try changed(bytes, path) : try whole(bytes, path)
      guard table.job == job else { return nil }
      let base = isDelta ? committed.table.job : nil
      return StagedMemberships(table: table, base: base, byteCount: bytes.count)
    } catch {
      if case .damaged = error { return nil }
      throw error
    }
  }

  private func whole(_ bytes: [UInt8], _ path: String) throws(StoreError) -> MembershipTable {
    try MembershipTable(fileBytes: bytes, file: path, profileCount: Int(contents.profileCount))
  }

  private func changed(_ bytes: [UInt8], _ path: String) throws(StoreError) -> MembershipTable {
    try MembershipDelta.table(
      bytes,
      after: committed.table,
      file: path,
      profileCount: Int(contents.profileCount)
    )
  }

  private func read(_ path: String) throws(StoreError) -> [UInt8] {
    try disking { () throws(DiskError) in try disk.read(path) }
  }

  private func drop(_ path: String) throws(StoreError) {
    try disking { () throws(DiskError) in try disk.remove(path) }
  }

  private func disking<Result>(
    _ body: () throws(DiskError) -> Result
  ) throws(StoreError) -> Result {
    do throws(DiskError) {
      return try body()
    } catch {
      throw .disk(error)
    }
  }
}

/// The memberships that a shard has, and the files they are in.
struct CommittedMemberships {
  var table = MembershipTable()
  var wholeByteCount = 0
  var changesCount = 0
  var changesByteCount = 0
}

/// Memberships that wait for the end of their job.
struct StagedMemberships {
  var table: MembershipTable
  /// The evaluation they are the changes of; `nil` for a whole table.
  var base: JobID?
  var byteCount: Int
}
