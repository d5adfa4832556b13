/// How a shard is kept; the bounds are the same for every shard of a process.
package struct StoreOptions: Sendable {
  /// Profiles of a column block.
  ///
  /// Invariant: 1...1,024, so that a block's columns stay in a core's cache.
  package let blockProfileCount: Int
  /// Bytes of rows in memory while column blocks are built; what is over it waits in files.
  ///
  /// One block's rows are in memory as a whole, however many they are.
  package let rowByteCountMax: Int

  /// Seed of the hash in tables of keys; a random one for each file when there is none.
  ///
  /// Tests set it, so that the same contents give the same bytes.
  package let keySeed: UInt64?

  package static let blockProfileCountMax = 1_024

  /// Sets the bounds; values out of range are cut to it.
  package init(
    blockProfileCount: Int = StoreOptions.blockProfileCountMax,
    rowByteCountMax: Int = 64 << 20,
    keySeed: UInt64? = nil
  ) {
    self.keySeed = keySeed
    self.blockProfileCount = min(max(blockProfileCount, 1), StoreOptions.blockProfileCountMax)
    self.rowByteCountMax = max(rowByteCountMax, 1)
  }
}
