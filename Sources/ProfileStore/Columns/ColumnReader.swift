import Bytes
import Domain

/// Reads a block's description and checks that its buffers are what it says.
///
/// Total over any bytes. After it, every offset that columns hold is inside the buffers, starts
/// ascend and end where they should, and codes are below their dictionary's count. Buffers follow
/// each other without a gap, so no two columns share bytes and the memory for a block's columns is
/// bounded by its size.
struct ColumnReader {
  /// Why bytes are no block.
  struct Fault: Error {
    var reason: String
  }

  let buffers: MappedBytes
  private let catalogue: FileCatalogue
  private var description: ByteReader
  private var position = 0
  /// Among the buffers that lie behind all others, from `lastStart` on.
  private var lastPosition: Int
  private let lastStart: Int
  private var ownTextsCount = 0
  /// Of the table that is read: what its `timestamp` may stand for.
  private var instants: (lane: Column.Lane, style: InstantStyle, rowCount: Int)?

  init(_ block: MappedBytes, _ catalogue: FileCatalogue) throws(Fault) {
    self.catalogue = catalogue
    guard block.count >= 16 else { throw Fault(reason: "it is too short") }
    let byteCount = block.load(UInt64.self, at: 0)
    guard byteCount <= UInt64(block.count - 16) else {
      throw Fault(reason: "its description is longer than the block")
    }
    let end = 16 + Int(byteCount)
    description = ByteReader(block.array(16..<end))
    buffers = block[min(ColumnFormat.aligned(end), block.count)..<block.count]
    let firstByteCount = block.load(UInt64.self, at: 8)
    guard firstByteCount <= UInt64(buffers.count), firstByteCount % 8 == 0 else {
      throw Fault(reason: "its first buffers are longer than the block")
    }
    lastStart = Int(firstByteCount)
    lastPosition = lastStart
  }

  /// Ends the reading; behind the last buffer there may be padding.
  func finish(padding: Int) throws(Fault) {
    guard description.remaining == 0, position == lastStart,
      buffers.count - lastPosition < padding
    else {
      throw Fault(reason: "it has bytes that belong to no column")
    }
  }

  mutating func readCount(limit: Int) throws(Fault) -> Int {
    let count = try read { reader throws(DecodingError) in try reader.readVarint() }
    guard limit >= 0, count <= UInt64(limit) else {
      throw Fault(reason: "a count of \(count) is over \(limit)")
    }
    return Int(count)
  }

  // MARK: Columns

  mutating func readColumn(rowCount: Int, depth: Int = 0) throws(Fault) -> Column {
    guard depth <= RowBatch.nestingMax else { throw Fault(reason: "it nests too deep") }
    var lanes: [Column.Lane] = []
    var lastKind: UInt8 = 0
    for _ in 0..<(try readByte()) {
      let kind = try readByte()
      guard kind > lastKind else { throw Fault(reason: "lanes are out of order") }
      lastKind = kind
      if kind == ColumnFormat.Kind.timestamp {
        lanes.append(try timestamps(rowCount: rowCount, depth: depth))
        continue
      }
      let (presence, count) = try readPresence(
        rowCount: rowCount,
        needsBits: kind == ColumnFormat.Kind.object
      )
      let values = try readValues(kind, count: count, depth: depth)
      lanes.append(Column.Lane(presence: presence, count: count, values: values))
    }
    return Column(rowCount: rowCount, lanes: lanes)
  }

  /// Reads a column that misses nothing.
  mutating func readFullColumn(rowCount: Int, depth: Int = 0) throws(Fault) -> Column {
    let column = try readColumn(rowCount: rowCount, depth: depth)
    guard column.lanes.reduce(0, { $0 + $1.count }) == rowCount else {
      throw Fault(reason: "values are missing where none may be")
    }
    return column
  }

  /// Reads when the events of a table happened: which rows have an instant, in what unit, and the
  /// instants; the table's columns follow.
  mutating func readInstants(rowCount: Int) throws(Fault) -> (Column.Lane, unit: Int64) {
    guard let style = InstantStyle(rawValue: try readByte()) else {
      throw Fault(reason: "instants of an unknown unit")
    }
    let (presence, count) = try readPresence(rowCount: rowCount, needsBits: false)
    let values = try readValues(ColumnFormat.Kind.integer, count: count, depth: 0)
    let lane = Column.Lane(presence: presence, count: count, values: values)
    instants = (lane, style, rowCount)
    return (lane, style.unit)
  }

