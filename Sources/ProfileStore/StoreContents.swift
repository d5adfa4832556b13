/// What a shard holds: the end of its log as far as it is committed, and how many of each.
package struct StoreContents: Hashable, Sendable {
  /// Number of the log record that made the last committed import ready; 0 in an empty shard.
  package var lsn: UInt64
  package var profileCount: UInt64
  package var eventCount: UInt64

  package init(lsn: UInt64 = 0, profileCount: UInt64 = 0, eventCount: UInt64 = 0) {
    self.lsn = lsn
    self.profileCount = profileCount
    self.eventCount = eventCount
  }
}
