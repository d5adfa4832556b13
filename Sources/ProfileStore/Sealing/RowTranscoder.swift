import Bytes
import Domain

/// Reads batches row by row and writes each row's values with the codes and names of a shard.
///
/// Total over any bytes. Stricter than `RowBatchReader` in what only a broken sender writes: numbers
/// that are not finite, and attributes named as the profile's events are.
///
/// Values are written as in a batch, with two differences: names and shapes are the shard's, and a
/// string is varint 2 * code of its place's dictionary, or 2 * byte count + 1 and its UTF-8.
struct RowTranscoder {
  /// What a row says besides its values.
  struct Row {
    var kind: RowKind
    /// Index among the batch's keys.
    var key: Int
    /// The number of its shape; -1 when the shape stands before the values: UInt32 byte count, shape.
    var shape: Int
    /// The code of an event's type in its place's dictionary; -1 for none, and for what is no text.
    var type = -1
    /// When an event happened; `Int64.max` without a readable timestamp.
    var instant = Int64.max
  }

  var programs = ShapePrograms()
  /// By number; see `FieldTree.Node.dictionary`.
  var dictionaries: [ColumnDictionary] = []
  /// The values of the row that was read last.
  var output: [UInt8] = []
  /// Whether rows are written, or only checked.
  let isWriting: Bool

  // The batch at hand.
  var cursor = ByteCursor()
  var tables = BatchTables()
  private var rowsLeft = 0
  private var eventsLeft = 0
  private var nameNumbers: [UInt32] = []
  /// For each text the dictionary it was last looked up in, and its code.
  var codes: [(dictionary: Int32, code: Int32)] = []
  /// For each shape its number among the shard's; `unknown` before it was looked up.
  private var shapeNumbers: [Int] = []
  /// For each shape, first of attributes and then of events, the index of its program.
  private var rowPrograms: [Int32] = []
  /// Up to where the batch's bytes were written or are not to be.
  var written = 0

  private static let unknown = -2

  /// Prepares to read batches, and to write their rows unless they are only checked.
  init(isWriting: Bool = true) { self.isWriting = isWriting }

  /// Checks a whole batch.
  static func check(_ bytes: [UInt8]) throws(DecodingError) {
    var transcoder = RowTranscoder(isWriting: false)
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(DecodingError) in
      _ = try unsafe transcoder.begin(bytes)
      while try transcoder.next() != nil {}
    }
  }

  /// Begins a place's dictionary with the entries of a file.
  mutating func addDictionary(_ entries: TextTable, at node: Int32) {
    programs.tree.setDictionary(dictionaries.count, of: node)
    dictionaries.append(
      ColumnDictionary(node: node, isPinned: isPinned(node), entries: entries)
    )
  }

  /// The dictionary of a place, which is begun when there is none; -1 for a place without one.
  mutating func dictionary(at node: Int32) -> Int32 {
    let known = programs.tree.nodes[Int(node)].dictionary
    if known >= 0 || programs.tree.isOfMany(node) { return known }
    let number = dictionaries.count
    programs.tree.setDictionary(number, of: node)
    dictionaries.append(ColumnDictionary(node: node, isPinned: isPinned(node)))
    return Int32(truncatingIfNeeded: number)
  }

  /// The code of a text at a place; -1 when it has none.
  mutating func code(of text: UnsafeRawBufferPointer, at node: Int32) -> Int {
    let dictionary = Int(dictionary(at: node))
    guard dictionary >= 0 else { return -1 }
    return unsafe dictionaries[dictionary].code(of: text) ?? -1
  }

  /// Whether the place is the type of events.
  private func isPinned(_ node: Int32) -> Bool {
    let place = programs.tree.nodes[Int(node)]
    return place.parent == FieldTree.events
      && place.name >= 0 && programs.names.names[Int(place.name)] == ReservedFields.eventType
  }

  /// Begins a batch.
  ///
  /// - Parameter bytes: stay where they are until the last row was read.
  /// - Returns: what its rows share.
  /// - Throws: why they are no batch.
  mutating func begin(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodingError) -> BatchTables {
    guard let base = bytes.baseAddress else {
      throw .truncated(at: 0, needed: 1, available: 0)
    }
    unsafe cursor = ByteCursor(base, 0..<bytes.count)
    tables = try BatchTables(&cursor)
    nameNumbers.removeAll(keepingCapacity: true)
    for range in tables.names {
      guard let name = unsafe Text(utf8: cursor.bytes(range)) else {
        throw .invalidUTF8(at: range.lowerBound)
      }
      nameNumbers.append(programs.names.number(of: name))
    }
    codes = Array(repeating: (-1, -1), count: tables.texts.count)
    shapeNumbers = Array(repeating: RowTranscoder.unknown, count: tables.shapes.count)
    rowPrograms = Array(repeating: -1, count: 2 * tables.shapes.count)
    (rowsLeft, eventsLeft) = (tables.rowCount, tables.eventCount)
    return tables
  }

  /// Reads the next row and puts its values into `output`; `nil` after the last one, with nothing
  /// behind it.
  mutating func next() throws(DecodingError) -> Row? {
    guard rowsLeft > 0 else {
      guard cursor.remaining == 0 else {
        throw .trailingBytes(at: cursor.position, count: cursor.remaining)
      }
      guard eventsLeft == 0 else { throw .invalidValue(at: 0, what: "a wrong count of events") }
      return nil
    }
    rowsLeft &-= 1
    let at = cursor.position
    let head = try cursor.readVarint()
    let isEvent = head & 1 == 1
    if isEvent {
      guard eventsLeft > 0 else { throw .invalidValue(at: at, what: "one event too many") }
      eventsLeft &-= 1
    }
    output.removeAll(keepingCapacity: true)
    let program = try rowProgram(head >> 1, isEvent: isEvent)
    let key = try cursor.readVarint()
    guard key < UInt64(tables.keys.count) else {
      throw .invalidValue(at: at, what: "a key of number \(key) of \(tables.keys.count)")
    }
    let outer = cursor.end
    let values = try cursor.readRange()
    cursor.position = values.lowerBound
    cursor.end = values.upperBound
    written = values.lowerBound
    var row = Row(
      kind: isEvent ? .event : .attributes,
      key: Int(key),
      shape: program.shape
    )
    try read(program, depth: 0, &row)
    guard cursor.remaining == 0 else {
      throw .trailingBytes(at: cursor.position, count: cursor.remaining)
    }
    flush(to: cursor.position)
    cursor.end = outer
    return row
  }
}

