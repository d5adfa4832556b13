import Bytes
import Domain

/// What all cells of a CSV column could still be.
struct CellTypes: Sendable {
  private var canBeInteger = true
  private var canBeDouble = true
  private var canBeBoolean = true
  private var textForm = TextForm.none
  /// Whether a cell can still narrow any of these.
  private(set) var isOpen = true
  /// Cells that are not empty.
  private(set) var count: UInt64 = 0
  /// Those of them with nothing but blanks, as far as it matters: while the others may be numbers.
  private(set) var blankCount: UInt64 = 0

  /// Takes a cell that is not empty; some byte that is not of a number stands behind it.
  @inline(__always)
  mutating func add(_ cell: UnsafeBufferPointer<UInt8>) {
    count &+= 1
    if isOpen { unsafe narrow(cell) }
  }

  /// Counts cells that would narrow nothing which an earlier one has not.
  mutating func addAlike(_ count: UInt64) { self.count &+= count }

  /// Whether a cell has nothing but blanks in it: among numbers it is as good as empty.
  static func isBlank(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = unsafe cell.first, first == 0x20 || first == 0x09 else { return false }
    return unsafe cell.allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  private mutating func narrow(_ cell: UnsafeBufferPointer<UInt8>) {
    if canBeDouble, unsafe CellTypes.isBlank(cell) {
      blankCount &+= 1
      canBeBoolean = false
      textForm = .any
      return
    }
    if canBeDouble {
      switch unsafe CellTypes.number(cell) {
      case .integer: break
      case .double: canBeInteger = false
      default:
        canBeInteger = false
        canBeDouble = false
      }
    }
    if canBeBoolean, unsafe Tape.boolean(cell) == nil { canBeBoolean = false }
    if textForm == .instant, unsafe TimeText.isPlainInstant(cell) { return }
    if textForm != .any {
      if let time = unsafe TimeText(cell) {
        textForm = max(textForm, time.isDateOnly ? .date : .instant)
      } else {
        textForm = .any
      }
    }
    isOpen = canBeDouble || canBeBoolean || textForm != .any
  }

  /// The number that a cell is.
  static func number(_ cell: UnsafeBufferPointer<UInt8>) -> NumberText.Reading? {
    guard let start = cell.baseAddress, cell.count <= Tape.numberByteCountMax else { return nil }
    // Behind a cell stands a separator, quote or line end, or the end of what was respelled.
    if cell.count <= 24, let number = unsafe PlainNumber(start), number.byteCount == cell.count {
      return number.isInteger
        ? .integer(Int64(bitPattern: number.bits)) : .double(Double(bitPattern: number.bits))
    }
    return unsafe NumberText.parse(cell)
  }

  /// Takes what following cells of the column could be.
  mutating func merge(_ next: CellTypes) {
    canBeInteger = canBeInteger && next.canBeInteger
    canBeDouble = canBeDouble && next.canBeDouble
    canBeBoolean = canBeBoolean && next.canBeBoolean
    textForm = max(textForm, next.textForm)
    isOpen = canBeDouble || canBeBoolean || textForm != .any
    count += next.count
    blankCount += next.blankCount
  }

  /// The narrowest type that every cell has; `nil` when there was none.
  ///
  /// A cell of nothing but blanks does not keep a column from being one of numbers: it has none. A
  /// column that holds profile keys is never one of booleans, nor one of numbers with blanks.
  func type(isKey: Bool) -> FieldType? {
    guard count > 0 else { return nil }
    let areNumbers = canBeDouble && (blankCount == 0 || !isKey && blankCount < count)
    if areNumbers { return canBeInteger ? .integer : .double }
    if canBeBoolean, !isKey { return .boolean }
    switch textForm {
    case .date: return .date
    case .instant: return .instant
    case .none, .any: return .string
    }
  }
}
