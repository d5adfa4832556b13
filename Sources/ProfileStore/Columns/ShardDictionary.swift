package import Bytes
import Synchronization

/// The texts that the columns of one path share in all blocks of a shard, in the order of their
/// first use.
package final class ShardDictionary: Sendable {
  package let entryCount: Int
  private let starts: MappedBytes
  private let entries: MappedBytes
  private let known = Mutex<[Text]>([])
  private let index = Mutex<TextIndex?>(nil)

  /// Reads a section of a block file: `entryCount + 1` starts as UInt32, then the entries' UTF-8.
  init(_ section: MappedBytes, entryCount: Int) throws(ColumnReader.Fault) {
    let headerByteCount = 4 * (entryCount + 1)
    guard section.count >= headerByteCount else {
      throw ColumnReader.Fault(reason: "it ends early")
    }
    self.entryCount = entryCount
    starts = section[0..<headerByteCount]
    entries = section[headerByteCount..<section.count]
    var last: UInt32 = 0
    for index in 0...entryCount {
      let start = starts.load(UInt32.self, at: 4 * index)
      guard start >= last, Int(start) <= entries.count, index > 0 || start == 0 else {
        throw ColumnReader.Fault(reason: "entries that do not follow each other")
      }
      last = start
    }
    for index in 0..<entryCount where !entries.isUTF8(range(index)) {
      throw ColumnReader.Fault(reason: "a text that is not UTF-8")
    }
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

  /// The entry that is a text, if there is one.
  ///
  /// Where the entries are is found out once, when this is first asked.
  package func number(of text: Text) -> Int? {
    let index = index.withLock { index in
      if let index { return index }
      let made = unsafe TextIndex(entryCount) { unsafe bytes($0) }
      index = made
      return made
    }
    var copy = text.string
    return copy.withUTF8 { text in
      unsafe index.number(of: UnsafeRawBufferPointer(text)) { unsafe bytes($0) }
    }
  }

  /// The entries in a table that goes on with them.
  func table() -> TextTable {
    var table = TextTable()
    for index in 0..<entryCount { _ = unsafe table.number(of: bytes(index)) }
    return table
  }

  private func range(_ index: Int) -> Range<Int> {
    Int(starts.load(UInt32.self, at: 4 * index))..<Int(starts.load(UInt32.self, at: 4 * index + 4))
  }
}
