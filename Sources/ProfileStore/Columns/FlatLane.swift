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

  package var kind: Kind
  /// The scale of decimals, or the style of texts that are instants.
  package var detail: UInt8
  /// Bytes of each number or code.
  package var width: Int
  /// How many values there are.
  package var count: Int
  /// What numbers count from.
  package var base: Int64
  /// The largest number or code.
  package var largest: UInt64
  /// The shard's dictionary of codes.
  package var dictionary: Int
  /// Numbers, codes, or bits in words of 64.
  package var values: UnsafeRawPointer
  /// A bit for each row of the table, set when it has a value; `nil` when every row has one.
  ///
  /// The set bits' values follow each other.
  package var presence: UnsafePointer<UInt64>?
  /// Where the column's own texts begin and end, and their bytes.
  package var textStarts: UnsafeRawPointer
  package var textStartWidth: Int
  package var textCount: Int
  package var textBytes: UnsafeRawPointer

  /// One of the column's own texts; a plain one has its value's number.
  package func text(_ index: Int) -> Text {
    let start = unsafe Int(truncatingIfNeeded: textStart(index))
    let end = unsafe Int(truncatingIfNeeded: textStart(index + 1))
    let bytes = unsafe UnsafeRawBufferPointer(start: textBytes + start, count: end - start)
    return unsafe Text(utf8: bytes.assumingMemoryBound(to: UInt8.self)) ?? ""
  }

  private func textStart(_ index: Int) -> UInt64 {
    switch unsafe textStartWidth {
    case 1: unsafe UInt64(textStarts.load(fromByteOffset: index, as: UInt8.self))
    case 2: unsafe UInt64(textStarts.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    case 4: unsafe UInt64(textStarts.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    default: unsafe textStarts.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
    }
  }
}

extension FlatLane {
  /// A lane of single values; `nil` for arrays, objects and maps.
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
    unsafe self.kind = kind
    unsafe self.detail = detail
    unsafe width = numbers?.width ?? 1
    unsafe count = lane.count
    unsafe self.base = base
    unsafe largest = numbers?.largest ?? 0
    unsafe self.dictionary = dictionary
    unsafe self.values = values
    unsafe self.presence = presence
    unsafe textStarts = bytes + (texts?.starts.offset ?? 0)
    unsafe textStartWidth = texts?.starts.width ?? 1
    unsafe textCount = texts?.entryCount ?? 0
    unsafe textBytes = bytes + (texts?.offset ?? 0)
  }
}
