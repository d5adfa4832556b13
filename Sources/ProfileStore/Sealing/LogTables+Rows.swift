import Bytes
import Domain

/// The rows of a range of profiles.
extension LogTables {
  /// Finds all rows of a range of profiles, in the order of the log.
  ///
  /// - Parameters:
  ///   - ordinals: the profiles.
  ///   - typeTexts: the dictionary of event types.
  /// - Returns: the places of the rows, by ascending ordinal, those of one as they came; and for each
  ///   profile where its places begin, and at last where the last one's end.
  mutating func findRows(
    of ordinals: Range<Int>,
    typeTexts: TextTable?
  ) -> (places: [Int], starts: [Int]) {
    rows.removeAll(keepingCapacity: true)
    for (number, table) in tables.enumerated() {
      let kind = table.layout.kind == .event ? 1 : 0
      let first = rows.count
      appendRows(of: table, number, ordinals)
      guard rows.count > first else { continue }
      fill(from: first, kind: kind, table: number)
      if kind == 1 { addEvents(from: first, table: number, typeTexts) }
    }
    var starts = [Int](repeating: 0, count: ordinals.count + 1)
    for row in rows { starts[Int(row.ordinal) &- ordinals.lowerBound] &+= 1 }
    var start = 0
    for index in starts.indices {
      let count = starts[index]
      starts[index] = start
      start += count
    }
    var next = starts
    var places = [Int](repeating: 0, count: rows.count)
    for place in rows.indices {
      let profile = Int(rows[place].ordinal) &- ordinals.lowerBound
      places[next[profile]] = place
      next[profile] &+= 1
    }
    return (places, starts)
  }

  private mutating func appendRows(of table: Table, _ number: Int, _ ordinals: Range<Int>) {
    let type: UInt32 = table.layout.kind == .event ? 1 : 0
    let numbers = table.layout.keyNumbers
    for row in 0..<table.layout.rowCount {
      let ordinal = unsafe table.ordinals[Int(numbers.load(row, from: table.bytes))]
      guard ordinals.contains(Int(ordinal)) else { continue }
      rows.append(
        TableRow(
          instant: .max,
          ordinal: ordinal,
          table: UInt32(truncatingIfNeeded: number),
          row: UInt32(truncatingIfNeeded: row),
          type: type
        )
      )
    }
  }

  /// Notes which values the rows of a table have.
  private mutating func fill(from first: Int, kind: Int, table: Int) {
    for leaf in tables[table].leaves {
      let source = kinds[kind].sources[leaf][table]
      for place in first..<rows.count {
        let row = Int(rows[place].row)
        let bit = (source.filled(row &>> 6) &>> UInt64(row & 63)) & 1
        rows[place].filled |= bit &<< UInt64(leaf)
      }
    }
  }

  /// Notes the types and times of a table's events.
  private mutating func addEvents(from first: Int, table: Int, _ typeTexts: TextTable?) {
    let (typeLeaf, timeLeaf) = (kinds[1].typeLeaf, kinds[1].timeLeaf)
    if typeLeaf >= 0 {
      let source = kinds[1].sources[typeLeaf][table]
      let bit: UInt64 = 1 << UInt64(typeLeaf)
      for place in first..<rows.count where rows[place].filled & bit != 0 {
        let index = source.index(of: Int(rows[place].row))
        let code =
          source.form == .code
          ? source.code(index)
          : unsafe typeTexts?.find(source.text(index)).map { UInt32(truncatingIfNeeded: $0) }
            ?? ColumnSource.noCode
        rows[place].type = code == ColumnSource.noCode ? 1 : code &+ 2
      }
    }
    guard timeLeaf >= 0 else { return }
    let source = kinds[1].sources[timeLeaf][table]
    let bit: UInt64 = 1 << UInt64(timeLeaf)
    let unit = InstantStyle(rawValue: source.detail).map(\.unit) ?? 1
    for place in first..<rows.count where rows[place].filled & bit != 0 {
      let number = Int64(bitPattern: source.number(source.index(of: Int(rows[place].row))))
      // Those of texts were checked to be of the years there are.
      rows[place].instant =
        source.form == .instant
        ? number &* unit : Instant(milliseconds: number).clamped.milliseconds
    }
  }
}

/// Blocks take rows by their places in `rows`, and their values column by column.
extension LogTables: BlockRows {
  func header(_ place: Int) -> RowHeader {
    let row = rows[place]
    return RowHeader(ordinal: row.ordinal, type: row.type, instant: row.instant)
  }

  mutating func readAttributes(
    _ places: [Int],
    starts: [Int],
    firstOrdinal: Int,
    _ keys: SealedKeys,
    into reader: inout RowReader
  ) {
    let profileCount = starts.count - 1
    var found: [TableRow] = []
    var profiles: [UInt32] = []
    found.reserveCapacity(profileCount)
    profiles.reserveCapacity(profileCount)
    // Rows of profiles with several: what each has that no later one replaces.
    for profile in 0..<profileCount {
      var replaced: UInt64 = 0
      for place in places[starts[profile]..<starts[profile + 1]].reversed() {
        var row = rows[place]
        let own = fields(of: row.filled)
        row.filled &= ~replaced
        replaced |= own
        found.append(row)
        profiles.append(UInt32(truncatingIfNeeded: profile))
      }
    }
    reader.beginObjects(root: FieldTree.attributes, count: profileCount)
    gatherFields(0, of: 0, found, profiles, keys, without: nil, into: &reader)
  }

