/// The values of a block's columns, row by row as they come.
///
/// Columns are those of a `ColumnTree`. All memory is reused from block to block.
@safe final class ColumnCells {
  /// Lists of a column: one for each lane, and one for the names of a map's entries.
  enum Lane {
    static let boolean = 0
    static let integer = 1
    /// IEEE 754 bits.
    static let double = 2
    /// As `TextCell` says.
    static let string = 3
    /// Where the array's elements begin.
    static let array = 4
    static let object = 5
    /// Where the map's entries begin.
    static let map = 6
    /// For each entry of maps the number of its name.
    static let mapName = 7
    static let count = 8
  }

  /// Values and their rows, which ascend.
  @safe struct Cells {
    var count = 0
    fileprivate var capacity = 0
    fileprivate(set) var rows: UnsafeMutablePointer<UInt32>
    fileprivate(set) var values: UnsafeMutablePointer<UInt64>
  }

  /// How many rows a column has so far is a counter of the column above it, or of a root.
  private static let rootCount = 2
  private static let counterCount = 3

  private var columnCount = 0
  private var capacity = 0
  private var lists: UnsafeMutablePointer<Cells>
  private var counters: UnsafeMutablePointer<UInt32>
  private var rowCounters: UnsafeMutablePointer<UInt32>
  private var touched: [Int] = []
  private let nowhere: UnsafeMutablePointer<UInt64>

  init() {
    unsafe lists = .allocate(capacity: 0)
    unsafe counters = .allocate(capacity: ColumnCells.rootCount)
    unsafe counters.initialize(repeating: 0, count: ColumnCells.rootCount)
    unsafe rowCounters = .allocate(capacity: 0)
    unsafe nowhere = .allocate(capacity: 1)
  }

  deinit {
    for index in 0..<columnCount * Lane.count where unsafe lists[index].capacity > 0 {
      unsafe lists[index].rows.deallocate()
      unsafe lists[index].values.deallocate()
    }
    unsafe lists.deallocate()
    unsafe counters.deallocate()
    unsafe rowCounters.deallocate()
    unsafe nowhere.deallocate()
  }

  /// Takes in the columns that are new.
  func extend(by tree: ColumnTree) {
    let added = columnCount..<tree.columns.count
    guard !added.isEmpty else { return }
    if tree.columns.count > capacity { grow(to: max(2 * capacity, tree.columns.count, 64)) }
    for index in added {
      let column = tree.columns[index]
      let above = ColumnCells.rootCount + ColumnCells.counterCount * column.parent
      let counter =
        switch column.kind {
        case .root: index
        case .field: above
        case .element: above + 1
        case .mapValue: above + 2
        }
      unsafe rowCounters[index] = UInt32(truncatingIfNeeded: counter)
    }
    columnCount = tree.columns.count
  }

  private func grow(to newCapacity: Int) {
    let emptyList = unsafe Cells(
      rows: UnsafeMutableRawPointer(nowhere).assumingMemoryBound(to: UInt32.self),
      values: nowhere
    )
    unsafe lists = ColumnCells.grown(
      lists,
      capacity * Lane.count,
      to: newCapacity * Lane.count,
      emptyList
    )
    unsafe counters = ColumnCells.grown(
      counters,
      ColumnCells.rootCount + ColumnCells.counterCount * capacity,
      to: ColumnCells.rootCount + ColumnCells.counterCount * newCapacity,
      0
    )
    unsafe rowCounters = ColumnCells.grown(rowCounters, capacity, to: newCapacity, 0)
    capacity = newCapacity
  }