// MARK: Shapes

extension RowTranscoder {
  private mutating func rowProgram(
    _ number: UInt64,
    isEvent: Bool
  ) throws(DecodingError) -> ShapePrograms.Program {
    let node = isEvent ? FieldTree.events : FieldTree.attributes
    let at = cursor.position
    if number > 0, number <= UInt64(tables.shapes.count) {
      let known = rowPrograms[2 * (Int(number) - 1) + Int(node)]
      if known >= 0 { return programs.programs[Int(known)] }
    }
    let (shape, bytes) = try shape(number)
    guard (bytes.first ?? programs.shapes[shape].first) == RowBatch.Shape.object else {
      throw .invalidValue(at: at, what: "a row that is no object")
    }
    let (program, index) = try programs.program(ofShape: shape, bytes, at: node)
    if let index, number > 0 {
      rowPrograms[2 * (Int(number) - 1) + Int(node)] = Int32(truncatingIfNeeded: index)
    }
    if shape < 0, isWriting {
      output.append(fixed: UInt32(truncatingIfNeeded: bytes.count))
      output.append(contentsOf: bytes)
    }
    return program
  }

  /// The shape of a number less one, or that which follows where it is 0.
  ///
  /// - Returns: its number among the shard's, and its bytes where it has none.
  mutating func shape(
    _ number: UInt64
  ) throws(DecodingError) -> (number: Int, bytes: [UInt8]) {
    let range: Range<Int>
    if number == 0 {
      range = try cursor.readRange()
    } else {
      guard number <= UInt64(tables.shapes.count) else {
        throw .invalidValue(at: cursor.position, what: "a shape of number \(number)")
      }
      let known = shapeNumbers[Int(number) - 1]
      if known >= 0 { return (known, []) }
      range = tables.shapes[Int(number) - 1]
    }
    var bytes: [UInt8] = []
    var shape = unsafe ByteCursor(cursor.base, range)
    try programs.translate(&shape, nameNumbers, into: &bytes)
    let found = programs.number(ofShape: bytes)
    if number > 0 { shapeNumbers[Int(number) - 1] = found }
    return (found, found < 0 ? bytes : [])
  }
}
