import Bytes
import Domain

/// What the order and the tables of events go by: their times and types.
///
/// Times are the language's: ISO 8601 text, UTC where it has no offset, or epoch milliseconds.
extension RowTranscoder {
  func forget(_ step: ShapePrograms.Step, _ row: inout Row) {
    guard !step.isDropped else { return }
    if step.role == .eventType { row.type = -1 } else { row.instant = .max }
  }

  func note(_ step: ShapePrograms.Step, integer: Int64, _ row: inout Row) {
    guard !step.isDropped else { return }
    if step.role == .eventType { return row.type = -1 }
    row.instant = Instant(milliseconds: integer).clamped.milliseconds
  }

  func note(_ step: ShapePrograms.Step, double: Double, _ row: inout Row) {
    guard !step.isDropped else { return }
    if step.role == .eventType { return row.type = -1 }
    let limit = 1e18
    row.instant = Instant(milliseconds: Int64(min(max(double, -limit), limit))).clamped.milliseconds
  }

  /// A text, with its code in its place's dictionary.
  func noteText(
    _ step: ShapePrograms.Step,
    _ text: Range<Int>,
    _ code: Int,
    _ row: inout Row
  ) {
    guard !step.isDropped else { return }
    if step.role == .eventType { return row.type = code }
    if step.role == .timestamp {
      row.instant = unsafe TimeText(cursor.bytes(text))?.instant.milliseconds ?? .max
    }
  }

  /// A text that is the row's key and what follows it.
  mutating func note(
    _ step: ShapePrograms.Step,
    keyed suffix: Range<Int>,
    _ row: inout Row
  ) {
    guard !step.isDropped, isWriting else { return }
    let text = unsafe Array(cursor.bytes(tables.keys[row.key])) + Array(cursor.bytes(suffix))
    if step.role == .eventType {
      row.type = unsafe text.withUnsafeBytes { unsafe code(of: $0, at: step.node) }
    } else {
      row.instant = TimeText(text)?.instant.milliseconds ?? .max
    }
  }
}
