import Bytes
import Domain

/// Whether the header of a CSV file has a column with the profile's key.
enum KeyColumn {
  /// Columns that are named one by one.
  private static let listedCountMax = 20

  /// Why no row under this header can have a key; `nil` when one can.
  static func reason(against columns: [Text], rule: KeyRule) -> String? {
    let wanted: String
    switch rule {
    case .rowNumber: return nil
    case .path(let path):
      guard !columns.contains(Text(path.description)) else { return nil }
      wanted = "column '\(Printable.text(path.description.utf8, byteCountMax: 80))'"
    case .standard:
      let isKeyed = columns.contains { column in
        column == "_id" || column == "profileID"
          || column.utf8.starts(with: "identityMap".utf8)
      }
      guard !isKeyed else { return nil }
      wanted = "column _id, profileID or identityMap"
    }
    return "it has no \(wanted) with the profile's key; "
      + (separatorAdvice(columns) ?? "its columns are \(list(columns))")
  }

  /// What to say of a header that looks as if other characters separate its cells.
  private static func separatorAdvice(_ columns: [Text]) -> String? {
    guard columns.count == 1, let only = columns.first else { return nil }
    for (byte, name) in [(0x3B, ";"), (0x09, "tab"), (0x7C, "|"), (0x2C, ",")] as [(UInt8, String)]
    where only.utf8.contains(byte) {
      return "its only column is '\(Printable.text(only.utf8, byteCountMax: 80))': "
        + "does '\(name)' separate the cells?"
    }
    return nil
  }

  private static func list(_ columns: [Text]) -> String {
    let names = columns.prefix(listedCountMax).map {
      Printable.text($0.utf8, byteCountMax: 80).string
    }
    let more = columns.count - names.count
    return names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