  /// The leaves of all fields of the row's object that have a value.
  private func fields(of filled: UInt64) -> UInt64 {
    let places = kinds[0].places
    return places.nodes[0].children.reduce(0) { fields, child in
      let leaves = places.nodes[child].mask
      return filled & leaves != 0 ? fields | leaves : fields
    }
  }

  mutating func readEvents(
    _ places: [Int],
    without left: Int32?,
    _ keys: SealedKeys,
    into reader: inout RowReader
  ) {
    var found: [TableRow] = []
    found.reserveCapacity(places.count)
    for place in places { found.append(rows[place]) }
    reader.beginObjects(root: FieldTree.events, count: places.count)
    gatherFields(
      1,
      of: 0,
      found,
      (0..<UInt32(truncatingIfNeeded: places.count)).map { $0 },
      keys,
      without: left,
      into: &reader
    )
  }

  /// Reads the values of an object's fields.
  ///
  /// - Parameters:
  ///   - kind: of the rows.
  ///   - node: the place of the object in the tree of places.
  ///   - found: the rows that have an object there; of one object maybe several, each with its own
  ///     values.
  ///   - objects: of each row the object's number, ascending.
  ///   - keys: the profiles' keys.
  ///   - left: the name of a field that is not read.
  ///   - reader: takes the values.
  private func gatherFields(
    _ kind: Int,
    of node: Int,
    _ found: [TableRow],
    _ objects: [UInt32],
    _ keys: SealedKeys,
    without left: Int32?,
    into reader: inout RowReader
  ) {
    let places = kinds[kind].places
    for child in places.nodes[node].children where places.nodes[child].name != left {
      gather(kind, at: child, found, objects, keys, into: &reader)
    }
  }

  /// Reads the values at a place, a field's or that of elements.
  private func gather(
    _ kind: Int,
    at node: Int,
    _ found: [TableRow],
    _ objects: [UInt32],
    _ keys: SealedKeys,
    into reader: inout RowReader
  ) {
    let place = kinds[kind].places.nodes[node]
    let column = reader.column(of: place.place)
    for leaf in place.leaves {
      if leaf.kind == .array, let element = place.element {
        let (elements, numbers) = gatherArrays(kind, leaf, element, found, objects, column, &reader)
        guard !elements.isEmpty else { continue }
        gather(kind, at: element, elements, numbers, keys, into: &reader)
        continue
      }
      unsafe found.withUnsafeBufferPointer { found in
        unsafe objects.withUnsafeBufferPointer { objects in
          unsafe kinds[kind].sources[leaf.number].withUnsafeBufferPointer { sources in
            unsafe reader.gather(
              sources,
              leaf.number,
              found,
              objects,
              column,
              place.place,
              keys
            )
          }
        }
      }
    }
    guard !place.children.isEmpty else { return }
    var inside: [TableRow] = []
    var numbers: [UInt32] = []
    var outer: [UInt32] = []
    for index in found.indices where found[index].filled & place.mask != 0 {
      if outer.last != objects[index] { outer.append(objects[index]) }
      inside.append(found[index])
      numbers.append(UInt32(truncatingIfNeeded: outer.count - 1))
    }
    guard !inside.isEmpty else { return }
    reader.appendObjects(outer, column: column)
    gatherFields(kind, of: node, inside, numbers, keys, without: nil, into: &reader)
  }

  /// Reads arrays.
  ///
  /// - Returns: their elements as rows of their tables, and the elements' numbers.
  private func gatherArrays(
    _ kind: Int,
    _ leaf: TablePlaces.Leaf,
    _ element: Int,
    _ found: [TableRow],
    _ objects: [UInt32],
    _ column: Int,
    _ reader: inout RowReader
  ) -> (elements: [TableRow], numbers: [UInt32]) {
    var elements: [TableRow] = []
    let bit: UInt64 = 1 << UInt64(leaf.number)
    for position in found.indices where found[position].filled & bit != 0 {
      let row = found[position]
      let source = kinds[kind].sources[leaf.number][Int(row.table)]
      reader.appendArray(objects[position], elementsBefore: elements.count, column: column)
      for index in source.elements(source.index(of: Int(row.row))) {
        elements.append(
          TableRow(
            instant: .max,
            ordinal: row.ordinal,
            table: row.table,
            row: UInt32(truncatingIfNeeded: index),
            type: 0
          )
        )
      }
    }
    reader.endArrays(elements.count, column: column)
    var rest = kinds[kind].places.nodes[element].mask
    while rest != 0 {
      let leaf = rest.trailingZeroBitCount
      rest &= rest &- 1
      for index in elements.indices {
        let source = kinds[kind].sources[leaf][Int(elements[index].table)]
        guard source.form != .none else { continue }
        let row = Int(elements[index].row)
        let bit = (source.filled(row &>> 6) &>> UInt64(row & 63)) & 1
        elements[index].filled |= bit &<< UInt64(leaf)
      }
    }
    return (elements, elements.indices.map { UInt32(truncatingIfNeeded: $0) })
  }
}
