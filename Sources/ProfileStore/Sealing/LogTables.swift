import Bytes
import Domain

/// The batches of a log when all of them are columns: blocks are gathered from them where they lie.
///
/// Of a batch only what its columns share is kept in memory: the ordinals of its keys, the codes of
/// its texts, and where to find the values of a row. Which rows a range of profiles has is found when
/// its blocks are made.
struct LogTables {
  /// A batch.
  @safe struct Table {
    let layout: TableLayout
    let bytes: UnsafeRawBufferPointer
    /// Of each key.
    let ordinals: [UInt32]
    /// The leaves whose values its columns are, but for those of elements.
    var leaves: [Int] = []
  }

  /// Rows of one kind: attributes or events.
  struct Kind {
    var places: TablePlaces
    /// Of each leaf the columns of all tables.
    var sources: [[ColumnSource]] = []
    /// The leaves of an event's type and time; -1 where there are none.
    var typeLeaf = -1
    var timeLeaf = -1
  }

  private(set) var tables: [Table] = []
  /// By root: of attributes, and of events.
  private(set) var kinds: [Kind]
  /// Rows of each block.
  private(set) var blockRowCounts: [Int]
  /// Events of each code of the dictionary of event types.
  private(set) var typeCounts: [Int] = []
  private(set) var eventCount: UInt64 = 0
  private let arena = NumberArena()
  private let nowhere: ColumnSource

  // The blocks at hand.
  var rows: [TableRow] = []

  init(blockCount: Int) {
    kinds = [
      Kind(places: TablePlaces(root: FieldTree.attributes)),
      Kind(places: TablePlaces(root: FieldTree.events)),
    ]
    blockRowCounts = Array(repeating: 0, count: blockCount)
    nowhere = ColumnSource(arena)
  }

  /// Takes in a batch that was checked.
  ///
  /// - Parameters:
  ///   - layout: of the batch.
  ///   - bytes: stay where they are while this value is used.
  ///   - ordinals: of the batch's keys.
  ///   - blockProfileCount: profiles of a block.
  ///   - transcoder: has the names, places and dictionaries of the shard.
  /// - Returns: whether blocks can be gathered from it and those before.
  mutating func add(
    _ layout: TableLayout,
    _ bytes: UnsafeRawBufferPointer,
    ordinals: [UInt32],
    blockProfileCount: Int,
    _ transcoder: inout RowTranscoder
  ) -> Bool {
    let kind = layout.kind == .event ? 1 : 0
    var table = unsafe Table(layout: layout, bytes: bytes, ordinals: ordinals)
    let rowCount = layout.rowCount
    let leaves = unsafe addColumns(layout.columns, rowCount, in: 0, kind, bytes, &transcoder)
    guard let leaves else { return false }
    table.leaves = leaves
    tables.append(table)
    for kind in kinds.indices {
      for leaf in kinds[kind].sources.indices
      where kinds[kind].sources[leaf].count < tables.count {
        kinds[kind].sources[leaf].append(nowhere)
      }
    }
    if kind == 1 { eventCount += UInt64(layout.rowCount) }
    for row in 0..<layout.rowCount {
      let ordinal = unsafe Int(ordinals[Int(layout.keyNumbers.load(row, from: bytes))])
      blockRowCounts[ordinal / blockProfileCount] &+= 1
    }
    return true
  }

  /// Takes in the columns of rows, or of elements.
  ///
  /// - Returns: their leaves; `nil` when blocks cannot be gathered from them.
  private mutating func addColumns(
    _ columns: [TableLayout.Column],
    _ rowCount: Int,
    in scope: Int,
    _ kind: Int,
    _ bytes: UnsafeRawBufferPointer,
    _ transcoder: inout RowTranscoder
  ) -> [Int]? {
    var leaves: [Int] = []
    for column in columns {
      guard scope > 0 || isReadable(column, kind),
        let leaf = kinds[kind].places.leaf(column, in: scope, &transcoder.programs)
      else { return nil }
      leaves.append(leaf)
      if leaf == kinds[kind].sources.count {
        kinds[kind].sources.append([])
        if scope == 0, kind == 1 { note(leaf, column) }
      }
      while kinds[kind].sources[leaf].count < tables.count {
        kinds[kind].sources[leaf].append(nowhere)
      }
      // Two columns of one kind at one place.
      guard kinds[kind].sources[leaf].count == tables.count else { return nil }
      let source = unsafe ColumnSource(column, rowCount: rowCount, bytes, arena)
      kinds[kind].sources[leaf].append(source)
      unsafe addTexts(column, source, kind: kind, leaf: leaf, bytes, &transcoder)
      guard case .arrays(let inner, _, let elementCount) = column.values,
        let element = kinds[kind].places.nodes[kinds[kind].places.leafNodes[leaf]].element
      else { continue }
      let added = unsafe addColumns(inner, elementCount, in: element, kind, bytes, &transcoder)
      guard added != nil else { return nil }
    }
    return leaves
  }

