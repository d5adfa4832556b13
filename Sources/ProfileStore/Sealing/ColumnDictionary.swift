import Bytes

/// The texts of one place of the data while columns are made, and their codes by first use.
struct ColumnDictionary {
  /// Codes take two bytes at most.
  static let entryCountMax = 65_536
  private static let byteCountMax = 4 << 20
  /// Before that many entries nothing is decided.
  private static let trialCount = 4_096

  let node: Int32
  private(set) var texts: TextTable
  /// Texts that were found to be there.
  private var hitCount = 0
  /// Nothing is looked up any more: too many texts are met only once.
  private(set) var isClosed = false
  /// Entries that a file has, whose columns rely on them.
  let isKept: Bool
  /// Whether all of its texts have to be found.
  let isPinned: Bool

  init(node: Int32, isPinned: Bool) {
    self.node = node
    self.isPinned = isPinned
    isKept = false
    texts = TextTable()
  }

  /// Goes on with the entries of a file.
  init(node: Int32, isPinned: Bool, entries: TextTable) {
    self.node = node
    self.isPinned = isPinned
    isKept = true
    texts = entries
  }

  /// Whether columns may refer to it.
  var isShared: Bool { texts.count > 0 && (isKept || !isClosed) }

  /// The code of a text, which is added when it is new and there is room; `nil` without one.
  mutating func code(of text: UnsafeRawBufferPointer) -> Int? {
    if isClosed && !isPinned { return nil }
    let count = texts.count
    let isFull =
      count >= ColumnDictionary.entryCountMax || texts.byteCount > ColumnDictionary.byteCountMax
    guard let code = unsafe isFull ? texts.find(text) : texts.number(of: text) else { return nil }
    if code < count {
      hitCount &+= 1
    } else if count >= ColumnDictionary.trialCount, hitCount < count {
      isClosed = !isPinned
    }
    return code
  }

  /// Counts texts whose codes were known.
  mutating func countHits(_ count: Int) { hitCount &+= count }

  /// Counts a text whose code was known.
  @inline(__always)
  mutating func countHit() { hitCount &+= 1 }
}
