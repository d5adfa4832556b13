package import Bytes

/// Names with dots between them, the way to a field.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  /// The most names a path has.
  package static let nameCountMax = 32

  package let names: [Text]

  /// Reads `a.b.c`.
  ///
  /// - Returns: `nil` when a name is empty or there are too many.
  package init?(_ text: Text) {
    let names = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .compactMap { Text(utf8: $0) }
    guard names.count <= FieldPath.nameCountMax, names.allSatisfy({ $0.byteCount > 0 }) else {
      return nil
    }
    self.names = names
  }

  /// The path of one name that is not empty.
  init(name: Text) { names = [name] }

  package var description: String { names.map(\.string).joined(separator: ".") }
}

/// Where a row's profile key stands.
package enum KeyRule: Hashable, Sendable {
  /// `_id`, else `profileID`, else the first identity of `identityMap`.
  case standard
  /// A path; where it meets an array, its first element counts.
  case path(FieldPath)
  /// The row's number among the rows of its kind, from 1.
  case rowNumber

  /// The longest key, in bytes.
  package static let byteCountMax = 4_096

  /// Reads the text of an option: a path, or `@row`.
  package init(_ text: Text) throws(IntakeError) {
    if text == "@row" {
      self = .rowNumber
    } else if let path = FieldPath(text) {
      self = .path(path)
    } else {
      throw .badPath(text: text.string)
    }
  }
}
