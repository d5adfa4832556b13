import Bytes

/// Codes for all rows of a table, of a lane that not every row has a value in.
///
/// Whoever goes through many rows need not find out where the value of a row is.
@unsafe struct SpreadCodes {
  /// A code for each row, one above the lane's own; 0 where there is none.
  let codes: UnsafeRawPointer
  /// Bytes of each code.
  let width: Int

  /// The least part of rows with a value for which it pays: one of so many.
  fileprivate static let rarityMax = 8

  /// Spreads the codes of a lane; `nil` when it has none, or too few, or too many different ones.
  init?(_ lane: FlatLane, rowCount: Int, in room: Arena) {
    switch unsafe lane.kind {
    case .sharedTexts, .ownTexts: break
    default: return nil
    }
    guard let presence = unsafe lane.presence, unsafe lane.largest < UInt64(UInt16.max),
      unsafe lane.count * Self.rarityMax >= rowCount
    else { return nil }
    unsafe width = lane.largest < UInt64(UInt8.max) ? 1 : 2
    if unsafe width == 1 {
      let rows = unsafe room.zeros(UInt8.self, count: rowCount)
      unsafe codes = lane.spread(presence, rowCount, adding: 1, into: rows)
    } else {
      let rows = unsafe room.zeros(UInt16.self, count: rowCount)
      unsafe codes = lane.spread(presence, rowCount, adding: 1, into: rows)
    }
  }
}

extension FlatLane {
  /// Keeps a number for each row of a table, of a lane that not every row has a value in.
  mutating func spreadNumbers(_ rowCount: Int, in room: Arena) {
    switch unsafe kind {
    case .integers, .decimals, .doubles, .instantTexts: break
    case .booleans, .sharedTexts, .ownTexts, .plainTexts: return
    }
    guard let presence = unsafe presence, unsafe count * SpreadCodes.rarityMax >= rowCount else {
      return
    }
    switch unsafe width {
    case 1:
      let rows = unsafe room.zeros(UInt8.self, count: rowCount)
      unsafe rowNumbers = spread(presence, rowCount, adding: 0, into: rows)
    case 2:
      let rows = unsafe room.zeros(UInt16.self, count: rowCount)
      unsafe rowNumbers = spread(presence, rowCount, adding: 0, into: rows)
    case 4:
      let rows = unsafe room.zeros(UInt32.self, count: rowCount)
      unsafe rowNumbers = spread(presence, rowCount, adding: 0, into: rows)
    default:
      let rows = unsafe room.zeros(UInt64.self, count: rowCount)
      unsafe rowNumbers = spread(presence, rowCount, adding: 0, into: rows)
    }
  }

  /// Writes the lane's numbers, each with the same added, to the rows that have them.
  fileprivate func spread<Number: FixedWidthInteger & UnsignedInteger>(
    _ presence: UnsafePointer<UInt64>,
    _ rowCount: Int,
    adding addend: UInt64,
    into rows: UnsafeMutablePointer<Number>
  ) -> UnsafeRawPointer {
    var value = 0
    for word in 0..<(rowCount + 63) / 64 {
      var rest = unsafe presence[word]
      while rest != 0 {
        let row = word * 64 + rest.trailingZeroBitCount
        unsafe rows[row] = Number(truncatingIfNeeded: number(value) &+ addend)
        value += 1
        rest &= rest &- 1
      }
    }
    return UnsafeRawPointer(rows)
  }

  /// A number or code, without what it counts from.
  func number(_ index: Int) -> UInt64 {
    switch unsafe width {
    case 1: unsafe UInt64(values.load(fromByteOffset: index, as: UInt8.self))
    case 2: unsafe UInt64(values.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    case 4: unsafe UInt64(values.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    default: unsafe values.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
    }
  }
}
