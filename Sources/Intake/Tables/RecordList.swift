import Domain

/// Records of a plain CSV file that wait to be written to tables, those of one shard after those of
/// another.
///
/// A cell is one number: its offset in its record in the low half, its byte count in the high one.
@safe struct RecordList: ~Copyable {
  /// What is known of a record besides its cells.
  struct Head {
    /// Where it begins in the chunk.
    var start: UInt32
    var byteCount: UInt32
    /// Bit `i` where cell `i` is not empty.
    var filled: UInt64
    /// The cell with its key, and the key's hash as `shardHash` gives it.
    var key: UInt32
    /// Its number in the list.
    var record: UInt32 = 0
    var hash: UInt64
  }

  /// Bytes of a record whose cells have places in it.
  static let recordByteCountMax = Int(UInt16.max)

  /// As many as a chunk has of a usual length; what a chunk has more is written by and by.
  private static let countMax = 1 << 18
  private static let cellCountMax = 4 << 20

  let columnCount: Int
  private(set) var count = 0
  private let capacity: Int
  /// The cells of all records, one record's behind the other's, and room for those of one more.
  let cells: UnsafeMutablePointer<UInt32>
  let heads: UnsafeMutablePointer<Head>
  private let shards: UnsafeMutablePointer<UInt32>
  /// The heads by their records' shards, once they are sorted.
  let sorted: UnsafeMutablePointer<Head>

  /// Prepares a list of no records.
  ///
  /// - Parameter columnCount: cells of each.
  init(columnCount: Int) {
    self.columnCount = columnCount
    capacity =
      columnCount == 0 ? 0 : min(RecordList.countMax, RecordList.cellCountMax / columnCount)
    // Memory that is never written to costs nothing.
    unsafe cells = .allocate(capacity: (capacity + 1) * columnCount + ByteLanes.cellCount)
    unsafe heads = .allocate(capacity: max(1, capacity))
    unsafe shards = .allocate(capacity: max(1, capacity))
    unsafe sorted = .allocate(capacity: max(1, capacity))
  }

  deinit {
    unsafe cells.deallocate()
    unsafe heads.deallocate()
    unsafe shards.deallocate()
    unsafe sorted.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// Where the next record's cells are to be put; as many as `ByteLanes.cellCount` may be written
  /// behind them.
  @inline(__always)
  var next: UnsafeMutablePointer<UInt32> { unsafe cells + count &* columnCount }

  /// Takes the record whose cells were put at `next`.
  @inline(__always)
  mutating func append(_ head: Head, shard: Int) {
    assert(count < capacity)
    unsafe heads[count] = head
    unsafe heads[count].record = UInt32(truncatingIfNeeded: count)
    unsafe shards[count] = UInt32(truncatingIfNeeded: shard)
    count &+= 1
  }

  mutating func removeAll() { count = 0 }

  /// The bytes of a cell of a record.
  func bytes(
    _ record: Int,
    _ column: Int,
    _ text: UnsafePointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8> {
    let cell = unsafe cells[record * columnCount + column]
    let start = unsafe text + Int(heads[record].start) + Int(cell & 0xFFFF)
    return unsafe UnsafeBufferPointer(start: start, count: Int(cell >> 16))
  }

  /// Brings the heads of each shard's records together, in the order in which they came.
  ///
  /// - Returns: for each shard where its records begin in `sorted`, and at last where the last one's
  ///   end.
  func sort(shardCount: Int) -> [Int] {
    var starts = [Int](repeating: 0, count: shardCount + 1)
    for record in 0..<count { unsafe starts[Int(shards[record]) &+ 1] &+= 1 }
    for shard in 0..<shardCount { starts[shard + 1] += starts[shard] }
    var places = starts
    for record in 0..<count {
      let shard = unsafe Int(shards[record])
      unsafe sorted[places[shard]] = heads[record]
      places[shard] &+= 1
    }
    return starts
  }
}
