import Bytes
import Domain

/// Texts of rows.
extension TapeTables {
  /// What a text is kept as while its row waits.
  ///
  /// - Parameters:
  ///   - start: the text, behind whose start 32 bytes can be read.
  ///   - place: of the text on the tape.
  ///   - column: takes it.
  ///   - key: what the text may begin with; `nil` where that is not looked for.
  ///   - source: the chunk.
  /// - Returns: as `TextPlace` has it.
  @inline(__always)
  mutating func cell(
    _ start: UnsafePointer<UInt8>,
    _ place: Tape.Place,
    _ column: UnsafeMutablePointer<Column>,
    _ key: UnsafeBufferPointer<UInt8>?,
    _ source: UnsafePointer<UInt8>
  ) -> UInt64 {
    if unsafe column.pointee.text == .undecided {
      unsafe column.pointee.text = firstMode(start, place.count, key)
    }
    switch unsafe column.pointee.text {
    case .instants(let style):
      if let read = unsafe instants.read(start, place.count), read.style.isSame(as: style) {
        unsafe column.pointee.forms |= CellForm.instant(style)
        return TextPlace.instant(style, read.count)
      }
      unsafe column.pointee.text = .codes
    case .afterKey:
      if let key = unsafe key, place.offset < Tape.aside,
        unsafe TapeTables.begins(start, place.count, with: key)
      {
        unsafe column.pointee.forms |= CellForm.afterKey
        return unsafe TextPlace.rest(
          source,
          place.offset &+ key.count,
          place.count &- key.count
        )
      }
      unsafe column.pointee.text = .codes
    case .undecided, .codes, .places: break
    }
    return unsafe cell(start, place, column)
  }

  /// The code of a text, or its place.
  @inline(__always)
  private func cell(
    _ start: UnsafePointer<UInt8>,
    _ place: Tape.Place,
    _ column: UnsafeMutablePointer<Column>
  ) -> UInt64 {
    let isAside = place.offset >= Tape.aside
    let isShort = place.count <= entryByteCountMax
    let isCode = unsafe column.pointee.text == .codes && !column.pointee.codes.isUseless
    if isAside || (isCode && isShort) {
      // Where a text is no entry of a dictionary, all are written in full.
      unsafe column.pointee.forms |= isShort ? CellForm.code : CellForm.code | CellForm.whole
      return unsafe UInt64(truncatingIfNeeded: column.pointee.codes.code(of: start, place.count))
    }
    if !isCode { unsafe column.pointee.text = .places }
    unsafe column.pointee.forms |= CellForm.whole
    let cell = UInt64(truncatingIfNeeded: place.offset) | UInt64(place.count) &<< 32
    return cell | TextPlace.whole
  }

  private func firstMode(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ key: UnsafeBufferPointer<UInt8>?
  ) -> TextMode {
    if let read = unsafe instants.read(start, byteCount) { return .instants(read.style) }
    guard let key = unsafe key else { return .codes }
    return unsafe TapeTables.begins(start, byteCount, with: key) ? .afterKey : .codes
  }

  @inline(__always)
  private static func begins(
    _ start: UnsafePointer<UInt8>,
    _ byteCount: Int,
    with key: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let keyStart = key.baseAddress, key.count <= byteCount else { return false }
    return unsafe TextWords.areEqual(start, keyStart, key.count)
  }
}
