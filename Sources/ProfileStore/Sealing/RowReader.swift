import Bytes
import Domain

/// Reads rows' values into the cells of columns.
///
/// Values are as `RowTranscoder` writes them and were checked by it: nothing is checked again.
struct RowReader {
  private typealias Step = ShapePrograms.Step

  /// Where in the rows' bytes the next value is.
  @safe private struct Place {
    /// Valid while the rows are read: whoever gives them holds them.
    var next: UnsafePointer<UInt8>

    @inline(__always)
    mutating func byte() -> UInt8 {
      defer { unsafe next += 1 }
      return unsafe next.pointee
    }

    @inline(__always)
    mutating func varint() -> UInt64 {
      let first = unsafe next.pointee
      unsafe next += 1
      if first < 0x80 { return UInt64(first) }
      var value = UInt64(first & 0x7F)
      var shift: UInt64 = 7
      while true {
        let byte = unsafe next.pointee
        unsafe next += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift &+= 7
      }
    }

    @inline(__always)
    mutating func signed() -> Int64 {
      let raw = varint()
      return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    mutating func bits() -> UInt64 {
      defer { unsafe next += 8 }
      return unsafe UnsafeRawPointer(next).loadUnaligned(as: UInt64.self).littleEndian
    }

    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
      defer { unsafe next += count }
      return unsafe UnsafeRawBufferPointer(start: next, count: count)
    }
  }

  var programs: ShapePrograms
  private(set) var columns = ColumnTree()
  let cells = ColumnCells()
  /// Texts of cells that are no codes.
  let heap = OutputBuffer()
  /// For each shape, first of attributes and then of events, the index of its program.
  private var rowPrograms: [Int32] = []

  let catalogue: SealedCatalogue

  /// Prepares to read rows of these shapes, whose codes are of the catalogue's dictionaries.
  init(_ programs: ShapePrograms, _ catalogue: SealedCatalogue) {
    self.programs = programs
    self.catalogue = catalogue
    extend()
  }

  private mutating func extend() {
    columns.extend(by: programs.tree)
    cells.extend(by: columns)
  }

  /// Gives the fields of a column's objects by ascending name.
  mutating func sortedFields(of column: Int) -> [Int] {
    columns.sortedFields(of: column, programs.names.names)
  }

  /// Forgets the cells of the rows that were read.
  func removeAll() {
    cells.removeAll()
    heap.removeAll()
  }

  /// Reads one row into the columns of a root.
  ///
  /// - Parameters:
  ///   - row: its header.
  ///   - values: what follows the header; stays where it is.
  ///   - key: the profile's key.
  mutating func read(_ row: RowHeader, _ values: UnsafePointer<UInt8>, key: UnsafeRawBufferPointer)
  {
    let root = row.isEvent ? FieldTree.events : FieldTree.attributes
    var place = unsafe Place(next: values)
    let program = program(of: row, &place)
    cells.appendRoot(Int(root))
    unsafe read(program.steps, 0..<program.steps.count, &place, key)
  }

  /// Reads the attributes of a profile that has none.
  mutating func readNothing() {
    cells.appendRoot(Int(FieldTree.attributes))
    begin(object: Int(columns.columnOfNode[Int(FieldTree.attributes)]))
  }

  /// The column of a field of a root's objects; `nil` when they are maps or have none.
  func field(_ name: Int32, of root: Int) -> Int? {
    columns.columns[root].fields.first { columns.columns[$0].name == name }
  }

  /// Reads several attributes rows of one profile as one object: of each field the last row's value.
  mutating func read(
    merging places: [Int],
    of bytes: UnsafeRawBufferPointer,
    key: UnsafeRawBufferPointer
  ) {
    var fields: [Int32: (row: Int, steps: Range<Int>, place: Place)] = [:]
    var programs: [ShapePrograms.Program] = []
    for (index, row) in places.enumerated() {
      var place = unsafe Place(next: RowHeader.values(bytes, at: row))
      let program = unsafe program(of: RowHeader(bytes, at: row), &place)
      programs.append(program)
      var step = 1
      while step < program.steps.count {
        let steps = step..<Int(program.steps[step].end)
        if !program.steps[step].isDropped {
          fields[program.steps[step].node] = (index, steps, place)
        }
        pass(program.steps, steps, &place)
        step = steps.upperBound
      }
    }
    cells.appendRoot(Int(FieldTree.attributes))
    let column = columns.columnOfNode[Int(FieldTree.attributes)]
    begin(object: Int(column))
    for field in fields.sorted(by: { $0.key < $1.key }).map(\.value) {
      var place = field.place
      unsafe read(programs[field.row].steps, field.steps, &place, key)
    }
  }

  private mutating func program(
    of row: RowHeader,
    _ place: inout Place
  ) -> ShapePrograms.Program {
    let root = row.isEvent ? FieldTree.events : FieldTree.attributes
    guard row.shape != RowHeader.inlineShape else {
      let byteCount = unsafe UnsafeRawPointer(place.next).loadUnaligned(as: UInt32.self)
        .littleEndian
      _ = unsafe place.bytes(4)
      return program(ofShape: unsafe Array(place.bytes(Int(byteCount))), at: root)
    }
    let index = 2 * Int(row.shape) + Int(root)
    if index < rowPrograms.count, rowPrograms[index] >= 0 {
      return programs.programs[Int(rowPrograms[index])]
    }
    let (program, known) = compiled(Int(row.shape), [], at: root)
    if let known {
      if index >= rowPrograms.count {
        rowPrograms += Array(repeating: -1, count: index + 2 - rowPrograms.count)
      }
      rowPrograms[index] = Int32(truncatingIfNeeded: known)
    }
    return program
  }

