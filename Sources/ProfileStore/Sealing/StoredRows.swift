import Bytes
import Domain

/// Writes the rows of a block again, as `RowTranscoder` would have written them.
///
/// The dictionaries of the block's file are the first of those at hand, with the same codes.
struct StoredRows {
  private let columns: BlockColumns
  /// For each type of events its code in the dictionary of event types, or -1.
  private let typeCodes: [Int]
  private let eventTypeName: UInt32
  private var shape: [UInt8] = []
  private var values: [UInt8] = []

  /// Prepares to write a block's rows.
  ///
  /// - Parameters:
  ///   - columns: the block.
  ///   - typeCodes: for each type of events of the block's file its code in the dictionary of event
  ///     types.
  ///   - eventTypeName: the number of the name `eventType`.
  init(_ columns: BlockColumns, typeCodes: [Int], eventTypeName: UInt32) {
    self.columns = columns
    self.typeCodes = typeCodes
    self.eventTypeName = eventTypeName
  }

  /// Appends all rows: of each profile its attributes, then its events in their order.
  ///
  /// - Parameters:
  ///   - rows: with their headers, as `RowBuckets` keeps them.
  ///   - firstOrdinal: of the block's first profile.
  ///   - programs: knows the shapes, and learns new ones.
  mutating func append(
    to rows: inout [UInt8],
    firstOrdinal: Int,
    _ programs: inout ShapePrograms
  ) {
    var ranked: [(table: Int, row: Int, rank: UInt64)] = []
    for profile in 0..<columns.profileCount {
      write(columns.attributes, profile, &programs)
      finish(
        RowTranscoder.Row(kind: .attributes, key: 0, shape: 0),
        firstOrdinal + profile,
        &rows,
        &programs
      )
      ranked.removeAll(keepingCapacity: true)
      for (index, table) in columns.eventTables.enumerated() {
        for row in table.rows(of: profile, from: columns.buffers) {
          ranked.append((index, row, table.ranks.load(row, from: columns.buffers)))
        }
      }
      if columns.eventTables.count > 1 { ranked.sort { $0.rank < $1.rank } }
      for event in ranked {
        append(
          columns.eventTables[event.table],
          event.row,
          firstOrdinal + profile,
          &rows,
          &programs
        )
      }
    }
  }

  private mutating func append(
    _ table: EventTable,
    _ row: Int,
    _ ordinal: Int,
    _ rows: inout [UInt8],
    _ programs: inout ShapePrograms
  ) {
    var header = RowTranscoder.Row(kind: .event, key: 0, shape: 0)
    header.instant = table.instant(row, from: columns.buffers)?.milliseconds ?? .max
    write(table.columns, row, &programs)
    if table.type < typeCodes.count {
      header.type = typeCodes[table.type]
      // The last byte ends the object, which gains a field; one without fields has a byte for it.
      shape.removeLast()
      if shape.count == 1 { values.removeAll(keepingCapacity: true) }
      shape.append(varint: UInt64(eventTypeName) + 1)
      shape.append(RowBatch.Shape.string)
      shape.append(0)
      values.append(varint: UInt64(header.type) * 2)
    } else {
      header.type = sharedType(table, row)
    }
    finish(header, ordinal, &rows, &programs)
  }

  /// The code of the type of an event of the shared table; -1 when it has none.
  private func sharedType(_ table: EventTable, _ row: Int) -> Int {
    guard
      let lane = table.columns.lanes.first(where: {
        $0.presence.position(of: row, from: columns.buffers) != nil
      }),
      case .objects(let fields) = lane.values,
      let position = lane.presence.position(of: row, from: columns.buffers),
      let field = fields.first(where: { $0.name == ReservedFields.eventType })
    else { return -1 }
    for lane in field.column.lanes {
      if case .strings(let strings) = lane.values, case .shard = strings.dictionary,
        let text = lane.presence.position(of: position, from: columns.buffers)
      {
        return Int(strings.codes.load(text, from: columns.buffers))
      }
    }
    return -1
  }

