package import Cluster
package import Domain

/// The profiles of an audience or of a set in key order, page by page, all of one run.
package struct MemberStream {
  /// Rows asked for at a time.
  package static let pageRowCount: UInt32 = 2_000

  private let client: ClusterClient
  private let set: Name
  private var query: PageQuery
  private var isDone = false

  /// The run whose memberships are read; known after the first page.
  package var membershipJob: JobID? { query.membershipJob }

  /// Describes what is wanted; `query.after` and `query.membershipJob` are where it starts.
  package init(_ client: ClusterClient, set: Name, query: PageQuery) {
    self.client = client
    self.set = set
    self.query = query
  }

  /// The next rows, at least one.
  ///
  /// - Returns: `nil` after the last.
  /// - Throws: a `ClusterError` of code `changed` when a later run was committed meanwhile.
  package mutating func next() throws -> [PageRow]? {
    while !isDone {
      let reply = try client.request(.page(set: set, query))
      guard case .page(let rows, let isDone, let job) = reply else {
        throw ClientError.unexpectedReply(to: "page")
      }
      guard isDone || !rows.isEmpty else {
        throw ClusterError(.failed, "a page came without rows and without an end")
      }
      self.isDone = isDone
      query.after = rows.last?.key ?? query.after
      query.membershipJob = job
      if !rows.isEmpty { return rows }
    }
    return nil
  }
}