  /// Notes where the types and times of events are.
  private mutating func note(_ leaf: Int, _ column: TableLayout.Column) {
    if column.names == [ReservedFields.eventType] { kinds[1].typeLeaf = leaf }
    if column.names == [ReservedFields.timestamp] { kinds[1].timeLeaf = leaf }
  }

  /// Whether the type and the time of events can be told from a column.
  private func isReadable(_ column: TableLayout.Column, _ kind: Int) -> Bool {
    guard kind == 1, column.names.count == 1 else { return true }
    let isType = column.names[0] == ReservedFields.eventType
    let isTime = column.names[0] == ReservedFields.timestamp
    guard isType || isTime else { return true }
    // All types, and all times, are values of one kind.
    let known = isType ? kinds[1].typeLeaf : kinds[1].timeLeaf
    let places = kinds[1].places
    guard
      known < 0
        || places.nodes[places.leafNodes[known]].leaves[0].kind
          == TablePlaces.LeafKind(column.values)
    else { return false }
    switch column.values {
    case .dictionary, .texts: return isType
    case .instants, .integers: return isTime
    case .booleans, .doubles, .decimals, .afterKey, .arrays: return false
    }
  }

  /// Gives the texts of a column codes of the shard's dictionaries.
  private mutating func addTexts(
    _ column: TableLayout.Column,
    _ source: ColumnSource,
    kind: Int,
    leaf: Int,
    _ bytes: UnsafeRawBufferPointer,
    _ transcoder: inout RowTranscoder
  ) {
    let node = place(of: leaf, kind: kind)
    let isType = kind == 1 && leaf == kinds[1].typeLeaf
    switch column.values {
    case .dictionary(let entries, let codes):
      let entryCount = entries.byteCounts.count
      transcoder.countHits(max(0, codes.count - entryCount), at: node)
      for entry in 0..<entryCount {
        let code = unsafe transcoder.code(of: source.entry(entry), at: node)
        source.set(
          code: code < 0 ? ColumnSource.noCode : UInt32(truncatingIfNeeded: code),
          ofEntry: entry
        )
      }
      guard isType else { return }
      for index in 0..<codes.count { count(type: Int(source.code(index))) }
    case .texts(let texts):
      for index in 0..<texts.byteCounts.count {
        let code = unsafe transcoder.code(of: source.text(index), at: node)
        if isType { count(type: code) }
        // No more are looked up, and none has to be.
        if code < 0, !isType, transcoder.isClosed(at: node) { break }
      }
    case .booleans, .integers, .doubles, .decimals, .afterKey, .instants, .arrays: break
    }
  }

  private func place(of leaf: Int, kind: Int) -> Int32 {
    kinds[kind].places.nodes[kinds[kind].places.leafNodes[leaf]].place
  }

  @inline(__always)
  private mutating func count(type: Int) {
    guard type >= 0, type != Int(ColumnSource.noCode) else { return }
    if type >= typeCounts.count {
      typeCounts += Array(repeating: 0, count: type + 1 - typeCounts.count)
    }
    typeCounts[type] &+= 1
  }
}

/// One row of a table of the log.
struct TableRow {
  /// Of an event; `Int64.max` without a readable timestamp.
  var instant: Int64
  /// Bit `i` where the row has a value of leaf `i` of its kind.
  var filled: UInt64 = 0
  var ordinal: UInt32
  var table: UInt32
  var row: UInt32
  /// As `RowHeader.type`.
  var type: UInt32
}

extension RowTranscoder {
  /// Counts texts whose codes were known.
  mutating func countHits(_ count: Int, at node: Int32) {
    let dictionary = Int(dictionary(at: node))
    if dictionary >= 0 { dictionaries[dictionary].countHits(count) }
  }

  /// Whether no text of a place is looked up any more.
  func isClosed(at node: Int32) -> Bool {
    let dictionary = Int(programs.tree.nodes[Int(node)].dictionary)
    return dictionary >= 0 && dictionaries[dictionary].isClosed
  }
}
