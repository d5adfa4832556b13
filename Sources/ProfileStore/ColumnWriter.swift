import Bytes
import Domain

/// Writes the columns of one block from values in the loose form.
///
/// A description tells the shape; the numbers, bits and bytes lie behind it in buffers, in the order
/// in which the description speaks of them.
struct ColumnWriter {
  /// A value and the row it belongs to; rows ascend in a list of cells.
  struct Cell {
    var row: Int
    /// Where the value begins.
    var place: Int
  }

  private let values: [UInt8]
  private let names: [Text]
  private var description = ByteWriter()
  private var buffers: [UInt8] = []
  /// For each name the list of its cells in the objects at hand, if `listOwners` says so.
  private var lists: [Int]
  private var listOwners: [Int]
  private var objectLaneCount = 0

  /// Prepares to write values of these bytes, whose field names are numbers of `names`.
  init(values: [UInt8], names: [Text]) {
    self.values = values
    self.names = names
    lists = Array(repeating: 0, count: names.count)
    listOwners = Array(repeating: 0, count: names.count)
  }

  /// The block: byte count of the description, description, buffers; all padded to `multiple`.
  func block(paddedTo multiple: Int) -> [UInt8] {
    var block = ByteWriter(capacity: description.count + buffers.count + 2 * multiple)
    block.write(UInt64(description.count))
    block.writeRaw(description.bytes)
    block.writeRaw(repeatElement(0, count: ColumnFormat.aligned(block.count) - block.count))
    block.writeRaw(buffers)
    let excess = block.count % multiple
    if excess > 0 { block.writeRaw(repeatElement(0, count: multiple - excess)) }
    return block.bytes
  }

  mutating func write(byte: UInt8) { description.write(byte) }

  mutating func write(count: Int) { description.writeVarint(count) }

  // MARK: Columns

  /// Writes the column of these cells.
  ///
  /// - Parameters:
  ///   - cells: the values.
  ///   - rowCount: rows of the column.
  ///   - name: a field of the cells' objects that is left out.
  mutating func write(_ cells: [Cell], rowCount: Int, without name: UInt32? = nil) {
    guard let first = cells.first else { return description.write(0 as UInt8) }
    let kind = ColumnWriter.kind(of: values[first.place])
    if cells.allSatisfy({ ColumnWriter.kind(of: values[$0.place]) == kind }) {
      description.write(1 as UInt8)
      return writeLane(kind, cells, rowCount: rowCount, without: name)
    }
    var byKind: [[Cell]] = Array(repeating: [], count: Int(ColumnFormat.Kind.map))
    for cell in cells { byKind[Int(ColumnWriter.kind(of: values[cell.place]))].append(cell) }
    description.write(UInt8(byKind.count { !$0.isEmpty }))
    for (kind, cells) in byKind.enumerated() where !cells.isEmpty {
      writeLane(UInt8(kind), cells, rowCount: rowCount)
    }
  }

  private static func kind(of tag: UInt8) -> UInt8 {
    switch tag {
    case RowBatch.Tag.no, RowBatch.Tag.yes: ColumnFormat.Kind.boolean
    case RowBatch.Tag.integer: ColumnFormat.Kind.integer
    case RowBatch.Tag.double: ColumnFormat.Kind.double
    case RowBatch.Tag.string: ColumnFormat.Kind.string
    case RowBatch.Tag.array: ColumnFormat.Kind.array
    default: ColumnFormat.Kind.object
    }
  }

  private mutating func writeLane(
    _ kind: UInt8,
    _ cells: [Cell],
    rowCount: Int,
    without name: UInt32? = nil
  ) {
    switch kind {
    case ColumnFormat.Kind.boolean:
      beginLane(kind, cells, rowCount: rowCount)
      write(bits: cells.indices.filter { values[cells[$0].place] == RowBatch.Tag.yes }, cells.count)
    case ColumnFormat.Kind.integer:
      beginLane(kind, cells, rowCount: rowCount)
      write(integers: cells.map { values.load(Int64.self, at: $0.place + 1) })
    case ColumnFormat.Kind.double:
      beginLane(kind, cells, rowCount: rowCount)
      write(cells.map { values.load(UInt64.self, at: $0.place + 1) }, width: 8)
    case ColumnFormat.Kind.string:
      beginLane(kind, cells, rowCount: rowCount)
      writeStrings(cells)
    case ColumnFormat.Kind.array:
      beginLane(kind, cells, rowCount: rowCount)
      writeArrays(cells)
    default: writeObjects(cells, rowCount: rowCount, without: name)
    }
  }

  /// Writes a lane's kind and which rows are in it.
  ///
  /// Lanes of objects always have the bits: so each row of a block is backed by bytes, and no
  /// description claims more rows than the block could hold.
  private mutating func beginLane(_ kind: UInt8, _ cells: [Cell], rowCount: Int) {
    description.write(kind)
    let needsBits = kind == ColumnFormat.Kind.object
    guard cells.count < rowCount || needsBits else {
      return description.write(ColumnFormat.Presence.all)
    }
    description.write(ColumnFormat.Presence.some)
    write(bits: cells.map(\.row), rowCount)
  }

