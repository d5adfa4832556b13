import Bytes
import Domain

/// How the cells of a CSV file become a row: nested objects by the dotted names of the header.
struct ColumnPlan: Sendable {
  private enum Step: Sendable {
    /// Opens an object of so many steps, its end included.
    case open(name: Int32)
    case close
    case cell(index: Int, name: Int32, type: FieldType?)
  }

  /// One name of the header's tree.
  private struct Node: Sendable {
    var name: Text
    var column: Int?
    var children: [Node] = []
  }

  /// The most columns of a file.
  static let columnCountMax = 10_000

  private let roots: [Node]
  let types: [FieldType?]
  let columns: [Text]
  let separator: UInt8
  private var steps: [Step] = []
  private var generation = -1
  /// The objects that are being made.
  private var open: [Int] = []

  /// Makes the plan of a header.
  ///
  /// - Parameters:
  ///   - header: the names of the columns, in order.
  ///   - types: the types found by the survey, by path; columns without one keep their text open.
  ///   - separator: stands between cells.
  ///   - file: the file's name, for errors.
  /// - Throws: when a column has no usable name, or one comes twice.
  init(
    header: [Text],
    types: [Text: FieldType],
    separator: UInt8,
    file: String
  ) throws(IntakeError) {
    guard header.count <= ColumnPlan.columnCountMax else {
      throw .badHeader(
        file: file,
        reason: "\(header.count) columns, at most \(ColumnPlan.columnCountMax) allowed"
      )
    }
    var roots: [Node] = []
    for (index, column) in header.enumerated() {
      guard let path = FieldPath(column) else {
        throw .badHeader(
          file: file,
          reason: "column \(index + 1) is named '\(Printable.text(column.utf8, byteCountMax: 80))'"
        )
      }
      guard ColumnPlan.insert(path.names[...], index, into: &roots) else {
        throw .badHeader(
          file: file,
          reason: "the column '\(Printable.text(column.utf8, byteCountMax: 80))' comes twice, "
            + "or lies within another"
        )
      }
    }
    self.roots = roots
    self.types = header.map { types[$0] }
    columns = header
    self.separator = separator
  }

  private static func insert(
    _ names: ArraySlice<Text>,
    _ column: Int,
    into nodes: inout [Node]
  ) -> Bool {
    guard let name = names.first else { return false }
    let isLeaf = names.count == 1
    guard let index = nodes.firstIndex(where: { $0.name == name }) else {
      var node = Node(name: name, column: isLeaf ? column : nil)
      if !isLeaf, !insert(names.dropFirst(), column, into: &node.children) { return false }
      nodes.append(node)
      return true
    }
    guard !isLeaf, nodes[index].column == nil else { return false }
    return insert(names.dropFirst(), column, into: &nodes[index].children)
  }

  /// Gives every name of the header's tree to `body`, outer ones first: what `body` gave for the one
  /// that it is in, 0 for none, the name, and the column of a leaf.
  func forEach(_ body: (Int, Text, Int?) -> Int) {
    func give(_ nodes: [Node], _ parent: Int) {
      for node in nodes { give(node.children, body(parent, node.name, node.column)) }
    }
    give(roots, 0)
  }

  /// Makes a row of the cells of a record.
  ///
  /// - Parameters:
  ///   - cells: as many as there are columns.
  ///   - isTyped: whether cells of a column with a type become values of it.
  ///   - tape: takes the row; what is respelled in it stays.
  ///   - names: numbers of names.
  mutating func read(
    _ cells: borrowing CellList,
    isTyped: Bool,
    into tape: inout Tape,
    names: inout NameTable
  ) {
    tape.removeEntries()
    if generation != names.generation {
      generation = names.generation
      steps = []
      for node in roots { append(node, &names) }
    }
    tape.append(.object, name: -1, bits: 0)
    open.append(0)
    for step in steps {
      switch step {
      case .open(let name):
        open.append(tape.entries.count)
        tape.append(.object, name: name, bits: 0)
      case .close:
        let index = open.removeLast()
        if tape.entries.count == index + 1 {
          // Nothing in it: as if it were not there.
          tape.entries.removeLast()
        } else {
          tape.closePlain(index)
          tape.entries[open[open.count - 1]].bits += 1
        }
      case .cell(let index, let name, let type):
        let cell = cells[index]
        if cell.count == 0 { continue }
        if isTyped, type?.isNumber == true,
          unsafe tape.withBytes(cell, { unsafe CellTypes.isBlank($0) })
        {
          continue
        }
        tape.append(
          .cell,
          name: name,
          bits: UInt64(truncatingIfNeeded: cell.offset),
          extent: Int32(truncatingIfNeeded: cell.count)
        )
        tape.entries[open[open.count - 1]].bits += 1
        if isTyped, let type { _ = tape.type(tape.entries.count - 1, as: type) }
      }
    }
    open.removeLast()
    tape.closePlain(0)
  }

