package import Bytes

/// Where the parts of a batch of columns are.
///
/// Offsets are into the batch's bytes, which whoever asks for values has to hold.
package struct TableLayout: Sendable {
  /// Numbers of one width; eight bytes can be read from where each begins.
  package struct Numbers: Sendable {
    package var offset: Int
    package var width: Int
    package var count: Int
  }

  /// Texts one behind the other.
  package struct Texts: Sendable {
    package var byteCounts: Numbers
    package var offset: Int
    package var byteCount: Int
  }

  package enum Values: Sendable {
    /// One byte each.
    case booleans(offset: Int)
    case integers(base: UInt64, Numbers)
    /// Eight bytes each.
    case doubles(offset: Int)
    case decimals(scale: Int, base: UInt64, Numbers)
    case dictionary(Texts, codes: Numbers)
    case texts(Texts)
    case afterKey(Texts)
    case instants(InstantStyle, base: UInt64, Numbers)
    /// Columns of all elements, and how many elements each array has.
    case arrays([Column], counts: Numbers, elementCount: Int)
  }

  package struct Column: Sendable {
    package var names: [Text]
    /// Where the bits of the rows that have a value are; `nil` when all have one.
    package var presence: Int?
    /// Rows that have a value.
    package var count: Int
    package var values: Values
  }

  package let kind: RowKind
  package let rowCount: Int
  package let keys: Texts
  package let keyNumbers: Numbers
  package let columns: [Column]

  /// Reads the layout and checks every value; total over any bytes.
  package init(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    unsafe try self.init(bytes, check: TableCheck(bytes))
  }

  /// Reads the layout of bytes that were checked before, and that are the same still.
  package init(checked bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    unsafe try self.init(bytes, check: nil)
  }

  /// Whether bytes are a batch of columns, if they are a batch at all.
  package static func isTable(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe bytes.first == TableBatch.version
  }

  private init(
    _ bytes: UnsafeRawBufferPointer,
    check: TableCheck?
  ) throws(DecodingError) {
    var cursor = unsafe TableCursor(bytes)
    let version = try cursor.readByte()
    guard version == TableBatch.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a batch of columns")
    }
    let tag = try cursor.readByte()
    guard let kind = RowKind(rawValue: tag) else {
      throw .unknownTag(at: 1, tag: UInt64(tag), of: "kind of rows")
    }
    self.kind = kind
    rowCount = try cursor.readCount()
    guard rowCount > 0 else { throw .invalidValue(at: 2, what: "a batch without rows") }
    let keyCount = try cursor.readCount()
    keys = try cursor.readTexts(keyCount)
    try check?.texts(keys)
    keyNumbers = try cursor.readNumbers(rowCount)
    try check?.indices(keyNumbers, below: keyCount)
    columns = try TableLayout.columns(&cursor, rowCount: rowCount, depth: 0, check)
    let end = try cursor.skip(TableBatch.endByteCount)
    guard cursor.isZero(end), cursor.remaining == 0 else {
      throw .trailingBytes(at: cursor.position, count: cursor.remaining)
    }
  }

  /// Reads the columns of rows, or of elements in so many arrays.
  private static func columns(
    _ cursor: inout TableCursor,
    rowCount: Int,
    depth: Int,
    _ check: TableCheck?
  ) throws(DecodingError) -> [Column] {
    let at = cursor.position
    let columnCount = try cursor.readCount()
    guard columnCount <= TableBatch.columnCountMax else {
      throw .countTooLarge(
        at: at,
        count: UInt64(columnCount),
        limit: TableBatch.columnCountMax
      )
    }
    var columns: [Column] = []
    for _ in 0..<columnCount {
      columns.append(try column(&cursor, rowCount: rowCount, depth: depth, check))
    }
    try check?.names(columns, rowCount: rowCount, at: at)
    return columns
  }

  private static func column(
    _ cursor: inout TableCursor,
    rowCount: Int,
    depth: Int,
    _ check: TableCheck?
  ) throws(DecodingError) -> Column {
    let at = cursor.position
    let nameCount = try cursor.readCount()
    guard nameCount > 0 || depth > 0, nameCount <= RowBatch.nestingMax else {
      throw .nestingTooDeep(at: at, limit: RowBatch.nestingMax)
    }
    var names: [Text] = []
    for _ in 0..<nameCount { names.append(try cursor.readText()) }
    var presence: Int?
    var count = rowCount
    switch try cursor.readByte() {
    case 0: break
    case 1:
      let bits = try cursor.skip((rowCount + 7) / 8)
      presence = bits
      count = cursor.countBits(from: bits, rowCount)
      guard rowCount % 8 == 0 || cursor.byte(bits + rowCount / 8) >> UInt8(rowCount % 8) == 0 else {
        throw .invalidValue(at: bits, what: "bits of rows that are not there")
      }
    case let tag: throw .unknownTag(at: cursor.position - 1, tag: UInt64(tag), of: "presence")
    }
    let values = try values(&cursor, count, depth: depth, check)
    return Column(names: names, presence: presence, count: count, values: values)
  }

  private static func values(
    _ cursor: inout TableCursor,
    _ count: Int,
    depth: Int,
    _ check: TableCheck?
  ) throws(DecodingError) -> Values {
    let at = cursor.position
    let kind = try cursor.readByte()
    switch kind {
    case TableBatch.Kind.array: return try arrays(&cursor, count, depth: depth + 1, check)
    case TableBatch.Kind.afterKey where depth > 0:
      throw .unknownTag(at: at, tag: UInt64(kind), of: "kind of elements")
    case TableBatch.Kind.boolean:
      let offset = try cursor.skip(count)
      try check?.booleans(offset, count)
      return .booleans(offset: offset)
    case TableBatch.Kind.integer:
      let base = try cursor.readSigned()
      return .integers(base: base, try cursor.readNumbers(count))
    case TableBatch.Kind.double:
      guard count <= cursor.remaining / 8 else {
        throw .countTooLarge(at: at, count: UInt64(count), limit: cursor.remaining / 8)
      }
      let offset = try cursor.skip(8 * count)
      try check?.doubles(offset, count)
      return .doubles(offset: offset)
    case TableBatch.Kind.decimal:
      let scale = Int(try cursor.readByte())
      guard scale <= Decimal.scaleMax else {
        throw .invalidValue(at: at, what: "a decimal of scale \(scale)")
      }
      let base = try cursor.readSigned()
      let numbers = try cursor.readNumbers(count)
      try check?.integers(numbers, base, within: -(1 << 53)...(1 << 53))
      return .decimals(scale: scale, base: base, numbers)
    case TableBatch.Kind.dictionary:
      let entryCount = try cursor.readCount()
      let entries = try cursor.readTexts(entryCount)
      try check?.texts(entries)
      try check?.indices(entries.byteCounts, below: TableBatch.entryByteCountMax + 1)
      let codes = try cursor.readNumbers(count)
      try check?.indices(codes, below: entryCount)
      return .dictionary(entries, codes: codes)
    case TableBatch.Kind.text, TableBatch.Kind.afterKey:
      let texts = try cursor.readTexts(count)
      try check?.texts(texts)
      return kind == TableBatch.Kind.text ? .texts(texts) : .afterKey(texts)
    default:
      guard let style = TableBatch.Kind.style(kind) else {
        throw .unknownTag(at: at, tag: UInt64(kind), of: "value kind")
      }
      let base = try cursor.readSigned()
      let numbers = try cursor.readNumbers(count)
      let (first, last) = (Instant.earliest.milliseconds, Instant.latest.milliseconds)
      // Rounded towards the years there are.
      let range = -(-first / style.unit)...last / style.unit
      try check?.integers(numbers, base, within: range)
      return .instants(style, base: base, numbers)
    }
  }

  private static func arrays(
    _ cursor: inout TableCursor,
    _ count: Int,
    depth: Int,
    _ check: TableCheck?
  ) throws(DecodingError) -> Values {
    let at = cursor.position
    guard depth <= TableBatch.arrayDepthMax else {
      throw .nestingTooDeep(at: at, limit: TableBatch.arrayDepthMax)
    }
    let counts = try cursor.readNumbers(count)
    let elementCount = try cursor.sum(counts, atMost: 8 * cursor.remaining)
    let columns = try columns(&cursor, rowCount: elementCount, depth: depth, check)
    // So each element is backed by a bit at least.
    guard elementCount == 0 || !columns.isEmpty else {
      throw .invalidValue(at: at, what: "elements without a value")
    }
    try check?.elements(columns, elementCount, at: at)
    return .arrays(columns, counts: counts, elementCount: elementCount)
  }
}