  private static func grown<Element>(
    _ memory: UnsafeMutablePointer<Element>,
    _ count: Int,
    to newCount: Int,
    _ filler: Element
  ) -> UnsafeMutablePointer<Element> {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: newCount)
    unsafe grown.moveInitialize(from: memory, count: count)
    unsafe (grown + count).initialize(repeating: filler, count: newCount - count)
    unsafe memory.deallocate()
    return unsafe grown
  }

  /// Forgets all values.
  func removeAll() {
    for list in touched {
      unsafe lists[list].count = 0
      let first = ColumnCells.rootCount + ColumnCells.counterCount * (list / Lane.count)
      for counter in first..<first + ColumnCells.counterCount { unsafe counters[counter] = 0 }
    }
    for root in 0..<ColumnCells.rootCount { unsafe counters[root] = 0 }
    touched.removeAll(keepingCapacity: true)
  }

  /// Begins the next row of a root, an object.
  @inline(__always)
  func appendRoot(_ root: Int) {
    unsafe counters[root] &+= 1
  }

  @inline(__always)
  func append(_ value: UInt64, lane: Int, column: Int) {
    let row = unsafe counters[Int(rowCounters[column])] &- 1
    append(value, row: row, list: column &* Lane.count &+ lane)
  }

  /// Appends the value of a row of the column above, which is not before those of the column.
  @inline(__always)
  func append(_ value: UInt64, row: UInt32, lane: Int, column: Int) {
    append(value, row: row, list: column &* Lane.count &+ lane)
  }

  @inline(__always)
  private func append(_ value: UInt64, row: UInt32, list index: Int) {
    let list = unsafe lists + index
    let count = unsafe list.pointee.count
    if count == 0 { touched.append(index) }
    if unsafe count == list.pointee.capacity { growList(index) }
    unsafe list.pointee.rows[count] = row
    unsafe list.pointee.values[count] = value
    unsafe list.pointee.count = count &+ 1
  }

  @inline(never)
  private func growList(_ index: Int) {
    let count = unsafe lists[index].count
    let newCapacity = max(1_024, 2 * count)
    let rows = UnsafeMutablePointer<UInt32>.allocate(capacity: newCapacity)
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: newCapacity)
    unsafe rows.moveInitialize(from: lists[index].rows, count: count)
    unsafe values.moveInitialize(from: lists[index].values, count: count)
    if unsafe lists[index].capacity > 0 {
      unsafe lists[index].rows.deallocate()
      unsafe lists[index].values.deallocate()
    }
    unsafe lists[index].rows = rows
    unsafe lists[index].values = values
    unsafe lists[index].capacity = newCapacity
  }

  /// Appends an object, whose fields' values follow.
  @inline(__always)
  func appendObject(column: Int) {
    append(0, lane: Lane.object, column: column)
    unsafe counters[ColumnCells.rootCount &+ ColumnCells.counterCount &* column] &+= 1
  }

  /// Appends an array, whose elements follow.
  func appendArray(column: Int) {
    let start = unsafe counters[ColumnCells.rootCount &+ ColumnCells.counterCount &* column &+ 1]
    append(UInt64(start), lane: Lane.array, column: column)
  }

  /// Begins the next element of the array that was appended last.
  func beginElement(column: Int) {
    unsafe counters[ColumnCells.rootCount &+ ColumnCells.counterCount &* column &+ 1] &+= 1
  }

  /// Says how many elements a column's arrays have, which were appended without them.
  func setElements(_ count: Int, column: Int) {
    let counter = ColumnCells.rootCount + ColumnCells.counterCount * column + 1
    unsafe counters[counter] = UInt32(truncatingIfNeeded: count)
  }

  /// Appends a map, whose entries follow.
  func appendMap(column: Int) {
    let start = unsafe counters[ColumnCells.rootCount &+ ColumnCells.counterCount &* column &+ 2]
    append(UInt64(start), lane: Lane.map, column: column)
  }

  /// Begins the next entry of the map that was appended last.
  func beginEntry(_ name: Int32, column: Int) {
    let counter = ColumnCells.rootCount &+ ColumnCells.counterCount &* column &+ 2
    let row = unsafe counters[counter]
    append(UInt64(name), row: row, list: column &* Lane.count &+ Lane.mapName)
    unsafe counters[counter] = row &+ 1
  }

  func cells(_ column: Int, _ lane: Int) -> Cells {
    unsafe lists[column * Lane.count + lane]
  }

  /// Elements of a column's arrays.
  func elementCount(_ column: Int) -> Int {
    Int(unsafe counters[ColumnCells.rootCount + ColumnCells.counterCount * column + 1])
  }

  func isEmpty(_ column: Int) -> Bool {
    (0..<Lane.mapName).allSatisfy { unsafe lists[column * Lane.count + $0].count == 0 }
  }
}

/// What a cell of a string lane says: a code, a place in a heap of texts, or a count of units.
enum TextCell {
  /// The code of the column's dictionary.
  @inline(__always)
  static func code(_ code: UInt64) -> UInt64 { code }

  /// A text that begins at an offset of the heap: UInt32 byte count, UTF-8.
  @inline(__always)
  static func heap(_ offset: Int) -> UInt64 { 1 << 62 | UInt64(offset) }

  /// A date or an instant of a style, in its units, which take less than 60 bits.
  @inline(__always)
  static func instant(_ style: UInt8, _ count: Int64) -> UInt64 {
    UInt64(style) << 60 | 1 << 63 | UInt64(bitPattern: count) & 0xFFF_FFFF_FFFF_FFFF
  }

  static func isCode(_ cell: UInt64) -> Bool { cell >> 62 == 0 }

  /// What `code`, `heap` and `instant` put before the number: 0, 4, or 8 and the style.
  @inline(__always)
  static func tag(_ cell: UInt64) -> UInt64 { cell >> 60 }

  static func offset(_ cell: UInt64) -> Int { Int(cell & 0xFFF_FFFF_FFFF_FFFF) }

  @inline(__always)
  static func count(_ cell: UInt64) -> Int64 { Int64(bitPattern: cell << 4) >> 4 }
}
