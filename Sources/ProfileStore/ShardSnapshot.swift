package import Bytes
package import Domain
import Synchronization

/// The committed contents of a shard, immutable and usable from any thread.
///
/// Profiles have ordinals 0, 1, 2 … in the order in which the log first names their keys. It stays
/// readable while the shard goes on, and after its file was replaced.
package final class ShardSnapshot: Sendable {
  package let contents: StoreContents
  /// `nil` in a shard without profiles.
  let file: BlockFile?
  private let state: Mutex<State>
  private let shapeNumbers = ShapeNumbers()

  private struct State {
    /// Verified when they are first asked for.
    var keys: KeySection?
    /// By block, verified when they are first asked for.
    var columns: [BlockColumns?]
    /// By block, made when they are first asked for.
    var flats: [FlatBlock?]
    /// By number.
    var dictionaries: [Int: ShardDictionary] = [:]
    var isDamaged = false
  }

  init(contents: StoreContents, file: BlockFile?) {
    self.contents = contents
    self.file = file
    let count = file?.blockCount ?? 0
    state = Mutex(
      State(
        columns: Array(repeating: nil, count: count),
        flats: Array(repeating: nil, count: count)
      )
    )
  }

  package var blockCount: Int { file?.blockCount ?? 0 }

  /// Profiles of every block but the last, which may have fewer.
  package var blockProfileCount: Int { file?.blockProfileCount ?? 1 }

  /// Whether a part was found to be damaged: the store's next snapshot is built anew.
  var isDamaged: Bool { state.withLock { $0.isDamaged } }

  /// The types of events that have tables of their own, the most frequent ones of the shard.
  ///
  /// Events of another type, without one, and with one that is no text share the last table.
  package var eventTypes: [Text] { file?.catalogue.eventTypes ?? [] }

  /// The columns of a block, verified once; blocks are numbered in the order of ordinals.
  package func columns(_ index: Int) throws(StoreError) -> BlockColumns {
    let file = file(of: index)
    if let columns = state.withLock({ $0.columns[index] }) { return columns }
    let columns = try noting { () throws(StoreError) in try file.columns(index) }
    state.withLock { $0.columns[index] = columns }
    return columns
  }

  /// The shapes of all tables of the flat blocks so far, by number.
  package var shapes: [TableFields] { shapeNumbers.tables }

  /// A block's tables laid flat, made once.
  package func flatBlock(_ index: Int) throws(StoreError) -> FlatBlock {
    if let flat = state.withLock({ index < $0.flats.count ? $0.flats[index] : nil }) { return flat }
    // Its columns are read for this alone: as trees they take more memory.
    let file = file(of: index)
    let known = state.withLock { $0.columns[index] }
    let columns: BlockColumns
    if let known {
      columns = known
    } else {
      columns = try noting { () throws(StoreError) in try file.columns(index) }
    }
    let flat = FlatBlock(columns, shapeNumbers)
    state.withLock { $0.flats[index] = flat }
    return flat
  }

  /// All flat blocks, if each was made before.
  package var flatBlocks: [FlatBlock]? {
    state.withLock { state in
      let flats = state.flats.compactMap { $0 }
      return flats.count == state.flats.count ? flats : nil
    }
  }

  /// The texts of a dictionary that columns of strings name, verified once.
  package func dictionary(_ number: Int) throws(StoreError) -> ShardDictionary {
    guard let file else { preconditionFailure("dictionary \(number) of an empty shard") }
    if let dictionary = state.withLock({ $0.dictionaries[number] }) { return dictionary }
    let dictionary = try noting { () throws(StoreError) in try file.dictionary(number) }
    state.withLock { $0.dictionaries[number] = dictionary }
    return dictionary
  }

  /// A block of profiles as values.
  package func block(_ index: Int) throws(StoreError) -> ProfileBlock {
    let file = file(of: index)
    return try ProfileBlock(
      try columns(index),
      of: self,
      keys: noting { () throws(StoreError) in try keys(of: file) },
      firstOrdinal: index * file.blockProfileCount
    )
  }

  /// The ordinal of a profile; `nil` when the shard has none of that key.
  package func ordinal(of key: ProfileKey) throws(StoreError) -> Int? {
    try ordinalsInKeyOrder().ordinal(of: key)
  }

  /// All profiles in ascending order of their keys.
  package func ordinalsInKeyOrder() throws(StoreError) -> KeyOrder {
    KeyOrder(try keys())
  }

  /// Which block a profile is in, and its row there.
  package func locate(_ ordinal: Int) -> (block: Int, row: Int) {
    let size = file?.blockProfileCount ?? 1
    return (ordinal / size, ordinal % size)
  }

  /// All keys; `nil` in a shard without profiles.
  func keys() throws(StoreError) -> KeySection? {
    guard let file else { return nil }
    return try noting { () throws(StoreError) in try keys(of: file) }
  }

  private func file(of block: Int) -> BlockFile {
    guard let file, block < file.blockCount else {
      preconditionFailure("block \(block) of \(blockCount)")
    }
    return file
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
