import Domain

/// Writes the texts of a column of a table that is finished.
@safe struct TableScratch {
  /// Texts that begin with a key shorter than this do so by chance.
  static let keyByteCountMin = 4

  /// Where the values of a column came from.
  @safe struct Source {
    /// The chunk.
    var text: UnsafePointer<UInt8>
    var presence: UnsafePointer<UInt8>
    var rowCount: Int
    /// Of each row its key's number.
    var keyNumbers: UnsafePointer<UInt32>
    var keys: KeyList
  }

  private var bytes = ByteHeap(capacity: 1 << 16)
  private var byteCounts = NumberHeap<UInt32>(capacity: 1 << 12)
  private var used = NumberHeap<UInt64>(capacity: 1 << 10)

  func free() {
    bytes.free()
    byteCounts.free()
    used.free()
  }

  private var texts: TextList {
    unsafe TextList(byteCounts: byteCounts.numbers, bytes: bytes.bytes)
  }

  /// Writes values; they are of no use afterwards.
  mutating func write(
    _ values: UnsafeMutableBufferPointer<UInt64>,
    _ forms: UInt64,
    _ source: Source,
    _ codes: inout TextCodes,
    _ writer: inout TableBatchWriter
  ) {
    bytes.removeAll()
    byteCounts.removeAll()
    if let style = unsafe values.first.flatMap({ TextPlace.style($0) }),
      forms == CellForm.instant(style)
    {
      for index in values.indices {
        unsafe values[index] = TextPlace.units(values[index])
      }
      return unsafe writer.write(instants: UnsafeBufferPointer(values), style)
    }
    switch forms {
    case CellForm.code: unsafe writeCodes(values, &codes, &writer)
    case CellForm.afterKey: unsafe writeAfterKey(values, source, &writer)
    default: unsafe writeWhole(values, source, codes, &writer)
    }
  }

  private mutating func writeCodes(
    _ values: UnsafeMutableBufferPointer<UInt64>,
    _ codes: inout TextCodes,
    _ writer: inout TableBatchWriter
  ) {
    unsafe codes.renumber(values, &used)
    let valueCount = values.count
    guard valueCount < 16 || 4 * used.count <= 3 * valueCount else {
      for index in values.indices {
        let code = unsafe Int(used.base[Int(values[index])])
        unsafe append(codes.text(code), codes.byteCount(code))
      }
      return writer.write(texts: texts)
    }
    for number in 0..<used.count {
      let code = unsafe Int(used.base[number])
      unsafe append(codes.text(code), codes.byteCount(code))
    }
    unsafe writer.write(codes: UnsafeBufferPointer(values), of: texts)
  }

  private mutating func writeAfterKey(
    _ values: UnsafeMutableBufferPointer<UInt64>,
    _ source: Source,
    _ writer: inout TableBatchWriter
  ) {
    for index in values.indices {
      unsafe TextPlace.withRest(values[index], source.text) { unsafe append($0, $1) }
    }
    writer.write(afterKey: texts)
  }

  /// Writes texts of whatever forms in full.
  private mutating func writeWhole(
    _ values: UnsafeMutableBufferPointer<UInt64>,
    _ source: Source,
    _ codes: borrowing TextCodes,
    _ writer: inout TableBatchWriter
  ) {
    var index = 0
    for row in 0..<source.rowCount
    where unsafe source.presence[row &>> 3] & (1 &<< UInt8(row & 7)) != 0 {
      let value = unsafe values[index]
      index &+= 1
      switch value >> 62 {
      case 0: unsafe append(codes.text(Int(value)), codes.byteCount(Int(value)))
      case 1: unsafe append(source.text + TextPlace.offset(value), TextPlace.byteCount(value))
      case 2:
        let number = unsafe Int(source.keyNumbers[row])
        let start = bytes.count
        unsafe bytes.append(source.keys.text(number), source.keys.byteCount(number))
        unsafe TextPlace.withRest(value, source.text) { unsafe bytes.append($0, $1) }
        byteCounts.append(UInt32(truncatingIfNeeded: bytes.count - start))
      default:
        var spelled: [UInt8] = []
        TextPlace.style(value)?.append(Int64(bitPattern: TextPlace.units(value)), to: &spelled)
        let byteCount = spelled.count
        // The bytes that may be read behind a text.
        spelled.append(contentsOf: repeatElement(0, count: 8))
        unsafe spelled.withUnsafeBufferPointer { spelled in
          guard let start = spelled.baseAddress else { return }
          unsafe append(start, byteCount)
        }
      }
    }
    writer.write(texts: texts)
  }

  @inline(__always)
  private mutating func append(_ text: UnsafePointer<UInt8>, _ byteCount: Int) {
    byteCounts.append(UInt32(truncatingIfNeeded: byteCount))
    unsafe bytes.append(text, byteCount)
  }
}
