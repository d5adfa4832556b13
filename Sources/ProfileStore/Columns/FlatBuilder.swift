import Bytes

/// Goes through the columns of a table and lays their lanes flat.
@safe struct FlatBuilder {
  let bytes: UnsafeRawPointer
  private(set) var lanes: [FlatLane]
  /// What lanes read that is not in the file.
  let room = Arena(partByteCount: 8_192, alignment: 8)

  init(bytes: UnsafeRawPointer) {
    unsafe self.bytes = bytes
    unsafe lanes = []
  }

  mutating func flatten(_ column: Column, type: Int) -> TableShape {
    var shape = TableShape(type: type, fields: [])
    let first = unsafe lanes.count
    for lane in column.lanes {
      switch lane.values {
      case .objects(let fields):
        let presence = unsafe bits(lane.presence)
        for field in fields {
          unsafe add(field.column, [field.name], presence, column.rowCount, first, to: &shape)
        }
      default:
        shape.fields.append(TableShape.Field(names: [], form: .nested, firstLane: 0, lanes: []))
      }
    }
    return shape
  }

  /// Adds a field and those below it; `presence` says which of the table's rows reach it.
  private mutating func add(
    _ column: Column,
    _ names: [Text],
    _ presence: UnsafePointer<UInt64>?,
    _ rowCount: Int,
    _ tableStart: Int,
    to shape: inout TableShape
  ) {
    var field = unsafe TableShape.Field(
      names: names,
      form: .values,
      firstLane: lanes.count - tableStart,
      lanes: []
    )
    var inner: [(fields: [Column.Field], presence: UnsafePointer<UInt64>?)] = unsafe []
    for lane in column.lanes {
      let own = unsafe compose(presence, bits(lane.presence), rowCount)
      if let flat = unsafe FlatLane(lane, presence: own, bytes) {
        unsafe lanes.append(flat)
        field.lanes.append(
          unsafe TableShape.Lane(kind: flat.kind, detail: flat.detail, dictionary: flat.dictionary)
        )
      } else if case .objects(let fields) = lane.values {
        if field.form == .values { field.form = .objects }
        unsafe inner.append((fields, own))
      } else {
        field.form = .nested
      }
    }
    if field.form == .values, field.lanes.count == 1 { refine(rowCount) }
    shape.fields.append(field)
    for index in unsafe inner.indices {
      let (fields, presence) = unsafe inner[index]
      for field in fields {
        unsafe add(field.column, names + [field.name], presence, rowCount, tableStart, to: &shape)
      }
    }
  }

  /// Makes ready what is often gone through of the field whose only lane was added last.
  private mutating func refine(_ rowCount: Int) {
    let last = unsafe lanes.count - 1
    if let codes = unsafe SpreadCodes(lanes[last], rowCount: rowCount, in: room) {
      unsafe lanes[last].take(codes)
    } else {
      unsafe lanes[last].highParts = HighParts(lanes[last], in: room)
      unsafe lanes[last].spreadNumbers(rowCount, in: room)
    }
  }

  private func bits(_ presence: Presence) -> UnsafePointer<UInt64>? {
    guard case .some(let bits, _) = presence else { return nil }
    return unsafe UnsafePointer((bytes + bits.offset).assumingMemoryBound(to: UInt64.self))
  }

  /// Which rows have a value: `own` has a bit for each row that is in `outer`.
  private mutating func compose(
    _ outer: UnsafePointer<UInt64>?,
    _ own: UnsafePointer<UInt64>?,
    _ rowCount: Int
  ) -> UnsafePointer<UInt64>? {
    guard let outer = unsafe outer else { return unsafe own }
    guard let own = unsafe own else { return unsafe outer }
    let wordCount = (rowCount + 63) / 64
    let words = unsafe room.zeros(UInt64.self, count: wordCount)
    var position = 0
    for word in 0..<wordCount {
      var rest = unsafe outer[word]
      var bits: UInt64 = 0
      while rest != 0 {
        let bit = rest & (0 &- rest)
        if unsafe own[position >> 6] >> UInt64(position & 63) & 1 == 1 { bits |= bit }
        position += 1
        rest &= rest &- 1
      }
      unsafe words[word] = bits
    }
    return unsafe UnsafePointer(words)
  }
}
