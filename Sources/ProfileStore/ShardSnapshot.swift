package import Domain
import Synchronization

/// The committed contents of a shard, immutable and usable from any thread.
///
/// Profiles have ordinals 0, 1, 2 … in the order in which the log first names their keys. It stays
/// readable while the shard goes on, and after its file was replaced.
package final class ShardSnapshot: Sendable {
  package let contents: StoreContents
  /// `nil` in a shard without profiles.
  private let file: BlockFile?
  private let state = Mutex(State())

  private struct State {
    /// Verified when they are first asked for.
    var keys: KeySection?
    var isDamaged = false
  }

  init(contents: StoreContents, file: BlockFile?) {
    self.contents = contents
    self.file = file
  }

  package var blockCount: Int { file?.blockCount ?? 0 }

  /// Whether a part was found to be damaged: the store's next snapshot is built anew.
  var isDamaged: Bool { state.withLock { $0.isDamaged } }

  /// A block of profiles, verified; blocks are numbered in the order of ordinals.
  package func block(_ index: Int) throws(StoreError) -> ProfileBlock {
    guard let file, index < file.blockCount else {
      preconditionFailure("block \(index) of \(blockCount)")
    }
    return try noting { () throws(StoreError) in try file.block(index, keys: keys(of: file)) }
  }

  /// The ordinal of a profile; `nil` when the shard has none of that key.
  package func ordinal(of key: ProfileKey) throws(StoreError) -> Int? {
    try ordinalsInKeyOrder().ordinal(of: key)
  }

  /// All profiles in ascending order of their keys.
  package func ordinalsInKeyOrder() throws(StoreError) -> KeyOrder {
    guard let file else { return KeyOrder(nil) }
    return try noting { () throws(StoreError) in KeyOrder(try keys(of: file)) }
  }

  /// Which block a profile is in, and its row there.
  package func locate(_ ordinal: Int) -> (block: Int, row: Int) {
    let size = file?.blockProfileCount ?? 1
    return (ordinal / size, ordinal % size)
  }

  private func keys(of file: BlockFile) throws(StoreError) -> KeySection {
    if let keys = state.withLock({ $0.keys }) { return keys }
    let keys = try file.keys()
    state.withLock { $0.keys = keys }
    return keys
  }

  /// Remembers that an error was thrown.
  private func noting<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    do throws(StoreError) {
      return try body()
    } catch {
      state.withLock { $0.isDamaged = true }
      throw error
    }
  }
}