  /// The texts of the table's instants, as the column of a field of its events.
  private func timestamps(rowCount: Int, depth: Int) throws(Fault) -> Column.Lane {
    guard depth == 1, let instants, instants.rowCount == rowCount,
      case .integers(let base, let numbers) = instants.lane.values
    else { throw Fault(reason: "timestamps that no instants tell") }
    return Column.Lane(
      presence: instants.lane.presence,
      count: instants.lane.count,
      values: .instantTexts(instants.style, base: base, numbers)
    )
  }

  private mutating func readValues(
    _ kind: UInt8,
    count: Int,
    depth: Int
  ) throws(Fault) -> Column.Values {
    switch kind {
    case ColumnFormat.Kind.boolean: return .booleans(try readBits(count: count))
    case ColumnFormat.Kind.integer:
      let base = try readSigned()
      return .integers(base: base, try readNumbers(count: count))
    case ColumnFormat.Kind.decimal:
      let scale = Int(try readByte())
      guard scale <= Decimal.scaleMax else { throw Fault(reason: "decimals of scale \(scale)") }
      let base = try readSigned()
      return .decimals(scale: scale, base: base, try readNumbers(count: count))
    case ColumnFormat.Kind.instantText:
      guard let style = InstantStyle(rawValue: try readByte()) else {
        throw Fault(reason: "texts of an unknown style")
      }
      let base = try readSigned()
      return .instantTexts(style, base: base, try readNumbers(count: count))
    case ColumnFormat.Kind.double: return .doubles(try takeNumbers(count: count, width: 8, .first))
    case ColumnFormat.Kind.string: return .strings(try readStrings(count: count))
    case ColumnFormat.Kind.array:
      let (starts, elementCount) = try readStarts(count: count)
      let elements = try readFullColumn(rowCount: elementCount, depth: depth + 1)
      return .arrays(starts: starts, elements: elements)
    case ColumnFormat.Kind.object:
      return .objects(try readFields(rowCount: count, depth: depth + 1))
    case ColumnFormat.Kind.map:
      let (starts, entryCount) = try readStarts(count: count)
      let names = try readStrings(count: entryCount)
      let values = try readFullColumn(rowCount: entryCount, depth: depth + 1)
      return .maps(starts: starts, names: names, values: values)
    default: throw Fault(reason: "a column of unknown kind \(kind)")
    }
  }

  private mutating func readFields(rowCount: Int, depth: Int) throws(Fault) -> [Column.Field] {
    var fields: [Column.Field] = []
    for _ in 0..<(try readCount(limit: description.remaining)) {
      let number = try readCount(limit: catalogue.names.count - 1)
      let name = catalogue.names[number]
      guard fields.last.map({ $0.name < name }) ?? true else {
        throw Fault(reason: "fields are out of order")
      }
      let column = try readColumn(rowCount: rowCount, depth: depth)
      fields.append(Column.Field(name: name, column: column, number: number))
    }
    return fields
  }

  private mutating func readStrings(count: Int) throws(Fault) -> Column.Strings {
    let none = PackedNumbers(offset: 0, count: 0, width: 1, from: buffers)
    switch try readByte() {
    case ColumnFormat.Texts.shared:
      let number = try readCount(limit: catalogue.dictionaries.count - 1)
      let codes = try readCodes(count, of: catalogue.dictionaries[number].entryCount)
      return Column.Strings(
        dictionary: .shard(number),
        codes: codes,
        starts: none,
        offset: 0,
        number: 0
      )
    case ColumnFormat.Texts.own:
      let entryCount = try readCount(limit: count)
      let codes = try readCodes(count, of: entryCount)
      return try readOwnTexts(.block, codes, count: entryCount)
    case ColumnFormat.Texts.plain: return try readOwnTexts(.plain, none, count: count)
    case let form: throw Fault(reason: "texts of unknown form \(form)")
    }
  }

  private mutating func readCodes(
    _ count: Int,
    of entryCount: Int
  ) throws(Fault) -> PackedNumbers {
    let codes = try readNumbers(count: count)
    guard count == 0 || codes.largest < UInt64(entryCount) else {
      throw Fault(reason: "a code that its dictionary does not have")
    }
    return codes
  }

  private mutating func readOwnTexts(
    _ dictionary: Column.StringDictionary,
    _ codes: PackedNumbers,
    count: Int
  ) throws(Fault) -> Column.Strings {
    let (starts, byteCount) = try readStarts(count: count, .last)
    let offset = try take(byteCount, .last)
    guard buffers.isUTF8(offset..<offset + byteCount) else {
      throw Fault(reason: "texts that are not UTF-8")
    }
    for index in 0..<count {
      // A text is whole when it does not begin within a character.
      let start = Int(starts.load(index, from: buffers))
      guard start == byteCount || buffers.load(UInt8.self, at: offset + start) & 0xC0 != 0x80 else {
        throw Fault(reason: "a text that begins within a character")
      }
    }
    ownTextsCount += 1
    return Column.Strings(
      dictionary: dictionary,
      codes: codes,
      starts: starts,
      offset: offset,
      number: ownTextsCount - 1
    )
  }

