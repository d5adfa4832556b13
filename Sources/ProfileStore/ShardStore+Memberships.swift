import Bytes
package import Domain
import Platform

/// Memberships: one file of the last committed evaluation, and one for each staged.
extension ShardStore {
  private var membershipsPath: String { directory + "/memberships" }

  private func stagedPath(_ job: JobID) -> String { "\(membershipsPath)-\(job.number)" }

  /// The committed memberships; an empty table when there are none.
  package func memberships() throws(StoreError) -> MembershipTable {
    guard membershipJob != nil else { return MembershipTable() }
    return try readMemberships(membershipsPath)
  }

  /// The committed memberships of some audiences alone: all of many take a while to read.
  package func memberships(of audiences: [Name]) throws(StoreError) -> MembershipTable {
    guard membershipJob != nil else { return MembershipTable() }
    let wanted = Set(audiences)
    let table = try readMemberships(membershipsPath, of: wanted)
    // One that is not found may stand under a damaged name: then every byte has to be looked at.
    return table.audiences.count == wanted.count
      ? table : try readMemberships(membershipsPath)
  }

  /// Keeps the memberships of an evaluation until they are committed or discarded, durably.
  ///
  /// - Returns: the table's digest.
  package func stage(_ table: MembershipTable) throws(StoreError) -> UInt32 {
    if membershipJob == table.job { return table.digest }
    for memberships in table.audiences.values {
      let last = max(memberships.members.last ?? -1, memberships.exited.last ?? -1)
      guard last < Int(contents.profileCount) else {
        throw .tooLarge(
          what: "an audience's ordinals",
          count: last,
          limit: Int(contents.profileCount)
        )
      }
    }
    do throws(DiskError) {
      try disk.replace(stagedPath(table.job), with: table.fileBytes)
    } catch {
      throw .disk(error)
    }
    if !stagedJobs.contains(table.job) { stagedJobs = (stagedJobs + [table.job]).sorted() }
    return table.digest
  }

  /// Makes a job's staged memberships the shard's, durably.
  package func commitMemberships(_ job: JobID) throws(StoreError) {
    if membershipJob == job { return }
    guard stagedJobs.contains(job) else { throw .notStaged(job) }
    do throws(DiskError) {
      try disk.rename(stagedPath(job), to: membershipsPath)
    } catch {
      throw .uncertain(error)
    }
    stagedJobs.removeAll { $0 == job }
    membershipJob = job
  }

  /// Forgets a job's staged memberships; committed ones stay.
  package func discard(_ job: JobID) throws(StoreError) {
    guard stagedJobs.contains(job) else { return }
    do throws(DiskError) {
      try disk.remove(stagedPath(job))
    } catch {
      throw .disk(error)
    }
    stagedJobs.removeAll { $0 == job }
  }

  /// Finds the memberships that are on disk, and removes files that a crash left half-written.
  ///
  /// Staged memberships that are damaged are removed: their job evaluates the shard again.
  func recoverFiles() throws(StoreError) {
    let names: [String]
    do throws(DiskError) {
      names = try disk.list(directory)
    } catch {
      throw .disk(error)
    }
    for name in names {
      let path = directory + "/" + name
      if path == membershipsPath {
        membershipJob = try readMemberships(path).job
      } else if name.hasPrefix("memberships-"), let number = UInt64(name.dropFirst(12)) {
        if try isStaged(JobID(number)) { stagedJobs.append(JobID(number)) } else { try drop(path) }
      } else if isLeftOver(name) {
        try drop(path)
      }
    }
    stagedJobs.sort()
  }

  private func isStaged(_ job: JobID) throws(StoreError) -> Bool {
    do throws(StoreError) {
      return try readMemberships(stagedPath(job)).job == job
    } catch {
      if case .damaged = error { return false }
      throw error
    }
  }

  private func readMemberships(
    _ path: String,
    of wanted: Set<Name>? = nil
  ) throws(StoreError) -> MembershipTable {
    let bytes: [UInt8]
    do throws(DiskError) {
      bytes = try disk.read(path)
    } catch {
      throw .disk(error)
    }
    return try MembershipTable(
      fileBytes: bytes,
      file: path,
      profileCount: Int(contents.profileCount),
      wanted: wanted
    )
  }

  private func drop(_ path: String) throws(StoreError) {
    do throws(DiskError) {
      try disk.remove(path)
    } catch {
      throw .disk(error)
    }
  }
}