  private mutating func program(
    ofShape bytes: [UInt8],
    at node: Int32
  ) -> ShapePrograms.Program {
    compiled(-1, bytes, at: node).program
  }

  private mutating func compiled(
    _ number: Int,
    _ bytes: [UInt8],
    at node: Int32
  ) -> (program: ShapePrograms.Program, index: Int?) {
    do throws(DecodingError) {
      let compiled = try programs.program(ofShape: number, bytes, at: node)
      extend()
      return compiled
    } catch {
      preconditionFailure("a shape of a row that was read before: \(error)")
    }
  }
}

// MARK: Values

extension RowReader {
  private func begin(object column: Int) {
    if columns.columns[column].isMap {
      cells.appendMap(column: column)
    } else {
      cells.appendObject(column: column)
    }
  }

  /// Reads the values of some steps into cells.
  private mutating func read(
    _ steps: [ShapePrograms.Step],
    _ range: Range<Int>,
    _ place: inout Place,
    _ key: UnsafeRawBufferPointer
  ) {
    var index = range.lowerBound
    while index < range.upperBound {
      let step = steps[index]
      if step.isDropped {
        pass(steps, index..<Int(step.end), &place)
        index = Int(step.end)
        continue
      }
      let column = Int(columns.columnOfNode[Int(step.node)])
      if columns.columns[column].kind == .mapValue {
        let node = programs.tree.nodes[Int(step.node)]
        cells.beginEntry(node.name, column: columns.columns[column].parent)
      }
      switch step.kind {
      case .boolean:
        cells.append(UInt64(place.byte()), lane: ColumnCells.Lane.boolean, column: column)
      case .integer:
        cells.append(
          UInt64(bitPattern: place.signed()),
          lane: ColumnCells.Lane.integer,
          column: column
        )
      case .double:
        let number = place.varint()
        let bits =
          number == RowValue.rawDouble
          ? place.bits() : RowValue.double(number).bitPattern
        cells.append(bits, lane: ColumnCells.Lane.double, column: column)
      case .string:
        let number = place.varint()
        let cell: UInt64
        if number & 1 == 0 {
          cell = code(number >> 1, of: step.node, column)
        } else {
          cell = unsafe text(place.bytes(Int(number >> 1)))
        }
        cells.append(cell, lane: ColumnCells.Lane.string, column: column)
      case .key:
        let byteCount = Int(place.varint())
        let cell = unsafe TextCell.heap(heap.append(text: place.bytes(byteCount), after: key))
        cells.append(cell, lane: ColumnCells.Lane.string, column: column)
      case .array: unsafe readArray(step, column, &place, key)
      case .object:
        begin(object: column)
        if Int(step.end) == index &+ 1 { _ = place.byte() }
      case .date, .second, .millisecond:
        let style = step.kind.style
        let count = place.signed() &+ RowValue.epoch(style)
        cells.append(
          TextCell.instant(style.rawValue, count),
          lane: ColumnCells.Lane.string,
          column: column
        )
      }
      index &+= 1
    }
  }

  /// The cell of a code of a place's dictionary: a text, if the column is not of that place alone.
  @inline(__always)
  private func code(_ code: UInt64, of node: Int32, _ column: Int) -> UInt64 {
    if columns.columns[column].dictionary >= 0 { return TextCell.code(code) }
    let dictionary = Int(programs.tree.nodes[Int(node)].dictionary)
    return unsafe catalogue.text(Int(code), ofDictionary: dictionary).withUnsafeBytes {
      unsafe text($0)
    }
  }

  /// Puts a text on the heap.
  private func text(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    unsafe TextCell.heap(heap.append(text: bytes))
  }

  private mutating func readArray(
    _ step: ShapePrograms.Step,
    _ column: Int,
    _ place: inout Place,
    _ key: UnsafeRawBufferPointer
  ) {
    cells.appendArray(column: column)
    let node = programs.tree.child(of: step.node, name: FieldTree.element)
    while let program = nextElement(at: node, &place) {
      cells.beginElement(column: column)
      unsafe read(program.steps, 0..<program.steps.count, &place, key)
    }
  }

  private mutating func nextElement(
    at node: Int32,
    _ place: inout Place
  ) -> ShapePrograms.Program? {
    let number = place.varint()
    if number == 0 { return nil }
    if number > 1 { return compiled(Int(number) - 2, [], at: node).program }
    let byteCount = Int(place.varint())
    return program(ofShape: unsafe Array(place.bytes(byteCount)), at: node)
  }

  /// Passes over the values of some steps.
  private mutating func pass(
    _ steps: [ShapePrograms.Step],
    _ range: Range<Int>,
    _ place: inout Place
  ) {
    for index in range {
      let step = steps[index]
      switch step.kind {
      case .boolean: _ = place.byte()
      case .double:
        if place.varint() == RowValue.rawDouble { _ = place.bits() }
      case .string:
        let number = place.varint()
        if number & 1 == 1 { _ = unsafe place.bytes(Int(number >> 1)) }
      case .key: _ = unsafe place.bytes(Int(place.varint()))
      case .array:
        let node = programs.tree.child(of: step.node, name: FieldTree.element)
        while let program = nextElement(at: node, &place) {
          pass(program.steps, 0..<program.steps.count, &place)
        }
      case .object:
        if Int(step.end) == index + 1 { _ = place.byte() }
      case .integer, .date, .second, .millisecond: _ = place.varint()
      }
    }
  }
}
