import Bytes
import Domain

/// Takes the cells of one column of a block, as values of the column's type.
///
/// Each cell is read once. Of all cells that are read one quick way a single one is shown to the
/// column's types, since the others would tell them the same; what is read otherwise is shown always.
extension RecordTables {
  mutating func take(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    var cells = unsafe BlockCells(block, column, text)
    let column = unsafe columns + column
    switch unsafe column.pointee.type {
    case .integer: unsafe takeIntegers(column, &cells, &types)
    case .double: unsafe takeDoubles(column, &cells, &types)
    case .boolean: unsafe takeBooleans(column, &cells, &types)
    case .string, .date, .instant, .map, nil: unsafe takeTexts(column, &cells, &types)
    }
    types.addAlike(cells.alikeCount)
  }

  // MARK: Numbers

  private func takeIntegers(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let values = unsafe column.pointee.cells.end
    var count = 0
    var shown = unsafe column.pointee.shown
    while cells.next() {
      let (start, byteCount) = unsafe (cells.start, cells.byteCount)
      if byteCount <= 19, let number = unsafe PlainNumber(start), number.byteCount == byteCount,
        number.isInteger
      {
        cells.show(CellForm.integer, &shown, &types)
        unsafe values[count] = number.bits
      } else {
        unsafe types.add(cells.bytes)
        if unsafe CellTypes.isBlank(cells.bytes) {
          cells.leaveOut()
          continue
        }
        var value: UInt64 = 0
        if case .integer(let integer) = unsafe CellTypes.number(cells.bytes) {
          value = UInt64(bitPattern: integer)
        }
        // What is no integer makes the load void.
        unsafe values[count] = value
      }
      count &+= 1
    }
    unsafe column.pointee.cells.extend(by: count, CellForm.integer)
    unsafe column.pointee.shown = shown
  }

  private func takeDoubles(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    var shown = unsafe column.pointee.shown
    while cells.next() {
      if let (decimal, hasFraction) = unsafe DecimalCell.read(cells.start, cells.byteCount) {
        let form = hasFraction ? CellForm.fraction : CellForm.integer
        cells.show(form, &shown, &types)
        unsafe column.pointee.cells.append(decimal: decimal)
      } else {
        unsafe types.add(cells.bytes)
        if unsafe CellTypes.isBlank(cells.bytes) {
          cells.leaveOut()
          continue
        }
        var double = 0.0
        switch unsafe CellTypes.number(cells.bytes) {
        case .integer(let value): double = Double(value)
        case .double(let value): double = value
        default: break
        }
        unsafe column.pointee.cells.append(double: double)
      }
    }
    unsafe column.pointee.shown = shown
  }

  private func takeBooleans(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    while cells.next() {
      unsafe types.add(cells.bytes)
      let value: UInt64 = unsafe Tape.boolean(cells.bytes) == true ? 1 : 0
      unsafe column.pointee.cells.append(value, CellForm.boolean)
    }
  }

  // MARK: Texts

  private func takeTexts(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    if unsafe column.pointee.text == .undecided {
      var peek = cells
      guard peek.next() else { return }
      unsafe column.pointee.text = firstMode(peek)
    }
    if unsafe column.pointee.text == .codes && column.pointee.codes.isUseless {
      unsafe column.pointee.text = .places
    }
    switch unsafe column.pointee.text {
    case .undecided, .codes: unsafe takeCodes(column, &cells, &types)
    case .instants(let style):
      if unsafe !takeInstants(column, style, &cells, &types) {
        unsafe column.pointee.text = .codes
        unsafe takeCodes(column, &cells, &types)
      }
    case .afterKey:
      if unsafe !takeAfterKey(column, &cells, &types) {
        unsafe column.pointee.text = .codes
        unsafe takeCodes(column, &cells, &types)
      }
    case .places: unsafe takePlaces(column, &cells, &types)
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
  private func takeInstants(
    _ column: UnsafeMutablePointer<Column>,
    _ style: InstantStyle,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) -> Bool {
    let values = unsafe column.pointee.cells.end
    let form = CellForm.instant(style)
    var count = 0
    var shown = unsafe column.pointee.shown
    var areAll = true
    while cells.next() {
      guard let read = unsafe instants.read(cells.start, cells.byteCount),
        read.style.isSame(as: style)
      else {
        cells.goBack()
        areAll = false
        break
      }
      cells.show(form, &shown, &types)
      unsafe values[count] = TextPlace.instant(style, read.count)
      count &+= 1
    }
    unsafe column.pointee.cells.extend(by: count, form)
    unsafe column.pointee.shown = shown
    return areAll
  }

  /// Takes texts that begin with the rows' keys.
  ///
  /// - Returns: whether all did; if not, `cells` is before the first that does not.
  private func takeAfterKey(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) -> Bool {
    let values = unsafe column.pointee.cells.end
    var count = 0
    var areAll = true
    while cells.next() {
      guard cells.beginsWithKey else {
        cells.goBack()
        areAll = false
        break
      }
      cells.show(&types)
      unsafe values[count] = cells.rest
      count &+= 1
    }
    unsafe column.pointee.cells.extend(by: count, CellForm.afterKey)
    return areAll
  }

  private func takeCodes(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let values = unsafe column.pointee.cells.end
    let entryByteCountMax = entryByteCountMax
    var count = 0
    var forms: UInt64 = 0
    var codes = unsafe column.pointee.codes
    while cells.next() {
      cells.show(&types)
      if cells.byteCount <= entryByteCountMax {
        let code = unsafe codes.code(of: cells.start, cells.byteCount)
        unsafe values[count] = UInt64(truncatingIfNeeded: code)
        forms |= CellForm.code
      } else {
        unsafe values[count] = cells.cell | TextPlace.whole
        forms |= CellForm.whole
      }
      count &+= 1
    }
    unsafe column.pointee.codes = codes
    unsafe column.pointee.cells.extend(by: count, forms)
  }

  private func takePlaces(
    _ column: UnsafeMutablePointer<Column>,
    _ cells: inout BlockCells,
    _ types: inout CellTypes
  ) {
    let values = unsafe column.pointee.cells.end
    var count = 0
    while cells.next() {
      cells.show(&types)
      unsafe values[count] = cells.cell | TextPlace.whole
      count &+= 1
    }
    unsafe column.pointee.cells.extend(by: count, CellForm.whole)
  }
}
