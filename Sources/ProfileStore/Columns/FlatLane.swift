package import Bytes
import Domain

/// The values of one kind at one place of a table, as they lie in memory.
///
/// Pointers are valid for as long as the `FlatBlock` lives.
@unsafe package struct FlatLane: BitwiseCopyable, @unchecked Sendable {
  package enum Kind: UInt8, BitwiseCopyable, Sendable {
    case booleans
    case integers
    case decimals
    case doubles
    case instantTexts
    /// Codes of a dictionary of the shard.
    case sharedTexts
    /// Codes of the column's own texts.
    case ownTexts
    /// Texts one by one.
    case plainTexts
  }

  package let kind: Kind
  /// The scale of decimals, or the style of texts that are instants.
  package let detail: UInt8
  private var ownWidth: UInt8
  private let ownTextStartWidth: UInt8
  /// Every row has a code, one above its own, and 0 stands for no value; then there is no presence.
  package private(set) var isSpread = false
  private var highPartShift: UInt8 = 0
  private let valueCount: UInt32
  private let dictionaryNumber: UInt32
  private let ownTextCount: UInt32
  /// What numbers count from.
  package let base: Int64
  /// The largest number or code.
  package let largest: UInt64
  /// Numbers, codes, or bits in words of 64.
  package private(set) var values: UnsafeRawPointer
  /// A bit for each row of the table, set when it has a value; `nil` when every row has one.
  ///
  /// The set bits' values follow each other.
  package private(set) var presence: UnsafePointer<UInt64>?
  private var highPartNumbers: UnsafePointer<UInt16>?
  /// A number for each row of the table, 0 where there is none, of `width` bytes each; kept of some
  /// lanes of numbers with a presence.
  package internal(set) var rowNumbers: UnsafeRawPointer?
  /// Where the column's own texts begin and end, and their bytes.
  private let textStarts: UnsafeRawPointer
  private let ownTextBytes: UnsafeRawPointer

  /// Bytes of each number or code.
  package var width: Int { unsafe Int(ownWidth) }
  /// How many values there are.
  package var count: Int { unsafe Int(valueCount) }
  /// The shard's dictionary of codes.
  package var dictionary: Int { unsafe Int(dictionaryNumber) }
  package var textCount: Int { unsafe Int(ownTextCount) }

  /// The high parts of wide numbers, where they are kept.
  package internal(set) var highParts: HighParts? {
    get {
      guard let numbers = unsafe highPartNumbers else { return nil }
      return unsafe HighParts(numbers: numbers, shift: UInt64(highPartShift))
    }
    set {
      unsafe highPartNumbers = newValue?.numbers
      unsafe highPartShift = UInt8(truncatingIfNeeded: newValue?.shift ?? 0)
    }
  }

  /// One of the column's own texts; a plain one has its value's number.
  package func text(_ index: Int) -> Text {
    unsafe Text(utf8: textBytes(index).assumingMemoryBound(to: UInt8.self)) ?? ""
  }

  /// The UTF-8 of one of the column's own texts.
  package func textBytes(_ index: Int) -> UnsafeRawBufferPointer {
    let start = unsafe Int(truncatingIfNeeded: textStart(index))
    let end = unsafe Int(truncatingIfNeeded: textStart(index + 1))
    return unsafe UnsafeRawBufferPointer(start: ownTextBytes + start, count: end - start)
  }

  private func textStart(_ index: Int) -> UInt64 {
    switch unsafe ownTextStartWidth {
    case 1: unsafe UInt64(textStarts.load(fromByteOffset: index, as: UInt8.self))
    case 2: unsafe UInt64(textStarts.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    case 4: unsafe UInt64(textStarts.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    default: unsafe textStarts.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
    }
  }
}

extension FlatLane {
  /// A lane of single values; `nil` for arrays, objects and maps, and for more values than a block may
  /// have rows.
  init?(_ lane: Column.Lane, presence: UnsafePointer<UInt64>?, _ bytes: UnsafeRawPointer) {
    let kind: Kind
    var detail: UInt8 = 0
    var base: Int64 = 0
    var dictionary = 0
    var numbers: PackedNumbers?
    var texts: Column.Strings?
    var values = unsafe bytes
    switch lane.values {
    case .booleans(let bits):
      kind = .booleans
      unsafe values += bits.offset
    case .integers(let start, let packed):
      kind = .integers
      base = start
      numbers = packed
    case .decimals(let scale, let start, let packed):
      kind = .decimals
      detail = UInt8(truncatingIfNeeded: scale)
      base = start
      numbers = packed
    case .doubles(let packed):
      kind = .doubles
      numbers = packed
    case .instantTexts(let style, let start, let packed):
      kind = .instantTexts
      detail = style.rawValue
      base = start
      numbers = packed
    case .strings(let strings):
      texts = strings
      switch strings.dictionary {
      case .shard(let number):
        kind = .sharedTexts
        dictionary = number
        numbers = strings.codes
      case .block:
        kind = .ownTexts
        numbers = strings.codes
      case .plain: kind = .plainTexts
      }
    case .arrays, .objects, .maps: return nil
    }
    if let numbers { unsafe values += numbers.offset }
    guard let valueCount = UInt32(exactly: lane.count),
      let dictionaryNumber = UInt32(exactly: dictionary),
      let textCount = UInt32(exactly: texts?.entryCount ?? 0)
    else { return nil }
    unsafe self.kind = kind
    unsafe self.detail = detail
    unsafe ownWidth = UInt8(truncatingIfNeeded: numbers?.width ?? 1)
    unsafe self.valueCount = valueCount
    unsafe self.base = base
    unsafe largest = numbers?.largest ?? 0
    unsafe self.dictionaryNumber = dictionaryNumber
    unsafe self.values = values
    unsafe self.presence = presence
    unsafe textStarts = bytes + (texts?.starts.offset ?? 0)
    unsafe ownTextStartWidth = UInt8(truncatingIfNeeded: texts?.starts.width ?? 1)
    unsafe ownTextCount = textCount
    unsafe ownTextBytes = bytes + (texts?.offset ?? 0)
  }

  /// Reads codes of all rows from now on.
  mutating func take(_ codes: SpreadCodes) {
    unsafe values = codes.codes
    unsafe ownWidth = UInt8(truncatingIfNeeded: codes.width)
    unsafe presence = nil
    unsafe isSpread = true
  }
}
