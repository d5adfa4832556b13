package import Bytes
import Synchronization

/// The texts that the columns of one path share in all blocks of a shard, in the order of their
/// first use.
package final class ShardDictionary: Sendable {
  package let entryCount: Int
  private let starts: MappedBytes
  private let entries: MappedBytes
  private let known = Mutex<[Text]>([])

  /// Takes verified entries.
  ///
  /// - Parameters:
  ///   - starts: `entryCount + 1` ascending numbers as UInt32.
  ///   - entries: the entries' UTF-8.
  ///   - entryCount: how many entries.
  init(starts: MappedBytes, entries: MappedBytes, entryCount: Int) {
    self.starts = starts
    self.entries = entries
    self.entryCount = entryCount
  }

  /// The text of an entry.
  package func entry(_ index: Int) -> Text { texts()[index] }

  /// All texts, which are made when they are first asked for.
  package func texts() -> [Text] {
    known.withLock { known in
      if known.isEmpty {
        known = (0..<entryCount).map { entries.text(range($0)) ?? "" }
      }
      return known
    }
  }

  /// The UTF-8 of an entry, without making a text of it; valid while this object lives.
  package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    unsafe entries.pointer(range(index))
  }

  private func range(_ index: Int) -> Range<Int> {
    Int(starts.load(UInt32.self, at: 4 * index))..<Int(starts.load(UInt32.self, at: 4 * index + 4))
  }
}
