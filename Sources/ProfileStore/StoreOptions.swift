private import Bytes

/// How a shard is kept; the bounds are the same for every shard of a process.
package struct StoreOptions: Sendable {
  /// Profiles of a column block.
  ///
  /// Invariant: `isBlockProfileCount`.
  package let blockProfileCount: Int
  /// Bytes of rows in memory while column blocks are built; what is over it waits in files.
  ///
  /// One block's rows are in memory as a whole, however many they are.
  package let rowByteCountMax: Int

  /// Seed of the hash in tables of keys; a random one for each file when there is none.
  ///
  /// Tests set it, so that the same contents give the same bytes.
  package let keySeed: UInt64?

  /// The most profiles of a block: few enough that what is worked with stays in a core's cache, and so
  /// many that what is done once for each table of a block is little beside its rows.
  package static let blockProfileCountMax = 4 * Bitmap.chunkSize

  /// Whether blocks may have so many profiles: 1...1,024, or a multiple of that up to the most there may
  /// be, so that blocks are chunks of bitmaps or parts of one.
  package static func isBlockProfileCount(_ count: Int) -> Bool {
    switch count {
    case 1...Bitmap.chunkSize: true
    case ...blockProfileCountMax: count > 0 && count % Bitmap.chunkSize == 0
    default: false
    }
  }

  /// Sets the bounds; values out of range are cut to it, and what is over 1,024 profiles to a multiple of
  /// that.
  package init(
    blockProfileCount: Int = StoreOptions.blockProfileCountMax,
    rowByteCountMax: Int = 64 << 20,
    keySeed: UInt64? = nil
  ) {
    self.keySeed = keySeed
    let count = min(max(blockProfileCount, 1), StoreOptions.blockProfileCountMax)
    self.blockProfileCount = count < Bitmap.chunkSize ? count : count - count % Bitmap.chunkSize
    self.rowByteCountMax = max(rowByteCountMax, 1)
  }
}
