import Domain

/// Rows of JSON lines that wait to be written to tables, those of one shard after those of another.
///
/// A row is a run of steps: a value for a column, or the beginning of an element of scope -1 -
/// `column`.
@safe struct LineList: ~Copyable {
  /// What is known of a row besides its values.
  struct Head {
    var firstStep: Int
    var stepCount: Int
    /// Of the key, as `shardHash` gives it.
    var hash: UInt64
    /// Where the key is: in the chunk, or in `keys`.
    var keyStart: Int
    var keyByteCount: Int
    var isKeyAside: Bool
    /// Bytes of its text.
    var byteCount: Int
  }

  /// Steps of the rows of a chunk of a usual kind, and more.
  private static let stepCountMax = 2 << 20

  /// Rows whose keys are brought near at a time.
  static let blockCount = 256
  private static let nearByteCount = 32

  /// Of each row of a block the first bytes of its key, and as many more that may be read.
  private let nearKeys: UnsafeMutablePointer<UInt8> =
    .allocate(capacity: (blockCount + 1) * nearByteCount)
  private(set) var count = 0
  private var capacity = 1 << 10
  private(set) var heads: UnsafeMutablePointer<Head> = .allocate(capacity: 1 << 10)
  private var shards: UnsafeMutablePointer<UInt32> = .allocate(capacity: 1 << 10)
  /// The numbers of rows by their shards, once they are sorted.
  private(set) var sorted: UnsafeMutablePointer<UInt32> = .allocate(capacity: 1 << 10)
  private(set) var stepCount = 0
  private var stepCapacity = 1 << 12
  private(set) var values: UnsafeMutablePointer<UInt64> = .allocate(capacity: 1 << 12)
  private(set) var columns: UnsafeMutablePointer<Int16> = .allocate(capacity: 1 << 12)
  /// Keys that do not stand in the chunk.
  private(set) var keys = ByteHeap(capacity: 1 << 8)

  init() { unsafe nearKeys.initialize(repeating: 0, count: (LineList.blockCount + 1) * 32) }

  deinit {
    unsafe nearKeys.deallocate()
    unsafe heads.deallocate()
    unsafe shards.deallocate()
    unsafe sorted.deallocate()
    unsafe values.deallocate()
    unsafe columns.deallocate()
    keys.free()
  }

  var isFull: Bool { stepCount >= LineList.stepCountMax }

  /// Makes room for the steps of the next row.
  @inline(__always)
  mutating func reserve(_ added: Int) {
    if stepCapacity &- stepCount < added { growSteps(added) }
  }

  /// Appends a step of the next row, for which there is room.
  @inline(__always)
  mutating func append(_ value: UInt64, column: Int32) {
    assert(stepCount < stepCapacity)
    unsafe values[stepCount] = value
    unsafe columns[stepCount] = Int16(truncatingIfNeeded: column)
    stepCount &+= 1
  }

  /// Keeps a key that does not stand in the chunk; answers where it is.
  mutating func keep(key: UnsafeBufferPointer<UInt8>) -> Int {
    let start = keys.count
    unsafe keys.append(exactly: key)
    return start
  }

  /// Ends the row whose steps were appended last.
  @inline(__always)
  mutating func append(_ head: Head, shard: Int) {
    if count == capacity { grow() }
    unsafe heads[count] = head
    unsafe shards[count] = UInt32(truncatingIfNeeded: shard)
    count &+= 1
  }

  mutating func removeAll() {
    count = 0
    stepCount = 0
    keys.removeAll()
  }

  /// Brings the rows of each shard together, in the order in which they came.
  ///
  /// - Returns: for each shard where its rows begin in `sorted`, and at last where the last one's end.
  func sort(shardCount: Int) -> [Int] {
    var starts = [Int](repeating: 0, count: shardCount + 1)
    for row in 0..<count { unsafe starts[Int(shards[row]) &+ 1] &+= 1 }
    for shard in 0..<shardCount { starts[shard + 1] += starts[shard] }
    var places = starts
    for row in 0..<count {
      let shard = unsafe Int(shards[row])
      unsafe sorted[places[shard]] = UInt32(truncatingIfNeeded: row)
      places[shard] &+= 1
    }
    return starts
  }

  /// Copies the keys of a block of sorted rows to one place.
  ///
  /// They lie far from each other in the chunk: in a loop that waits for none of them, many are on
  /// their way at the same time.
  func bringKeys(of block: Range<Int>, _ source: UnsafePointer<UInt8>) {
    assert(block.count <= LineList.blockCount)
    var place = unsafe UnsafeMutableRawPointer(nearKeys)
    for index in block {
      let head = unsafe heads + Int(sorted[index])
      let key = unsafe farKey(head.pointee, source)
      let words = unsafe UnsafeRawPointer(key).loadUnaligned(as: SIMD4<UInt64>.self)
      unsafe place.storeBytes(of: words, as: SIMD4<UInt64>.self)
      unsafe place += LineList.nearByteCount
    }
  }

  /// Where the key of a row is, behind whose start 32 bytes can be read.
  ///
  /// - Parameters:
  ///   - row: of the block whose keys were brought last.
  ///   - number: the row's number in it.
  ///   - source: the chunk.
  /// - Returns: the key.
  @inline(__always)
  func key(_ row: Head, _ number: Int, _ source: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    guard row.keyByteCount <= LineList.nearByteCount else { return unsafe farKey(row, source) }
    return unsafe UnsafePointer(nearKeys + number &* LineList.nearByteCount)
  }

  @inline(__always)
  private func farKey(_ row: Head, _ source: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    unsafe (row.isKeyAside ? UnsafePointer(keys.base) : source) + row.keyStart
  }

  @inline(never)
  private mutating func growSteps(_ added: Int) {
    let larger = max(2 * stepCapacity, stepCount + added)
    unsafe values = LineList.moved(values, stepCount, to: larger)
    unsafe columns = LineList.moved(columns, stepCount, to: larger)
    stepCapacity = larger
  }

  @inline(never)
  private mutating func grow() {
    capacity *= 2
    unsafe heads = LineList.moved(heads, count, to: capacity)
    unsafe shards = LineList.moved(shards, count, to: capacity)
    unsafe sorted = LineList.moved(sorted, 0, to: capacity)
  }

  private static func moved<Element>(
    _ old: UnsafeMutablePointer<Element>,
    _ count: Int,
    to capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    unsafe larger.update(from: old, count: count)
    unsafe old.deallocate()
    return unsafe larger
  }
}