  // MARK: Buffers

  private mutating func readPresence(
    rowCount: Int,
    needsBits: Bool
  ) throws(Fault) -> (Presence, count: Int) {
    let form = try readByte()
    guard form == ColumnFormat.Presence.some else {
      guard form == ColumnFormat.Presence.all, !needsBits else {
        throw Fault(reason: "a column of unknown presence \(form)")
      }
      return (.all, rowCount)
    }
    let bits = try readBits(count: rowCount)
    var ranks: [UInt32] = []
    var count = 0
    for word in 0..<(rowCount + 63) / 64 {
      ranks.append(UInt32(truncatingIfNeeded: count))
      count += buffers.load(UInt64.self, at: bits.offset + 8 * word).nonzeroBitCount
    }
    return count == rowCount ? (.all, rowCount) : (.some(bits, ranks: ranks), count)
  }

  private mutating func readBits(count: Int) throws(Fault) -> Column.Bits {
    let wordCount = (count + 63) / 64
    let offset = try take(8 * wordCount, .first)
    if count % 64 > 0 {
      let last = buffers.load(UInt64.self, at: offset + 8 * (wordCount - 1))
      guard last >> UInt64(count % 64) == 0 else { throw Fault(reason: "bits of no row are set") }
    }
    return Column.Bits(offset: offset, count: count)
  }

  /// Reads `count + 1` numbers that ascend from 0.
  ///
  /// - Returns: the numbers and the last of them.
  private mutating func readStarts(
    count: Int,
    _ place: ColumnFormat.Place = .first
  ) throws(Fault) -> (PackedNumbers, last: Int) {
    let starts = try readAscending(count: count + 1, place)
    guard starts.load(0, from: buffers) == 0 else {
      throw Fault(reason: "starts that do not begin with 0")
    }
    guard starts.largest < UInt64(Int.max / 16) else {
      throw Fault(reason: "starts that are too large")
    }
    return (starts, Int(starts.largest))
  }

  /// Reads numbers of which none is below the one before.
  mutating func readAscending(
    count: Int,
    _ place: ColumnFormat.Place = .first
  ) throws(Fault) -> PackedNumbers {
    let numbers = try readNumbers(count: count, place)
    guard buffers.ascend(numbers) else { throw Fault(reason: "numbers that do not ascend") }
    return numbers
  }

  mutating func readNumbers(
    count: Int,
    _ place: ColumnFormat.Place = .first
  ) throws(Fault) -> PackedNumbers {
    let width = try readByte()
    guard [1, 2, 4, 8].contains(width) else { throw Fault(reason: "numbers of \(width) bytes") }
    return try takeNumbers(count: count, width: Int(width), place)
  }

  private mutating func takeNumbers(
    count: Int,
    width: Int,
    _ place: ColumnFormat.Place
  ) throws(Fault) -> PackedNumbers {
    let (byteCount, isOver) = count.multipliedReportingOverflow(by: width)
    guard !isOver else { throw Fault(reason: "numbers beyond all bounds") }
    let offset = try take(byteCount, place)
    return PackedNumbers(offset: offset, count: count, width: width, from: buffers)
  }

  /// The next `byteCount` bytes of the buffers at a place, and the padding behind them.
  private mutating func take(_ byteCount: Int, _ place: ColumnFormat.Place) throws(Fault) -> Int {
    let offset = place == .first ? position : lastPosition
    let end = place == .first ? lastStart : buffers.count
    guard byteCount <= end - offset else {
      throw Fault(reason: "it is shorter than its description says")
    }
    let next = min(ColumnFormat.aligned(offset + byteCount), end)
    if place == .first { position = next } else { lastPosition = next }
    return offset
  }

  /// Where the buffers are that only readers of whole profiles need.
  var lastBuffers: Range<Int> { lastStart..<buffers.count }

  mutating func readByte() throws(Fault) -> UInt8 {
    try read { reader throws(DecodingError) in try reader.read(UInt8.self) }
  }

  private mutating func readSigned() throws(Fault) -> Int64 {
    try read { reader throws(DecodingError) in try reader.readSignedVarint() }
  }

  private mutating func read<Result>(
    _ body: (inout ByteReader) throws(DecodingError) -> Result
  ) throws(Fault) -> Result {
    do throws(DecodingError) {
      return try body(&description)
    } catch {
      throw Fault(reason: error.description)
    }
  }
}
