package import Bytes
package import Domain

/// The values at one place of the data, one or none for each row.
///
/// Rows are those of the column above: a block's profiles or events, the positions of an object's
/// lane, the elements of arrays, the entries of maps. A value is in the lane of its kind, so a
/// variant has several lanes; a row that is in none is missing.
package struct Column: Sendable {
  package let rowCount: Int
  /// By ascending kind.
  package let lanes: [Lane]

  /// The values of one kind.
  package struct Lane: Sendable {
    package let presence: Presence
    /// Rows that are in the lane.
    package let count: Int
    package let values: Values
  }

  /// A lane's values, one for each present row, in order.
  package enum Values: Sendable {
    case booleans(Bits)
    /// Each is the base plus its number, in wrapping arithmetic.
    case integers(base: Int64, PackedNumbers)
    /// Bit patterns of IEEE 754.
    case doubles(PackedNumbers)
    /// Doubles that are a whole number over a power of ten: each is the base plus its number, as a
    /// double, divided by ten to the scale, which is 0…4.
    case decimals(scale: Int, base: Int64, PackedNumbers)
    case strings(Strings)
    /// Texts that are dates or instants: each is the style's text of the base plus its number, a
    /// count of the style's units since 1970-01-01T00:00:00Z.
    case instantTexts(InstantStyle, base: Int64, PackedNumbers)
    /// Array `i` has the elements `starts[i]..<starts[i + 1]`, none of which is missing.
    case arrays(starts: PackedNumbers, elements: Column)
    /// By ascending name; each field's column has a row for each object.
    case objects([Field])
    /// Objects with many names: object `i` has the entries `starts[i]..<starts[i + 1]`.
    case maps(starts: PackedNumbers, names: Strings, values: Column)
  }

  /// Bits in words of 64, the low ones first.
  package struct Bits: Sendable {
    /// Where the words begin in the block's buffers; a multiple of 8.
    package let offset: Int
    package let count: Int

    @inline(__always)
    func load(_ index: Int, from buffers: MappedBytes) -> Bool {
      buffers.load(UInt64.self, at: offset + 8 * (index >> 6)) >> UInt64(index & 63) & 1 == 1
    }
  }

  /// Where the texts of a column are.
  package enum StringDictionary: Hashable, Sendable {
    /// Codes are entries of this dictionary of the shard, which columns of other blocks share.
    case shard(Int)
    /// Codes are entries of the column's own, in the order of their first use.
    case block
    /// There are no codes: entry `i` is value `i`.
    case plain
  }

  /// Texts, as codes of a dictionary or one by one.
  package struct Strings: Sendable {
    package let dictionary: StringDictionary
    /// For each value its entry; none when the texts are plain.
    package let codes: PackedNumbers
    /// Entry `i` is `bytes[starts[i]..<starts[i + 1]]`; none when the dictionary is the shard's.
    package let starts: PackedNumbers
    /// Where the entries' bytes begin in the block's buffers.
    package let offset: Int
    /// The number of the column's own entries among those of its block.
    let number: Int

    /// Entries of the column's own.
    package var entryCount: Int { max(0, starts.count - 1) }

    /// Where an entry of the column's own is in the block's buffers.
    func entry(_ index: Int, from buffers: MappedBytes) -> Range<Int> {
      offset + Int(starts.load(index, from: buffers))..<offset
        + Int(starts.load(index + 1, from: buffers))
    }
  }

  package struct Field: Sendable {
    package let name: Text
    package let column: Column
    /// The name's number in the file.
    let number: Int
  }

  /// The column of a field of this column's objects: its rows are the objects' positions.
  package func field(_ name: Text) -> Column? {
    for lane in lanes {
      guard case .objects(let fields) = lane.values else { continue }
      return fields.first { $0.name == name }?.column
    }
    return nil
  }
}

/// Which rows of a column are in a lane.
package enum Presence: Sendable {
  case all
  /// Bit by row; for each word how many bits are set in those before it.
  case some(Column.Bits, ranks: [UInt32])

  /// The place of a row's value among the lane's values; `nil` when the row is not in the lane.
  @inline(__always)
  func position(of row: Int, from buffers: MappedBytes) -> Int? {
    switch self {
    case .all: return row
    case .some(let bits, let ranks):
      let word = buffers.load(UInt64.self, at: bits.offset + 8 * (row >> 6))
      let bit = UInt64(row & 63)
      guard word >> bit & 1 == 1 else { return nil }
      return Int(ranks[row >> 6]) + (word & (1 << bit - 1)).nonzeroBitCount
    }
  }
}
