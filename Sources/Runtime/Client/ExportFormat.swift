package import Bytes
import Cluster
import Domain

/// How exported rows are written.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// A header, then a record a profile (RFC 4180, lines ending in a newline).
  case csv
  /// One JSON object a line.
  case jsonLines = "jsonl"

  /// The columns before the fields asked for.
  private static let columns = ["key", "status", "lastQualificationTime"]

  /// What stands before the first row.
  func header(fields: [Text]) -> [UInt8] {
    switch self {
    case .csv:
      var line: [UInt8] = []
      let names = ExportFormat.columns.map { Text($0) } + fields
      for (index, name) in names.enumerated() {
        if index > 0 { line.append(UInt8(ascii: ",")) }
        ExportFormat.append(cell: name, to: &line)
      }
      return line + [0x0A]
    case .jsonLines: return []
    }
  }

  /// Writes a row with its line's end.
  ///
  /// - Parameters:
  ///   - row: with the attributes that were asked for, by path.
  ///   - fields: the columns of a CSV file, in their order.
  ///   - bytes: where to.
  func append(_ row: PageRow, fields: [Text], to bytes: inout [UInt8]) {
    switch self {
    case .csv:
      ExportFormat.append(cell: row.key.text, to: &bytes)
      for cell in [row.status?.word, row.lastQualification.map { Text($0.iso) }] {
        bytes.append(UInt8(ascii: ","))
        if let cell { ExportFormat.append(cell: cell, to: &bytes) }
      }
      for field in fields {
        bytes.append(UInt8(ascii: ","))
        if let value = row.fields[field] { ExportFormat.append(value, to: &bytes) }
      }
    case .jsonLines:
      var object: [(Text, Value)] = [("key", .string(row.key.text))]
      if let status = row.status { object.append(("status", .string(status.word))) }
      if let time = row.lastQualification {
        object.append(("lastQualificationTime", .string(time.iso)))
      }
      if !row.fields.isEmpty { object.append(("fields", .object(row.fields))) }
      bytes += Value.object(object).json()
    }
    bytes.append(0x0A)
  }

  private static func append(_ value: Value, to bytes: inout [UInt8]) {
    switch value {
    case .string(let text): append(cell: text, to: &bytes)
    case .boolean, .integer, .double: bytes += value.json()
    case .array, .object:
      append(cell: Text(String(decoding: value.json(), as: UTF8.self)), to: &bytes)
    }
  }

  /// Writes a text, in quotes when it holds what would end a cell.
  package static func append(cell text: Text, to bytes: inout [UInt8]) {
    let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D]
    guard text.utf8.contains(where: special.contains) else {
      bytes += text.utf8
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension MembershipStatus {
  /// The word of the Segmentation Service.
  var word: Text {
    switch self {
    case .realized: "realized"
    case .exited: "exited"
    }
  }
}