/// Reads the pieces of a batch of columns, never past their end.
@safe private struct TableCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  var remaining: Int { unsafe bytes.count - position }

  func byte(_ at: Int) -> UInt8 { unsafe bytes[at] }

  mutating func readByte() throws(DecodingError) -> UInt8 { byte(try skip(1)) }

  mutating func readVarint() throws(DecodingError) -> UInt64 {
    let at = position
    var varint = Varint()
    while try !varint.take(try readByte(), from: at) {}
    return varint.value
  }

  /// Reads a signed varint; what it says modulo 2^64.
  mutating func readSigned() throws(DecodingError) -> UInt64 {
    let raw = try readVarint()
    return (raw >> 1) ^ (0 &- (raw & 1))
  }

  /// Reads a count of things that each take a byte or more.
  mutating func readCount() throws(DecodingError) -> Int {
    let at = position
    let count = try readVarint()
    guard count <= UInt64(remaining) else {
      throw .countTooLarge(at: at, count: count, limit: remaining)
    }
    return Int(count)
  }

  /// Passes over bytes; answers where they begin.
  mutating func skip(_ byteCount: Int) throws(DecodingError) -> Int {
    guard byteCount >= 0, byteCount <= remaining else {
      throw .truncated(at: position, needed: byteCount, available: remaining)
    }
    position += byteCount
    return position - byteCount
  }

  mutating func readText() throws(DecodingError) -> Text {
    let byteCount = try readCount()
    let start = try skip(byteCount)
    let text = unsafe Text(utf8: bytes[start..<start + byteCount])
    guard let text else { throw .invalidUTF8(at: start) }
    return text
  }

  mutating func readNumbers(_ count: Int) throws(DecodingError) -> TableLayout.Numbers {
    let at = position
    let width = Int(try readByte())
    guard width >= 1, width <= 8 else {
      throw .unknownTag(at: at, tag: UInt64(width), of: "width of numbers")
    }
    guard count <= remaining / width else {
      throw .countTooLarge(at: at, count: UInt64(count), limit: remaining / width)
    }
    let numbers = TableLayout.Numbers(offset: position, width: width, count: count)
    position += width * count
    // The zeros at the end: so whole words can be read.
    guard remaining >= TableBatch.endByteCount else {
      throw .truncated(at: position, needed: TableBatch.endByteCount, available: remaining)
    }
    return numbers
  }

  mutating func readTexts(_ count: Int) throws(DecodingError) -> TableLayout.Texts {
    let byteCounts = try readNumbers(count)
    let sum = try sum(byteCounts, atMost: remaining)
    return TableLayout.Texts(byteCounts: byteCounts, offset: try skip(sum), byteCount: sum)
  }

  /// The sum of numbers.
  func sum(_ numbers: TableLayout.Numbers, atMost limit: Int) throws(DecodingError) -> Int {
    var sum: UInt64 = 0
    for index in 0..<numbers.count {
      // Checked before it can overflow: both are below 2^63.
      let number = unsafe numbers.load(index, from: bytes)
      guard number <= UInt64(limit), sum <= UInt64(limit) else {
        throw .countTooLarge(at: numbers.offset, count: number, limit: limit)
      }
      sum += number
    }
    guard sum <= UInt64(limit) else {
      throw .countTooLarge(at: numbers.offset, count: sum, limit: limit)
    }
    return Int(sum)
  }

  /// Counts the bits of so many rows.
  func countBits(from start: Int, _ rowCount: Int) -> Int {
    var count = 0
    for index in start..<start + (rowCount + 7) / 8 {
      unsafe count &+= bytes[index].nonzeroBitCount
    }
    return count
  }

  func isZero(_ start: Int) -> Bool {
    unsafe bytes[start..<start + TableBatch.endByteCount].allSatisfy { $0 == 0 }
  }
}

extension TableLayout.Numbers {
  /// The number at an index below `count`.
  @inline(__always)
  func load(_ index: Int, from bytes: UnsafeRawBufferPointer) -> UInt64 {
    let word = unsafe bytes.loadUnaligned(fromByteOffset: offset &+ index &* width, as: UInt64.self)
    return word.littleEndian & (UInt64.max >> UInt64(64 &- 8 &* width))
  }
}
