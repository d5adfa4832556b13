import Domain

/// The rows of JSON lines that came last, column by column and not yet by shards.
///
/// A row touches many columns, and the tables of many shards together are far larger than a core's
/// own cache. So rows are put here first, and given to the tables a column at a time.
@safe struct TapeStage: ~Copyable {
  /// The rows of a scope: those of lines, or elements.
  struct Scope {
    /// Of each row its shard.
    var shards = NumberHeap<UInt32>(capacity: TapeStage.rowCountMax)
    /// Of each row its number in the shard's table.
    var places = NumberHeap<UInt32>(capacity: TapeStage.rowCountMax)
  }

  private static let rowCountMax = 2_048

  private let byteCountMax: Int
  /// Of each column its values.
  let cells: UnsafeMutablePointer<TableCells>
  let scopes: UnsafeMutablePointer<Scope>
  /// Fewer than there are to be while a row that fitted nowhere has made some.
  private(set) var scopeCount = 0
  private(set) var rowCount = 0
  private var byteCount = 0
  private var keys = ByteHeap(capacity: 1 << 14)
  /// Where each key ends.
  private var keyEnds = NumberHeap<UInt32>(capacity: rowCountMax)
  private var hashes = NumberHeap<UInt64>(capacity: rowCountMax)
  private var byteCounts = NumberHeap<UInt32>(capacity: rowCountMax)

  /// Prepares a stage of no rows.
  ///
  /// - Parameter byteCountMax: bytes of text at which it is full.
  init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
    unsafe cells = .allocate(capacity: TableBatch.columnCountMax)
    unsafe cells.initialize(repeating: TableCells(), count: TableBatch.columnCountMax)
    // Each scope but the first is that of a column.
    unsafe scopes = .allocate(capacity: TableBatch.columnCountMax + 1)
    makeScopes(1)
  }

  deinit {
    for column in 0..<TableBatch.columnCountMax { unsafe cells[column].free() }
    for scope in 0..<scopeCount {
      unsafe scopes[scope].shards.free()
      unsafe scopes[scope].places.free()
    }
    unsafe scopes.deinitialize(count: scopeCount)
    unsafe cells.deallocate()
    unsafe scopes.deallocate()
    keys.free()
    keyEnds.free()
    hashes.free()
    byteCounts.free()
  }

  var isFull: Bool { rowCount >= TapeStage.rowCountMax || byteCount >= byteCountMax }

  /// Makes as many scopes as there are to be.
  mutating func makeScopes(_ count: Int) {
    while scopeCount < count {
      unsafe (scopes + scopeCount).initialize(to: Scope())
      scopeCount += 1
    }
  }

  /// Begins a row.
  ///
  /// - Parameters:
  ///   - key: of the row; eight bytes behind it can be read.
  ///   - keyByteCount: bytes of the key.
  ///   - hash: of the key, as `shardHash` gives it.
  ///   - shard: of the key.
  ///   - byteCount: of the row's text.
  @inline(__always)
  mutating func append(
    _ key: UnsafePointer<UInt8>,
    _ keyByteCount: Int,
    _ hash: UInt64,
    shard: Int,
    byteCount: Int
  ) {
    unsafe keys.append(key, keyByteCount)
    keyEnds.append(UInt32(truncatingIfNeeded: keys.count))
    hashes.append(hash)
    byteCounts.append(UInt32(truncatingIfNeeded: byteCount))
    unsafe scopes[0].shards.append(UInt32(truncatingIfNeeded: shard))
    self.byteCount &+= byteCount
    rowCount &+= 1
  }

  /// Appends the keys of all rows to the tables of their shards.
  func giveKeys(to shards: UnsafeMutablePointer<TableShard>) {
    var start = 0
    for row in 0..<rowCount {
      let end = unsafe Int(keyEnds.base[row])
      let shard = unsafe Int(scopes[0].shards.base[row])
      unsafe shards[shard].append(
        keys.base + start,
        end &- start,
        hashes.base[row],
        byteCount: Int(byteCounts.base[row])
      )
      start = end
    }
  }

  /// Finds the places of a scope's rows in the tables of their shards.
  ///
  /// - Parameters:
  ///   - scope: its number.
  ///   - counts: of each shard the rows of the scope that it has, and afterwards those of here too.
  mutating func place(_ scope: Int, behind counts: UnsafeMutablePointer<Int>) {
    let count = unsafe scopes[scope].shards.count
    for row in 0..<count {
      let shard = unsafe Int(scopes[scope].shards.base[row])
      unsafe scopes[scope].places.append(UInt32(truncatingIfNeeded: counts[shard]))
      unsafe counts[shard] &+= 1
    }
  }

  /// Appends the values of a column to those of the shards, and forgets them here.
  ///
  /// - Parameters:
  ///   - column: its number.
  ///   - scope: the column's.
  ///   - areDoubles: whether its values are.
  ///   - target: of each shard the values that it has.
  func give(
    _ column: Int,
    of scope: Int,
    areDoubles: Bool,
    to target: UnsafeMutablePointer<TableCells>
  ) {
    guard unsafe cells[column].count > 0 else { return }
    let values = unsafe cells[column].all
    let forms = unsafe cells[column].forms
    let shards = unsafe scopes[scope].shards.base
    let places = unsafe scopes[scope].places.base
    var rows = unsafe cells[column].rows(scopes[scope].shards.count)
    var index = 0
    while let row = rows.next() {
      let cells = unsafe target + Int(shards[row])
      let place = unsafe Int(places[row])
      let value = unsafe values[index]
      index &+= 1
      if !areDoubles {
        // Of what some of the values may be, nothing is said that is wrong of the others.
        unsafe cells.pointee.append(value, forms, row: place)
      } else if forms & CellForm.double == 0 {
        unsafe cells.pointee.append(decimal: value, row: place)
      } else {
        unsafe cells.pointee.append(double: Double(bitPattern: value), row: place)
      }
    }
    unsafe cells[column].removeAll(scopes[scope].shards.count)
  }

  /// Forgets the rows, whose values were given to the tables.
  mutating func removeAll() {
    for scope in 0..<scopeCount {
      unsafe scopes[scope].shards.removeAll()
      unsafe scopes[scope].places.removeAll()
    }
    rowCount = 0
    byteCount = 0
    keys.removeAll()
    keyEnds.removeAll()
    hashes.removeAll()
    byteCounts.removeAll()
  }
}
