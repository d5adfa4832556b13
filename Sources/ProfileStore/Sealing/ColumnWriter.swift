import Bytes
import Domain

/// Writes the columns of one block from the cells of its rows.
struct ColumnWriter {
  private typealias Lane = ColumnCells.Lane

  var output = BlockOutput()
  /// What codes of dictionaries mean, and how the file knows the dictionaries and the names.
  private let catalogue: SealedCatalogue
  /// Texts of the column at hand as codes of its own.
  private var texts = TextTable()
  private var scratch: [UInt64] = []

  init(_ catalogue: SealedCatalogue) { self.catalogue = catalogue }

  mutating func removeAll() { output.removeAll() }

  // MARK: Columns

  /// Writes the objects of a root.
  ///
  /// - Parameters:
  ///   - root: 0 or 1.
  ///   - rowCount: rows of the root.
  ///   - reader: has the cells.
  ///   - left: the name of a field that is left out.
  ///   - timestamp: the name of a field whose values are the texts of the events' instants.
  mutating func write(
    root: Int,
    rowCount: Int,
    of reader: inout RowReader,
    without left: Int32? = nil,
    timestamp: Int32? = nil
  ) {
    write(column: root, rowCount: rowCount, &reader, left, timestamp)
  }

  private mutating func write(
    column: Int,
    rowCount: Int,
    _ reader: inout RowReader,
    _ left: Int32? = nil,
    _ timestamp: Int32? = nil
  ) {
    var lanes: [(kind: UInt8, lane: Int)] = []
    for lane in 0..<Lane.mapName where reader.cells.cells(column, lane).count > 0 {
      lanes.append((kind(lane, reader.cells.cells(column, lane)), lane))
    }
    lanes.sort { $0.kind < $1.kind }
    output.write(byte: UInt8(lanes.count))
    for (kind, lane) in lanes {
      let cells = reader.cells.cells(column, lane)
      beginLane(kind, cells, rowCount: rowCount)
      switch lane {
      case Lane.boolean: unsafe output.write(bits: cells.allValues)
      case Lane.integer: unsafe output.write(integers: cells.allIntegers)
      case Lane.double: writeDoubles(kind, cells)
      case Lane.string: writeTexts(kind, cells, column, &reader)
      case Lane.array: writeArrays(cells, column, &reader)
      case Lane.object: writeFields(cells.count, column, &reader, left, timestamp)
      default: writeMaps(cells, column, &reader)
      }
    }
  }

  private func kind(_ lane: Int, _ cells: ColumnCells.Cells) -> UInt8 {
    switch lane {
    case Lane.boolean: ColumnFormat.Kind.boolean
    case Lane.integer: ColumnFormat.Kind.integer
    case Lane.double:
      decimalScale(cells) == nil ? ColumnFormat.Kind.double : ColumnFormat.Kind.decimal
    case Lane.string:
      cells.instantStyle == nil ? ColumnFormat.Kind.string : ColumnFormat.Kind.instantText
    case Lane.array: ColumnFormat.Kind.array
    case Lane.object: ColumnFormat.Kind.object
    default: ColumnFormat.Kind.map
    }
  }

  /// Writes a lane's kind and which rows are in it.
  ///
  /// Lanes of objects always have the bits: so each row of a block is backed by bytes, and no
  /// description claims more rows than the block could hold.
  private mutating func beginLane(_ kind: UInt8, _ cells: ColumnCells.Cells, rowCount: Int) {
    output.write(byte: kind)
    let needsBits = kind == ColumnFormat.Kind.object
    guard cells.count < rowCount || needsBits else {
      return output.write(byte: ColumnFormat.Presence.all)
    }
    output.write(byte: ColumnFormat.Presence.some)
    unsafe output.write(bits: cells.allRows, rowCount)
  }