  private mutating func append(_ node: Node, _ names: inout NameTable) {
    let name = names.number(node.name)
    if let column = node.column {
      steps.append(.cell(index: column, name: name, type: types[column]))
      return
    }
    steps.append(.open(name: name))
    for child in node.children { append(child, &names) }
    steps.append(.close)
  }
}

extension Tape {
  /// Turns a CSV cell into a value of a type.
  ///
  /// - Returns: whether the cell can be read so; if not, it stays as it is.
  mutating func type(_ index: Int, as type: FieldType) -> Bool {
    let entry = entries[index]
    let place = place(entry)
    switch type {
    case .integer:
      guard case .integer(let value) = number(place) else { return false }
      set(index, .integer, UInt64(bitPattern: value))
    case .double:
      switch number(place) {
      case .integer(let value): set(index, .double, Double(value).bitPattern)
      case .double(let value): set(index, .double, value.bitPattern)
      default: return false
      }
    case .boolean:
      guard let value = unsafe withBytes(place, { unsafe Tape.boolean($0) }) else { return false }
      set(index, .boolean, value ? 1 : 0)
    case .string: entries[index].tag = .string
    case .date:
      guard let time = time(place), time.isDateOnly else { return false }
      entries[index].tag = .string
    case .instant:
      switch number(place) {
      case .integer(let value): set(index, .integer, UInt64(bitPattern: value))
      case .double(let value): set(index, .double, value.bitPattern)
      default: return normalizeInstant(index)
      }
    case .map: return false
    }
    return true
  }

  /// The longest cell that can be a number, in bytes: as long as the longest key.
  static let numberByteCountMax = KeyRule.byteCountMax

  /// The number that a piece of the text is.
  func number(_ place: Place) -> NumberText.Reading? {
    unsafe withBytes(place) { unsafe CellTypes.number($0) }
  }

  /// The time that a piece of the text is, as the language reads it.
  func time(_ place: Place) -> TimeText? { unsafe withBytes(place) { unsafe TimeText($0) } }

  /// Makes sure that a text is a time as the language reads it, rewriting the near forms.
  mutating func normalizeInstant(_ index: Int) -> Bool {
    let place = place(entries[index])
    if time(place) == nil {
      let written = bytes(place)
      guard let time = TimeText(written, style: .relaxed) else { return false }
      let spelled = Tape.strictSpelling(written)
      guard TimeText(spelled) == time else { return false }
      let strict = respell(spelled)
      entries[index].bits = UInt64(strict.offset)
      entries[index].extent = Int32(strict.count)
    }
    entries[index].tag = .string
    return true
  }

  /// The relaxed spelling with `T` and `Z`, and no space before the offset.
  private static func strictSpelling(_ written: [UInt8]) -> [UInt8] {
    var spelled = written
    if spelled.count > 10 { spelled[10] = UInt8(ascii: "T") }
    if spelled.last == UInt8(ascii: "z") { spelled[spelled.count - 1] = UInt8(ascii: "Z") }
    return spelled.filter { $0 != 0x20 }
  }

  /// `true` and `false` in any case.
  static func boolean(_ cell: UnsafeBufferPointer<UInt8>) -> Bool? {
    switch cell.count {
    case 4: unsafe cell.lazy.map { $0 | 0x20 }.elementsEqual("true".utf8) ? true : nil
    case 5: unsafe cell.lazy.map { $0 | 0x20 }.elementsEqual("false".utf8) ? false : nil
    default: nil
    }
  }

  private mutating func set(_ index: Int, _ tag: Tag, _ bits: UInt64) {
    entries[index].tag = tag
    entries[index].bits = bits
    entries[index].extent = 0
  }
}
