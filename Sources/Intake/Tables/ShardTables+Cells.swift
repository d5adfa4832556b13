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
    switch unsafe columns[column].type {
    case .integer: unsafe takeIntegers(column, block, text, &types)
    case .double: unsafe takeDoubles(column, block, text, &types)
    case .boolean: unsafe takeBooleans(column, block, text, &types)
    case .string, .date, .instant, .map, nil: unsafe takeTexts(column, block, text, &types)
    }
  }

  // MARK: Numbers

  private mutating func takeIntegers(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    let place = unsafe cells(of: column)
    var isShown = unsafe columns[column].shown & CellForm.integer != 0
    var alike: UInt64 = 0
    var bits = unsafe RowBits(block.bits(column))
    while let row = bits.next() {
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let start = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      if byteCount <= 19, let number = unsafe PlainNumber(start), number.byteCount == byteCount,
        number.isInteger
      {
        if isShown {
          alike &+= 1
        } else {
          unsafe types.add(UnsafeBufferPointer(start: start, count: byteCount))
          isShown = true
        }
        unsafe append(number.bits, CellForm.integer, row, place)
      } else {
        let slow = unsafe UnsafeBufferPointer(start: start, count: byteCount)
        unsafe types.add(slow)
        var value: UInt64 = 0
        if case .integer(let integer) = unsafe CellTypes.number(slow) {
          value = UInt64(bitPattern: integer)
        }
        // What is no integer makes the load void.
        unsafe append(value, CellForm.integer, row, place)
      }
    }
    if isShown { unsafe columns[column].shown |= CellForm.integer }
    types.addAlike(alike)
  }

  private mutating func takeDoubles(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    let place = unsafe cells(of: column)
    var shown = unsafe columns[column].shown
    var alike: UInt64 = 0
    var bits = unsafe RowBits(block.bits(column))
    while let row = bits.next() {
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let start = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      if let (decimal, hasFraction) = unsafe DecimalCell.read(start, byteCount) {
        let form = hasFraction ? CellForm.fraction : CellForm.integer
        if shown & form != 0 {
          alike &+= 1
        } else {
          unsafe types.add(UnsafeBufferPointer(start: start, count: byteCount))
          shown |= form
        }
        unsafe append(decimal: decimal, row, place)
      } else {
        let slow = unsafe UnsafeBufferPointer(start: start, count: byteCount)
        unsafe types.add(slow)
        var double = 0.0
        switch unsafe CellTypes.number(slow) {
        case .integer(let value): double = Double(value)
        case .double(let value): double = value
        default: break
        }
        if let decimal = DecimalCell.cell(double) {
          unsafe append(decimal: decimal, row, place)
        } else {
          unsafe append(double: double, row, place)
        }
      }
    }
    unsafe columns[column].shown = shown
    types.addAlike(alike)
  }

  @inline(__always)
  private func append(
    decimal: UInt64,
    _ row: Int,
    _ place: UnsafeMutablePointer<Cells>
  ) {
    let areBits = unsafe place[Int(rowShards[row])].forms & CellForm.double != 0
    let value = areBits ? DecimalCell.double(decimal).bitPattern : decimal
    unsafe append(value, CellForm.fraction, row, place)
  }

  /// Appends a double that is no decimal: from now on all of the table are kept by their bits.
  @inline(never)
  private func append(double: Double, _ row: Int, _ place: UnsafeMutablePointer<Cells>) {
    let cells = unsafe place + Int(rowShards[row])
    if unsafe cells.pointee.forms & CellForm.double == 0 {
      for index in unsafe 0..<cells.pointee.count {
        unsafe cells.pointee.values[index] =
          DecimalCell.double(cells.pointee.values[index]).bitPattern
      }
    }
    unsafe append(double.bitPattern, CellForm.double, row, place)
  }

  private mutating func takeBooleans(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    let place = unsafe cells(of: column)
    var bits = unsafe RowBits(block.bits(column))
    while let row = bits.next() {
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let whole = unsafe UnsafeBufferPointer(
        start: text + TextPlace.offset(cell),
        count: TextPlace.byteCount(cell)
      )
      unsafe types.add(whole)
      let value: UInt64 = unsafe Tape.boolean(whole) == true ? 1 : 0
      unsafe append(value, CellForm.boolean, row, place)
    }
  }

  // MARK: Texts

  private mutating func takeTexts(
    _ column: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    var bits = unsafe RowBits(block.bits(column))
    if unsafe columns[column].text == .undecided {
      var peek = bits
      guard let row = peek.next() else { return }
      unsafe columns[column].text = firstMode(column, row, block, text)
    }
    if unsafe columns[column].text == .codes && columns[column].codes.isUseless {
      unsafe columns[column].text = .places
    }
    switch unsafe columns[column].text {
    case .undecided, .codes: unsafe takeCodes(column, &bits, block, text, &types)
    case .instants(let style):
      if unsafe !takeInstants(column, style, &bits, block, text, &types) {
        unsafe columns[column].text = .codes
        unsafe takeCodes(column, &bits, block, text, &types)
      }
    case .afterKey:
      if unsafe !takeAfterKey(column, &bits, block, text, &types) {
        unsafe columns[column].text = .codes
        unsafe takeCodes(column, &bits, block, text, &types)
      }
    case .places: unsafe takePlaces(column, &bits, block, text, &types)
    }
  }

  private func firstMode(
    _ column: Int,
    _ row: Int,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>
  ) -> TextMode {
    let cell = unsafe block.cells[row * columnCount + column]
    let start = unsafe text + TextPlace.offset(cell)
    let byteCount = TextPlace.byteCount(cell)
    if let read = unsafe instants.read(start, byteCount) { return .instants(read.style) }
    return unsafe beginsWithKey(start, byteCount, block.keys[row], text) ? .afterKey : .codes
  }

  /// Takes instants of a style.
  ///
  /// - Returns: whether all were; if not, `bits` is at the first that is none.
  private mutating func takeInstants(
    _ column: Int,
    _ style: InstantStyle,
    _ bits: inout RowBits,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) -> Bool {
    let place = unsafe cells(of: column)
    let form = CellForm.instant(style)
    var isShown = unsafe columns[column].shown & form != 0
    var alike: UInt64 = 0
    var areAll = true
    while true {
      let before = bits
      guard let row = bits.next() else { break }
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let start = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      guard let read = unsafe instants.read(start, byteCount), read.style == style else {
        bits = before
        areAll = false
        break
      }
      if isShown {
        alike &+= 1
      } else {
        unsafe types.add(UnsafeBufferPointer(start: start, count: byteCount))
        isShown = true
      }
      unsafe append(TextPlace.instant(style, read.count), form, row, place)
    }
    if isShown { unsafe columns[column].shown |= form }
    types.addAlike(alike)
    return areAll
  }

  /// Takes texts that begin with the rows' keys.
  ///
  /// - Returns: whether all did; if not, `bits` is at the first that does not.
  private mutating func takeAfterKey(
    _ column: Int,
    _ bits: inout RowBits,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) -> Bool {
    let place = unsafe cells(of: column)
    var alike: UInt64 = 0
    var areAll = true
    while true {
      let before = bits
      guard let row = bits.next() else { break }
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let start = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      guard unsafe beginsWithKey(start, byteCount, block.keys[row], text) else {
        bits = before
        areAll = false
        break
      }
      unsafe show(start, byteCount, &types, &alike)
      let keyByteCount = unsafe TextPlace.byteCount(block.keys[row])
      let rest = unsafe TextPlace.rest(
        text,
        TextPlace.offset(cell) &+ keyByteCount,
        byteCount &- keyByteCount
      )
      unsafe append(rest, CellForm.afterKey, row, place)
    }
    types.addAlike(alike)
    return areAll
  }

  private mutating func takeCodes(
    _ column: Int,
    _ bits: inout RowBits,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    let place = unsafe cells(of: column)
    let byteCountMax = TableBatch.entryByteCountMax
    var codes = unsafe columns[column].codes
    var alike: UInt64 = 0
    while let row = bits.next() {
      let cell = unsafe block.cells[row &* columnCount &+ column]
      let start = unsafe text + TextPlace.offset(cell)
      let byteCount = TextPlace.byteCount(cell)
      unsafe show(start, byteCount, &types, &alike)
      if byteCount <= byteCountMax {
        let code = unsafe codes.code(of: start, byteCount)
        unsafe append(UInt64(truncatingIfNeeded: code), CellForm.code, row, place)
      } else {
        unsafe append(cell | TextPlace.whole, CellForm.whole, row, place)
      }
    }
    unsafe columns[column].codes = codes
    types.addAlike(alike)
  }

  private mutating func takePlaces(
    _ column: Int,
    _ bits: inout RowBits,
    _ block: borrowing CellBlock,
    _ text: UnsafePointer<UInt8>,
    _ types: inout CellTypes
  ) {
    let place = unsafe cells(of: column)
    var alike: UInt64 = 0
    while let row = bits.next() {
      let cell = unsafe block.cells[row &* columnCount &+ column]
      unsafe show(text + TextPlace.offset(cell), TextPlace.byteCount(cell), &types, &alike)
      unsafe append(cell | TextPlace.whole, CellForm.whole, row, place)
    }
    types.addAlike(alike)
  }

  /// Shows a text to the column's types while they are not decided.
  @inline(__always)
  private func show(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ types: inout CellTypes,
    _ alike: inout UInt64
  ) {
    if types.isOpen {
      // The number of a value counts for samples only, which are taken apart.
      unsafe types.add(UnsafeBufferPointer(start: start, count: byteCount))
    } else {
      alike &+= 1
    }
  }

  @inline(__always)
  private func beginsWithKey(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ key: UInt64,
    _ text: UnsafePointer<UInt8>
  ) -> Bool {
    let keyByteCount = TextPlace.byteCount(key)
    return unsafe keyByteCount >= TableScratch.keyByteCountMin && keyByteCount <= byteCount
      && TextWords.areEqual(start, text + TextPlace.offset(key), keyByteCount)
  }

  // MARK: Values

  /// Appends the value of a row of the block to those of its shard.
  @inline(__always)
  private func append(
    _ value: UInt64,
    _ form: UInt64,
    _ row: Int,
    _ place: UnsafeMutablePointer<Cells>
  ) {
    let cells = unsafe place + Int(truncatingIfNeeded: rowShards[row])
    let at = unsafe Int(truncatingIfNeeded: rowPlaces[row])
    let count = unsafe cells.pointee.count
    if unsafe count == cells.pointee.capacity { unsafe grow(cells) }
    unsafe cells.pointee.values[count] = value
    unsafe cells.pointee.count = count &+ 1
    unsafe cells.pointee.forms |= form
    unsafe cells.pointee.presence[at &>> 3] |= 1 &<< UInt8(truncatingIfNeeded: at & 7)
  }

  @inline(never)
  private func grow(_ cells: UnsafeMutablePointer<Cells>) {
    let capacity = unsafe max(64, 2 * cells.pointee.capacity)
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
    unsafe values.update(from: cells.pointee.values, count: cells.pointee.count)
    if unsafe cells.pointee.capacity > 0 { unsafe cells.pointee.values.deallocate() }
    unsafe cells.pointee.values = values
    unsafe cells.pointee.capacity = capacity
  }
}

/// The rows of a block in which a column has a cell, in order.
@safe struct RowBits {
  private let words: UnsafeMutablePointer<UInt64>
  private var word = 0
  private var rest: UInt64

  init(_ words: UnsafeMutablePointer<UInt64>) {
    unsafe self.words = words
    unsafe rest = words[0]
  }

  @inline(__always)
  mutating func next() -> Int? {
    while rest == 0 {
      word &+= 1
      if word >= CellBlock.wordCount { return nil }
      unsafe rest = words[word]
    }
    let row = word &* 64 &+ rest.trailingZeroBitCount
    rest &= rest &- 1
    return row
  }
}