  private mutating func writeFields(
    _ objectCount: Int,
    _ column: Int,
    _ reader: inout RowReader,
    _ left: Int32?,
    _ timestamp: Int32?
  ) {
    let fields = reader.sortedFields(of: column).filter { field in
      !reader.cells.isEmpty(field) && reader.columns.columns[field].name != left
    }
    output.write(count: fields.count)
    for field in fields {
      let name = reader.columns.columns[field].name
      output.write(count: catalogue.fileName(Int(name), of: reader.programs.names.names))
      if name == timestamp {
        output.write(byte: 1)
        output.write(byte: ColumnFormat.Kind.timestamp)
      } else {
        write(column: field, rowCount: objectCount, &reader)
      }
    }
  }

  private mutating func writeArrays(
    _ cells: ColumnCells.Cells,
    _ column: Int,
    _ reader: inout RowReader
  ) {
    let elementCount = reader.cells.elementCount(column)
    writeStarts(cells, end: elementCount)
    if let element = reader.columns.columns[column].element {
      write(column: element, rowCount: elementCount, &reader)
    } else {
      output.write(byte: 0)
    }
  }

  private mutating func writeMaps(
    _ cells: ColumnCells.Cells,
    _ column: Int,
    _ reader: inout RowReader
  ) {
    let names = reader.cells.cells(column, Lane.mapName)
    writeStarts(cells, end: names.count)
    texts.removeAll()
    scratch.removeAll(keepingCapacity: true)
    for index in 0..<names.count {
      let name = reader.programs.names.names[Int(unsafe names.values[index])]
      var string = name.string
      let code = string.withUTF8 { unsafe texts.number(of: UnsafeRawBufferPointer($0)) }
      scratch.append(UInt64(code ?? 0))
    }
    writeOwnTexts()
    if let values = reader.columns.columns[column].mapValue {
      write(column: values, rowCount: names.count, &reader)
    } else {
      output.write(byte: 0)
    }
  }

  /// Writes where the parts of each cell begin, and at last where the last one's end.
  private mutating func writeStarts(_ cells: ColumnCells.Cells, end: Int) {
    scratch.removeAll(keepingCapacity: true)
    for index in 0..<cells.count { scratch.append(unsafe cells.values[index]) }
    scratch.append(UInt64(end))
    output.write(numbers: scratch)
  }

  // MARK: Doubles

  /// The least scale at which all doubles are decimals.
  private func decimalScale(_ cells: ColumnCells.Cells) -> Int? {
    var scale = 0
    for index in 0..<cells.count {
      let value = Double(bitPattern: unsafe cells.values[index])
      while ColumnWriter.decimal(value, scale) == nil {
        scale += 1
        if scale > Decimal.scaleMax { return nil }
      }
    }
    // What is exact at a scale may be too large at the next.
    for index in 0..<cells.count
    where ColumnWriter.decimal(Double(bitPattern: unsafe cells.values[index]), scale) == nil {
      return nil
    }
    return scale
  }

  /// The whole number that gives back the very double when it is divided by the scale's power.
  @inline(__always)
  private static func decimal(_ value: Double, _ scale: Int) -> Int64? {
    let power = ColumnFormat.powerOfTen(scale)
    let scaled = (value * power).rounded(.toNearestOrEven)
    guard scaled.magnitude <= 9_007_199_254_740_992, scaled / power == value,
      scaled != 0 || value.sign == .plus
    else { return nil }
    return Int64(scaled)
  }

  private mutating func writeDoubles(_ kind: UInt8, _ cells: ColumnCells.Cells) {
    guard kind == ColumnFormat.Kind.decimal, let scale = decimalScale(cells) else {
      return unsafe output.write(words: cells.allValues)
    }
    output.write(byte: UInt8(scale))
    let integers = (0..<cells.count).map { index in
      ColumnWriter.decimal(Double(bitPattern: unsafe cells.values[index]), scale) ?? 0
    }
    unsafe integers.withUnsafeBufferPointer { unsafe output.write(integers: $0) }
  }

  // MARK: Texts

