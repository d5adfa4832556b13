package import Domain

/// One try at an import into a shard; a later attempt of the same job makes the earlier ones void.
package struct StoredImport: Hashable, Sendable, CustomStringConvertible {
  package var job: JobID
  package var attempt: UInt32

  package init(job: JobID, attempt: UInt32) {
    self.job = job
    self.attempt = attempt
  }

  package var description: String { "attempt \(attempt) of \(job)" }
}
