/// The rows of an unfinished table of one shard, and whose they are.
@safe struct TableShard {
  /// Rows at which a table is finished.
  private static let rowCountMax = 8_192

  private(set) var rowCount = 0
  /// Bytes of the rows' text, about.
  private var byteCount = 0
  private(set) var keys = KeyList()
  /// Of each row the number of its key.
  private(set) var keyNumbers = NumberHeap<UInt32>(capacity: 64)

  func free() {
    keys.free()
    keyNumbers.free()
  }

  func isFull(_ byteCountMax: Int) -> Bool {
    rowCount >= TableShard.rowCountMax || byteCount >= byteCountMax
  }

  /// Appends a row.
  ///
  /// - Parameters:
  ///   - key: of the row; 32 bytes behind it can be read.
  ///   - keyByteCount: bytes of the key.
  ///   - hash: of the key, as `shardHash` gives it.
  ///   - byteCount: of the row's text, about.
  @inline(__always)
  mutating func append(
    _ key: UnsafePointer<UInt8>,
    _ keyByteCount: Int,
    _ hash: UInt64,
    byteCount: Int
  ) {
    unsafe keyNumbers.append(keys.number(of: key, keyByteCount, hash))
    self.byteCount &+= byteCount
    rowCount &+= 1
  }

  mutating func removeAll() {
    rowCount = 0
    byteCount = 0
    keys.removeAll()
    keyNumbers.removeAll()
  }
}

/// How many shards there are, and which is a key's.
struct ShardPicker {
  let count: Int
  /// Most counts are powers of two, whose remainders are the low bits; else 0.
  private let mask: UInt64

  init(_ count: Int) {
    self.count = count
    mask = count.nonzeroBitCount == 1 ? UInt64(count - 1) : 0
  }

  /// The shard of a key of that hash.
  @inline(__always)
  func shard(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: mask > 0 ? hash & mask : hash % UInt64(count))
  }
}