  private mutating func writeTexts(
    _ kind: UInt8,
    _ cells: ColumnCells.Cells,
    _ column: Int,
    _ reader: inout RowReader
  ) {
    if kind == ColumnFormat.Kind.instantText, let style = cells.instantStyle {
      output.write(byte: style.rawValue)
      let counts = (0..<cells.count).map { unsafe TextCell.count(cells.values[$0]) }
      return unsafe counts.withUnsafeBufferPointer { unsafe output.write(integers: $0) }
    }
    let dictionary = Int(reader.columns.columns[column].dictionary)
    let isShared = dictionary >= 0 && catalogue.fileDictionary(dictionary) != nil
    var bits: UInt64 = 0
    for index in 0..<cells.count { unsafe bits |= cells.values[index] }
    if isShared, TextCell.isCode(bits), let number = catalogue.fileDictionary(dictionary) {
      output.write(byte: ColumnFormat.Texts.shared)
      output.write(count: number)
      return unsafe output.write(numbers: cells.allValues)
    }
    let places = textPlaces(cells, dictionary, reader.heap)
    texts.removeAll()
    scratch.removeAll(keepingCapacity: true)
    for place in places {
      scratch.append(UInt64(unsafe texts.number(of: reader.heap.text(at: place)) ?? 0))
    }
    if 4 * texts.count <= 3 * cells.count || cells.count == 1 { return writeOwnTexts() }
    output.write(byte: ColumnFormat.Texts.plain)
    scratch.removeAll(keepingCapacity: true)
    var start = 0
    for place in places {
      scratch.append(UInt64(start))
      start += unsafe reader.heap.text(at: place).count
    }
    scratch.append(UInt64(start))
    output.write(numbers: scratch, .last)
    for place in places { unsafe output.append(text: reader.heap.text(at: place)) }
    output.endTexts()
  }

  /// Writes the texts of `texts` with the codes in `scratch`.
  private mutating func writeOwnTexts() {
    output.write(byte: ColumnFormat.Texts.own)
    output.write(count: texts.count)
    output.write(numbers: scratch)
    output.write(numbers: texts.starts.map(UInt64.init), .last)
    unsafe texts.bytes.withUnsafeBytes { unsafe output.append(text: $0) }
    output.endTexts()
  }

  /// Where on the heap each text is, after codes, dates and instants were written out there.
  private func textPlaces(
    _ cells: ColumnCells.Cells,
    _ dictionary: Int,
    _ heap: OutputBuffer
  ) -> [Int] {
    (0..<cells.count).map { index in
      let cell = unsafe cells.values[index]
      let tag = TextCell.tag(cell)
      if tag == 4 { return TextCell.offset(cell) }
      if tag == 0 {
        return unsafe catalogue.text(Int(cell), ofDictionary: dictionary).withUnsafeBytes {
          unsafe heap.append(text: $0)
        }
      }
      var bytes: [UInt8] = []
      if let style = InstantStyle(rawValue: UInt8(tag & 7)) {
        style.append(TextCell.count(cell), to: &bytes)
      }
      return unsafe bytes.withUnsafeBytes { unsafe heap.append(text: $0) }
    }
  }
}

extension ColumnCells.Cells {
  /// The style that all texts of a lane are dates or instants of.
  var instantStyle: InstantStyle? {
    guard count > 0 else { return nil }
    let tag = unsafe TextCell.tag(values[0])
    guard tag > 8, let style = InstantStyle(rawValue: UInt8(tag & 7)) else { return nil }
    for index in 0..<count where unsafe TextCell.tag(values[index]) != tag { return nil }
    return style
  }

  var allRows: UnsafeBufferPointer<UInt32> {
    unsafe UnsafeBufferPointer(start: rows, count: count)
  }

  var allValues: UnsafeBufferPointer<UInt64> {
    unsafe UnsafeBufferPointer(start: values, count: count)
  }

  var allIntegers: UnsafeBufferPointer<Int64> {
    unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(values).assumingMemoryBound(to: Int64.self),
      count: count
    )
  }
}