  private mutating func finish(
    _ row: RowTranscoder.Row,
    _ ordinal: Int,
    _ rows: inout [UInt8],
    _ programs: inout ShapePrograms
  ) {
    var row = row
    row.shape = programs.number(ofShape: shape)
    if row.shape < 0 {
      var start: [UInt8] = []
      start.append(fixed: UInt32(truncatingIfNeeded: shape.count))
      values.insert(contentsOf: start + shape, at: 0)
    }
    rows.append(RowHeader(row, ordinal: ordinal, byteCount: values.count))
    rows.append(contentsOf: values)
    shape.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  /// Writes the value of a row of a column.
  ///
  /// - Returns: whether there is one.
  @discardableResult
  private mutating func write(
    _ column: Column,
    _ row: Int,
    _ programs: inout ShapePrograms
  ) -> Bool {
    let buffers = columns.buffers
    for lane in column.lanes {
      if let position = lane.presence.position(of: row, from: buffers) {
        write(lane.values, position, &programs)
        return true
      }
    }
    return false
  }

  private mutating func write(
    _ lane: Column.Values,
    _ position: Int,
    _ programs: inout ShapePrograms
  ) {
    let buffers = columns.buffers
    switch lane {
    case .booleans(let bits):
      shape.append(RowBatch.Shape.boolean)
      values.append(bits.load(position, from: buffers) ? 1 : 0)
    case .integers(let base, let numbers):
      shape.append(RowBatch.Shape.integer)
      append(signed: base &+ Int64(bitPattern: numbers.load(position, from: buffers)))
    case .doubles(let numbers):
      shape.append(RowBatch.Shape.double)
      let bits = numbers.load(position, from: buffers)
      values.append(varint: RowBatch.rawDouble)
      values.append(fixed: bits)
    case .decimals(let scale, let base, let numbers):
      shape.append(RowBatch.Shape.double)
      let number = base &+ Int64(bitPattern: numbers.load(position, from: buffers))
      let zigzag = UInt64(bitPattern: (number << 1) ^ (number >> 63))
      values.append(varint: zigzag << 3 | UInt64(scale))
    case .instantTexts(let style, let base, let numbers):
      shape.append(RowBatch.Shape.shape(style))
      let count = base &+ Int64(bitPattern: numbers.load(position, from: buffers))
      append(signed: count &- RowBatch.epoch(style))
    case .strings(let strings):
      shape.append(RowBatch.Shape.string)
      if case .shard = strings.dictionary {
        values.append(varint: strings.codes.load(position, from: buffers) * 2)
      } else {
        let text = buffers.array(strings.range(of: position, from: buffers))
        values.append(varint: UInt64(text.count) * 2 + 1)
        values.append(contentsOf: text)
      }
    case .arrays(let starts, let elements):
      writeArray(starts, elements, position, &programs)
    case .objects(let fields):
      shape.append(RowBatch.Shape.object)
      let shapeStart = shape.count
      for field in fields {
        let end = shape.count
        shape.append(varint: UInt64(field.number) + 1)
        if !write(field.column, position, &programs) { shape.removeLast(shape.count - end) }
      }
      if shape.count == shapeStart { values.append(0) }
      shape.append(0)
    case .maps(let starts, let names, let entries):
      writeMap(starts, names, entries, position, &programs)
    }
  }

  private mutating func writeArray(
    _ starts: PackedNumbers,
    _ elements: Column,
    _ position: Int,
    _ programs: inout ShapePrograms
  ) {
    shape.append(RowBatch.Shape.array)
    let buffers = columns.buffers
    let range =
      Int(starts.load(position, from: buffers))..<Int(starts.load(position + 1, from: buffers))
    for row in range {
      let outerShape = shape
      let outerValues = values
      shape.removeAll(keepingCapacity: true)
      values.removeAll(keepingCapacity: true)
      write(elements, row, &programs)
      let number = programs.number(ofShape: shape)
      let (elementShape, elementValues) = (shape, values)
      (shape, values) = (outerShape, outerValues)
      values.append(varint: UInt64(number + 2))
      if number < 0 {
        values.append(varint: UInt64(elementShape.count))
        values.append(contentsOf: elementShape)
      }
      values.append(contentsOf: elementValues)
    }
    values.append(0)
  }

  private mutating func writeMap(
    _ starts: PackedNumbers,
    _ names: Column.Strings,
    _ entries: Column,
    _ position: Int,
    _ programs: inout ShapePrograms
  ) {
    let buffers = columns.buffers
    shape.append(RowBatch.Shape.object)
    let range =
      Int(starts.load(position, from: buffers))..<Int(starts.load(position + 1, from: buffers))
    for row in range {
      let name = buffers.text(names.range(of: row, from: buffers)) ?? ""
      shape.append(varint: UInt64(programs.names.number(of: name)) + 1)
      write(entries, row, &programs)
    }
    if range.isEmpty { values.append(0) }
    shape.append(0)
  }

  private mutating func append(signed value: Int64) {
    values.append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }
}

extension Column.Strings {
  /// Where a value's text is in the block's buffers, when it is not the shard's.
  func range(of position: Int, from buffers: MappedBytes) -> Range<Int> {
    if case .plain = dictionary { return entry(position, from: buffers) }
    return entry(Int(codes.load(position, from: buffers)), from: buffers)
  }
}
