import Bytes
import Domain

/// Takes the cells of one column of a block, as values of the column's type.
///
/// Each cell is read once. Of all cells that are read one quick way a single one is shown to the
/// column's types, since the others would tell them the same; what is read otherwise is shown always.
extension ShardTables {
  mutating func take(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    var cells = unsafe BlockCells(block, column, text)
    switch unsafe columns[column].type {
    case .integer: takeIntegers(column, &cells, &types)
    case .double: takeDoubles(column, &cells, &types)
    case .boolean: takeBooleans(column, &cells, &types)
    case .string, .date, .instant, .map, nil: takeTexts(column, &cells, &types)
    }
    types.addAlike(cells.alikeCount)
  }

  // MARK: Numbers

  private mutating func takeIntegers(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let place = unsafe self.cells(of: column)
    var shown = unsafe columns[column].shown
    while cells.next() {
      let (start, byteCount) = unsafe (cells.start, cells.byteCount)
      if byteCount <= 19, let number = unsafe PlainNumber(start), number.byteCount == byteCount,
        number.isInteger
      {
        cells.show(CellForm.integer, &shown, &types)
        unsafe append(number.bits, CellForm.integer, cells.row, place)
      } else {
        unsafe types.add(cells.bytes)
        var value: UInt64 = 0
        if case .integer(let integer) = unsafe CellTypes.number(cells.bytes) {
          value = UInt64(bitPattern: integer)
        }
        // What is no integer makes the load void.
        unsafe append(value, CellForm.integer, cells.row, place)
      }
    }
    unsafe columns[column].shown = shown
  }

  private mutating func takeDoubles(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let place = unsafe self.cells(of: column)
    var shown = unsafe columns[column].shown
    while cells.next() {
      let (target, at) = unsafe target(cells.row, place)
      if let (decimal, hasFraction) = unsafe DecimalCell.read(cells.start, cells.byteCount) {
        let form = hasFraction ? CellForm.fraction : CellForm.integer
        cells.show(form, &shown, &types)
        unsafe target.pointee.append(decimal: decimal, row: at)
      } else {
        unsafe types.add(cells.bytes)
        var double = 0.0
        switch unsafe CellTypes.number(cells.bytes) {
        case .integer(let value): double = Double(value)
        case .double(let value): double = value
        default: break
        }
        unsafe target.pointee.append(double: double, row: at)
      }
    }
    unsafe columns[column].shown = shown
  }

  private mutating func takeBooleans(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let place = unsafe self.cells(of: column)
    while cells.next() {
      unsafe types.add(cells.bytes)
      let value: UInt64 = unsafe Tape.boolean(cells.bytes) == true ? 1 : 0
      unsafe append(value, CellForm.boolean, cells.row, place)
    }
  }

  // MARK: Texts

  private mutating func takeTexts(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    if unsafe columns[column].text == .undecided {
      var peek = cells
      guard peek.next() else { return }
      unsafe columns[column].text = firstMode(peek)
    }
    if unsafe columns[column].text == .codes && columns[column].codes.isUseless {
      unsafe columns[column].text = .places
    }
    switch unsafe columns[column].text {
    case .undecided, .codes: takeCodes(column, &cells, &types)
    case .instants(let style):
      if !takeInstants(column, style, &cells, &types) {
        unsafe columns[column].text = .codes
        takeCodes(column, &cells, &types)
      }
    case .afterKey:
      if !takeAfterKey(column, &cells, &types) {
        unsafe columns[column].text = .codes
        takeCodes(column, &cells, &types)
      }
    case .places: takePlaces(column, &cells, &types)
    }
  }

  private func firstMode(_ cells: BlockCells) -> TextMode {
    if let read = unsafe instants.read(cells.start, cells.byteCount) {
      return .instants(read.style)
    }
    return cells.beginsWithKey ? .afterKey : .codes
  }

  /// Takes instants of a style.
  ///
  /// - Returns: whether all were; if not, `cells` is before the first that is none.
  private mutating func takeInstants(
    _ column: Int,
    _ style: InstantStyle,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) -> Bool {
    let place = unsafe self.cells(of: column)
    let form = CellForm.instant(style)
    var shown = unsafe columns[column].shown
    defer { unsafe columns[column].shown = shown }
    while cells.next() {
      guard let read = unsafe instants.read(cells.start, cells.byteCount),
        read.style.isSame(as: style)
      else {
        cells.goBack()
        return false
      }
      cells.show(form, &shown, &types)
      unsafe append(TextPlace.instant(style, read.count), form, cells.row, place)
    }
    return true
  }

  /// Takes texts that begin with the rows' keys.
  ///
  /// - Returns: whether all did; if not, `cells` is before the first that does not.
  private mutating func takeAfterKey(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) -> Bool {
    let place = unsafe self.cells(of: column)
    while cells.next() {
      guard cells.beginsWithKey else {
        cells.goBack()
        return false
      }
      cells.show(&types)
      unsafe append(cells.rest, CellForm.afterKey, cells.row, place)
    }
    return true
  }

  private mutating func takeCodes(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let place = unsafe self.cells(of: column)
    var codes = unsafe columns[column].codes
    while cells.next() {
      cells.show(&types)
      if cells.byteCount <= entryByteCountMax {
        let code = unsafe codes.code(of: cells.start, cells.byteCount)
        unsafe append(UInt64(truncatingIfNeeded: code), CellForm.code, cells.row, place)
      } else {
        unsafe append(cells.cell | TextPlace.whole, CellForm.whole, cells.row, place)
      }
    }
    unsafe columns[column].codes = codes
  }

  private mutating func takePlaces(
    _ column: Int,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let place = unsafe self.cells(of: column)
    while cells.next() {
      cells.show(&types)
      unsafe append(cells.cell | TextPlace.whole, CellForm.whole, cells.row, place)
    }
  }

  // MARK: Values

  /// Appends the value of a row of the block to those of its shard.
  @inline(__always)
  private func append(
    _ value: UInt64,
    _ form: UInt64,
    _ row: Int,
    _ place: UnsafeMutablePointer<TableCells>
  ) {
    let (target, at) = unsafe target(row, place)
    unsafe target.pointee.append(value, form, row: at)
  }

  /// The cells of the shard of a row of the block, and the row there.
  @inline(__always)
  private func target(
    _ row: Int,
    _ place: UnsafeMutablePointer<TableCells>
  ) -> (cells: UnsafeMutablePointer<TableCells>, row: Int) {
    unsafe (
      place + Int(truncatingIfNeeded: rowShards[row]), Int(truncatingIfNeeded: rowPlaces[row])
    )
  }
}