  private mutating func writeArrays(_ cells: [Cell]) {
    var starts: [UInt64] = [0]
    var elements: [Cell] = []
    for cell in cells {
      var place = cell.place + LooseValue.containerHeaderByteCount
      for _ in 0..<LooseValue.count(at: cell.place, in: values) {
        elements.append(Cell(row: elements.count, place: place))
        place = LooseValue.end(of: place, in: values)
      }
      starts.append(UInt64(elements.count))
    }
    write(starts)
    write(elements, rowCount: elements.count)
  }

  private mutating func writeObjects(_ cells: [Cell], rowCount: Int, without left: UInt32?) {
    objectLaneCount += 1
    let owner = objectLaneCount
    var fields: [(name: UInt32, cells: [Cell])] = []
    var entryCount = 0
    for (position, cell) in cells.enumerated() {
      LooseValue.forEachField(of: cell.place, in: values) { name, place in
        if name == left { return }
        if listOwners[Int(name)] != owner {
          listOwners[Int(name)] = owner
          lists[Int(name)] = fields.count
          fields.append((name, []))
        }
        fields[lists[Int(name)]].cells.append(Cell(row: position, place: place))
        entryCount += 1
      }
    }
    if fields.count > ColumnFormat.mapNameCountMin,
      entryCount * ColumnFormat.mapFillInverse < fields.count * cells.count
    {
      beginLane(ColumnFormat.Kind.map, cells, rowCount: rowCount)
      return writeMaps(cells, without: left)
    }
    beginLane(ColumnFormat.Kind.object, cells, rowCount: rowCount)
    description.writeVarint(fields.count)
    for field in fields.sorted(by: { names[Int($0.name)] < names[Int($1.name)] }) {
      description.write(names[Int(field.name)])
      write(field.cells, rowCount: cells.count)
    }
  }

  private mutating func writeMaps(_ cells: [Cell], without left: UInt32?) {
    var starts: [UInt64] = [0]
    var dictionary = DictionaryBuilder()
    var entries: [Cell] = []
    for cell in cells {
      var fields: [(name: Text, place: Int)] = []
      LooseValue.forEachField(of: cell.place, in: values) { name, place in
        if name != left { fields.append((names[Int(name)], place)) }
      }
      for field in fields.sorted(by: { $0.name < $1.name }) {
        dictionary.append(Array(field.name.utf8)[...])
        entries.append(Cell(row: entries.count, place: field.place))
      }
      starts.append(UInt64(entries.count))
    }
    write(starts)
    write(dictionary)
    write(entries, rowCount: entries.count)
  }

  private mutating func writeStrings(_ cells: [Cell]) {
    var dictionary = DictionaryBuilder()
    for cell in cells {
      let start = cell.place + 5
      dictionary.append(values[start..<start + Int(values.load(UInt32.self, at: cell.place + 1))])
    }
    write(dictionary)
  }

  // MARK: Buffers

  /// Writes which rows have an integer, and the integers.
  mutating func write(integers: [Int64], at rows: [Int], rowCount: Int) {
    if rows.count < rowCount {
      description.write(ColumnFormat.Presence.some)
      write(bits: rows, rowCount)
    } else {
      description.write(ColumnFormat.Presence.all)
    }
    write(integers: integers)
  }

  /// Writes numbers whose count the reader knows.
  mutating func write(_ numbers: [UInt64]) {
    let width = PackedNumbers.width(of: numbers.max() ?? 0)
    description.write(UInt8(width))
    write(numbers, width: width)
  }

  private mutating func write(integers: [Int64]) {
    let base = integers.min() ?? 0
    description.writeSignedVarint(base)
    write(integers.map { UInt64(bitPattern: $0 &- base) })
  }

  private mutating func write(_ dictionary: DictionaryBuilder) {
    description.writeVarint(dictionary.entries.count)
    write(dictionary.codes)
    write(dictionary.entries.starts.map(UInt64.init))
    buffers.append(contentsOf: dictionary.entries.bytes)
    pad()
  }

  private mutating func write(_ numbers: [UInt64], width: Int) {
    switch width {
    case 1: for number in numbers { buffers.append(UInt8(truncatingIfNeeded: number)) }
    case 2: for number in numbers { buffers.append(fixed: UInt16(truncatingIfNeeded: number)) }
    case 4: for number in numbers { buffers.append(fixed: UInt32(truncatingIfNeeded: number)) }
    default: for number in numbers { buffers.append(fixed: number) }
    }
    pad()
  }

  /// Writes `count` bits, of which these are set.
  private mutating func write(bits: [Int], _ count: Int) {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for bit in bits { words[bit >> 6] |= 1 << UInt64(bit & 63) }
    write(words, width: 8)
  }

  private mutating func pad() {
    let excess = ColumnFormat.aligned(buffers.count) - buffers.count
    buffers.append(contentsOf: repeatElement(0, count: excess))
  }
}

/// Texts of one column as codes of a dictionary.
private struct DictionaryBuilder {
  private(set) var entries = TextTable()
  private(set) var codes: [UInt64] = []

  mutating func append(_ text: ArraySlice<UInt8>) {
    guard let code = entries.number(of: text) else {
      preconditionFailure("a block of over \(TextTable.countMax) texts; its rows are fewer bytes")
    }
    codes.append(UInt64(code))
  }
}
