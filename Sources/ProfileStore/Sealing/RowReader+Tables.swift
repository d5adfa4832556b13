import Bytes
import Domain

/// Reads values of tables into the cells of columns, a column at a time.
extension RowReader {
  /// Begins so many objects of a root; what is read next is in them.
  mutating func beginObjects(root: Int32, count: Int) {
    let column = Int(columns.columnOfNode[Int(root)])
    for row in 0..<count {
      cells.appendRoot(Int(root))
      cells.append(
        0,
        row: UInt32(truncatingIfNeeded: row),
        lane: ColumnCells.Lane.object,
        column: column
      )
    }
  }

  /// Appends objects of a column.
  func appendObjects(_ rows: [UInt32], column: Int) {
    for row in rows { cells.append(0, row: row, lane: ColumnCells.Lane.object, column: column) }
  }

  /// Appends an array of an object of the column above.
  func appendArray(_ object: UInt32, elementsBefore: Int, column: Int) {
    cells.append(UInt64(elementsBefore), row: object, lane: ColumnCells.Lane.array, column: column)
  }

  /// Says how many elements the arrays of a column have together.
  func endArrays(_ elementCount: Int, column: Int) {
    cells.setElements(elementCount, column: column)
  }

  func column(of place: Int32) -> Int { Int(columns.columnOfNode[Int(place)]) }

  /// Appends the values of a leaf.
  ///
  /// - Parameters:
  ///   - sources: of each table the leaf's column.
  ///   - leaf: its number.
  ///   - found: rows, which may have a value.
  ///   - objects: of each row the number of its object; of the rows of one object one has a value.
  ///   - column: the leaf's column.
  ///   - place: the leaf's place.
  ///   - keys: the profiles' keys.
  func gather(
    _ sources: UnsafeBufferPointer<ColumnSource>,
    _ leaf: Int,
    _ found: UnsafeBufferPointer<TableRow>,
    _ objects: UnsafeBufferPointer<UInt32>,
    _ column: Int,
    _ place: Int32,
    _ keys: SealedKeys
  ) {
    let bit: UInt64 = 1 << UInt64(leaf)
    let dictionary = Int(programs.tree.nodes[Int(place)].dictionary)
    let cells = self.cells
    for position in 0..<found.count {
      let row = unsafe found[position]
      guard row.filled & bit != 0 else { continue }
      let source = unsafe sources[Int(row.table)]
      let index = source.index(of: Int(row.row))
      let object = unsafe objects[position]
      switch source.form {
      case .none, .array: break
      case .boolean:
        let lane = ColumnCells.Lane.boolean
        cells.append(source.boolean(index), row: object, lane: lane, column: column)
      case .integer:
        let lane = ColumnCells.Lane.integer
        cells.append(source.number(index), row: object, lane: lane, column: column)
      case .double:
        let lane = ColumnCells.Lane.double
        cells.append(source.number(index), row: object, lane: lane, column: column)
      case .decimal:
        let number = Int64(bitPattern: source.number(index))
        let value = Double(number) / ColumnFormat.powerOfTen(Int(source.detail))
        let lane = ColumnCells.Lane.double
        cells.append(value.bitPattern, row: object, lane: lane, column: column)
      case .code, .text, .afterKey, .instant:
        let cell = textCell(source, index, dictionary, key: keys, row)
        cells.append(cell, row: object, lane: ColumnCells.Lane.string, column: column)
      }
    }
  }

  @inline(__always)
  private func textCell(
    _ source: ColumnSource,
    _ index: Int,
    _ dictionary: Int,
    key keys: SealedKeys,
    _ row: TableRow
  ) -> UInt64 {
    switch source.form {
    case .code:
      let code = source.code(index)
      if code != ColumnSource.noCode { return TextCell.code(UInt64(code)) }
      return unsafe TextCell.heap(
        heap.append(text: source.entry(Int(truncatingIfNeeded: source.number(index))))
      )
    case .instant:
      return TextCell.instant(source.detail, Int64(bitPattern: source.number(index)))
    case .afterKey:
      return unsafe TextCell.heap(
        heap.append(text: source.text(index), after: keys.bytes(Int(row.ordinal)))
      )
    default:
      let text = unsafe source.text(index)
      if let code = unsafe catalogue.code(of: text, ofDictionary: dictionary) {
        return TextCell.code(UInt64(code))
      }
      return unsafe TextCell.heap(heap.append(text: text))
    }
  }
}
