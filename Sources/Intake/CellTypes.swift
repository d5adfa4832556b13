import Bytes
import Domain

/// What all cells of a CSV column could still be.
struct CellTypes {
  private var canBeInteger = true
  private var canBeDouble = true
  private var canBeBoolean = true
  private(set) var textForm = TextForm.none
  /// Cells that are not empty.
  private(set) var count: UInt64 = 0

  mutating func add(_ cell: UnsafeBufferPointer<UInt8>) {
    count += 1
    if canBeDouble {
      let isShort = cell.count <= Tape.numberByteCountMax
      switch unsafe isShort ? NumberText.parse(cell) : nil {
      case .integer: break
      case .double: canBeInteger = false
      default:
        canBeInteger = false
        canBeDouble = false
      }
    }
    if canBeBoolean, unsafe Tape.boolean(Array(cell.prefix(6))[...]) == nil {
      canBeBoolean = false
    }
    if textForm != .any {
      if let time = unsafe TimeText(cell) {
        textForm = max(textForm, time.isDateOnly ? .date : .instant)
      } else {
        textForm = .any
      }
    }
  }

  /// The narrowest type that every cell has; `nil` when there was none.
  ///
  /// A column that holds profile keys is never one of booleans.
  func type(isKey: Bool) -> FieldType? {
    guard count > 0 else { return nil }
    if canBeInteger { return .integer }
    if canBeDouble { return .double }
    if canBeBoolean, !isKey { return .boolean }
    switch textForm {
    case .date: return .date
    case .instant: return .instant
    case .none, .any: return .string
    }
  }
}
