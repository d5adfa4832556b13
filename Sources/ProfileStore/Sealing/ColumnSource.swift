import Bytes
import Domain

/// The values of one column of a batch, found by their rows.
///
/// Its pointers are into the mapped log and into lists of an arena, which whoever has it holds.
@safe struct ColumnSource {
  enum Form: UInt8 {
    /// The batch has no such column.
    case none
    case boolean
    case integer
    case double
    case decimal
    /// Entries of the batch, which the shard's dictionary may have codes for.
    case code
    case text
    case afterKey
    case instant
    case array
  }

  /// Texts between two whose places are listed.
  static let stride = 8
  /// Stands for an entry that has no code.
  static let noCode = UInt32.max

  var form = Form.none
  /// The scale of decimals, or the style of instants.
  var detail: UInt8 = 0
  private var width = 1
  /// Added to each number.
  private var base: UInt64 = 0
  private let bytes: UnsafeRawPointer
  /// Where the numbers are: values, codes or byte counts.
  private var numbers = 0
  /// Where the bits of rows are; -1 when every row has a value.
  private var presence = -1
  /// Values before each 64 rows.
  private var ranks: UnsafeMutablePointer<UInt32>
  /// Of each entry its code; where each `stride`th text begins; or where each array's elements begin,
  /// and at last where the last one's end.
  private var list: UnsafeMutablePointer<UInt32>
  /// Where each entry begins, and at last where the last one ends.
  private var starts: UnsafeMutablePointer<UInt32>

  /// A column that is not there.
  init(_ arena: NumberArena) {
    unsafe ranks = arena.list(0)
    unsafe list = ranks
    unsafe starts = ranks
    unsafe bytes = UnsafeRawPointer(ranks)
  }

  /// A column of a batch.
  ///
  /// - Parameters:
  ///   - column: the layout was read from `bytes` and checked.
  ///   - rowCount: rows of the batch, less than 2^32 as its bytes are.
  ///   - bytes: the batch.
  ///   - arena: takes the lists.
  init(
    _ column: TableLayout.Column,
    rowCount: Int,
    _ bytes: UnsafeRawBufferPointer,
    _ arena: NumberArena
  ) {
    guard let first = bytes.baseAddress else { preconditionFailure("a batch of no bytes") }
    unsafe self.bytes = first
    unsafe ranks = arena.list(0)
    unsafe list = ranks
    unsafe starts = ranks
    switch column.values {
    case .booleans(let offset): (form, numbers) = (.boolean, offset)
    case .integers(let base, let numbers):
      form = .integer
      set(numbers, base)
    case .doubles(let offset):
      form = .double
      (numbers, width) = (offset, 8)
    case .decimals(let scale, let base, let numbers):
      form = .decimal
      detail = UInt8(truncatingIfNeeded: scale)
      set(numbers, base)
    case .instants(let style, let base, let numbers):
      form = .instant
      detail = style.rawValue
      set(numbers, base)
    case .dictionary(let entries, let codes):
      form = .code
      set(codes, 0)
      let count = entries.byteCounts.count
      unsafe list = arena.list(count)
      unsafe starts = arena.list(count)
      var start = entries.offset
      for entry in 0..<count {
        unsafe starts[entry] = UInt32(truncatingIfNeeded: start)
        unsafe start += Int(entries.byteCounts.load(entry, from: bytes))
      }
      unsafe starts[count] = UInt32(truncatingIfNeeded: start)
    case .texts(let texts), .afterKey(let texts):
      form = .text
      if case .afterKey = column.values { form = .afterKey }
      set(texts.byteCounts, 0)
      unsafe list = arena.list(column.count / ColumnSource.stride)
      var start = texts.offset
      for index in 0..<column.count {
        if index % ColumnSource.stride == 0 {
          unsafe list[index / ColumnSource.stride] = UInt32(truncatingIfNeeded: start)
        }
        unsafe start += Int(texts.byteCounts.load(index, from: bytes))
      }
    case .arrays(_, let counts, _):
      form = .array
      set(counts, 0)
      unsafe list = arena.list(column.count)
      var start: UInt32 = 0
      for index in 0..<column.count {
        unsafe list[index] = start
        start &+= UInt32(truncatingIfNeeded: number(index))
      }
      unsafe list[column.count] = start
    }
    if let bits = column.presence {
      presence = bits
      unsafe ranks = arena.list(rowCount / 64)
      var count: UInt32 = 0
      for index in 0...rowCount / 64 {
        unsafe ranks[index] = count
        count &+= UInt32(truncatingIfNeeded: word(index).nonzeroBitCount)
      }
    }
  }

  private mutating func set(_ numbers: TableLayout.Numbers, _ base: UInt64) {
    self.numbers = numbers.offset
    width = numbers.width
    self.base = base
  }

  /// The bits of 64 rows, some of which may be set past the last one: other bytes stand there.
  @inline(__always)
  private func word(_ index: Int) -> UInt64 {
    unsafe bytes.loadUnaligned(fromByteOffset: presence &+ 8 &* index, as: UInt64.self)
      .littleEndian
  }

  /// The bits of the rows from `64 * index` on that have a value.
  @inline(__always)
  func filled(_ index: Int) -> UInt64 { presence < 0 ? .max : word(index) }

  /// The place among the values of that of a row, which has one.
  @inline(__always)
  func index(of row: Int) -> Int {
    guard presence >= 0 else { return row }
    let before = word(row &>> 6) & ((1 &<< UInt64(row & 63)) &- 1)
    return Int(unsafe ranks[row &>> 6]) &+ before.nonzeroBitCount
  }

  /// The number of a value.
  @inline(__always)
  func number(_ index: Int) -> UInt64 {
    let word = unsafe bytes.loadUnaligned(
      fromByteOffset: numbers &+ index &* width,
      as: UInt64.self
    )
    return base &+ (word.littleEndian & (UInt64.max &>> UInt64(64 &- 8 &* width)))
  }

  /// The value of a boolean.
  @inline(__always)
  func boolean(_ index: Int) -> UInt64 {
    UInt64(unsafe bytes.load(fromByteOffset: numbers &+ index, as: UInt8.self))
  }

  /// The code of the entry of a value in the shard's dictionary, or `noCode`.
  @inline(__always)
  func code(_ index: Int) -> UInt32 { unsafe list[Int(number(index))] }

  func set(code: UInt32, ofEntry entry: Int) { unsafe list[entry] = code }

  /// The elements of an array.
  func elements(_ index: Int) -> Range<Int> {
    unsafe Int(list[index])..<Int(list[index + 1])
  }

  /// The text of an entry.
  func entry(_ entry: Int) -> UnsafeRawBufferPointer {
    let start = unsafe Int(starts[entry])
    return unsafe UnsafeRawBufferPointer(
      start: bytes + start,
      count: Int(starts[entry + 1]) - start
    )
  }

  /// The text of a value, or what of it follows the key.
  func text(_ index: Int) -> UnsafeRawBufferPointer {
    var start = unsafe Int(list[index / ColumnSource.stride])
    for before in index / ColumnSource.stride * ColumnSource.stride..<index {
      start &+= Int(truncatingIfNeeded: number(before))
    }
    return unsafe UnsafeRawBufferPointer(start: bytes + start, count: Int(number(index)))
  }
}
