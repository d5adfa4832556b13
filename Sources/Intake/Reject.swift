package import Bytes

/// Why a row was left out.
package enum RejectReason: String, CaseIterable, Hashable, Sendable {
  case malformedJSON = "malformed-json"
  case malformedCSV = "malformed-csv"
  case notAnObject = "not-an-object"
  case invalidUTF8 = "invalid-utf8"
  case tooLong = "too-long"
  case tooDeep = "too-deep"
  case tooManyFields = "too-many-fields"
  case wrongCellCount = "wrong-cell-count"
  case missingKey = "missing-key"
  case emptyKey = "empty-key"
  /// A boolean, object or array, or a text over the limit.
  case unusableKey = "unusable-key"
  /// A value that is not what the schema declares.
  case wrongKind = "wrong-kind"
}

/// A row that was left out, and why.
package struct Reject: Equatable, Sendable {
  package var file: String
  /// The physical line the row starts on, from 1.
  package var line: Int
  package var reason: RejectReason
  /// Path of the field at fault; empty where it is the row as a whole.
  package var field: Text
  /// The value at fault, shortened and made printable.
  package var value: Text
  /// What is wrong in words.
  package var detail: String

  /// The longest value shown, in bytes.
  package static let valueByteCountMax = 80
}

extension Reject: CustomStringConvertible {
  package var description: String {
    let place = field.utf8.isEmpty ? "" : "\(field): "
    let shown = value.utf8.isEmpty ? "" : " ('\(value)')"
    return "\(file):\(line): \(place)\(detail)\(shown)"
  }
}

/// Every reject counted, the first ones listed.
package struct RejectReport: Equatable, Sendable {
  /// How many rejects are listed unless a caller says otherwise.
  package static let listedCountMax = 100

  package private(set) var counts: [RejectReason: UInt64] = [:]
  package private(set) var listed: [Reject] = []
  private let limit: Int

  package init(limit: Int = RejectReport.listedCountMax) { self.limit = limit }

  package var count: UInt64 { counts.values.reduce(0, +) }

  package mutating func add(_ reject: Reject) {
    counts[reject.reason, default: 0] += 1
    if listed.count < limit { listed.append(reject) }
  }

  /// Adds the rejects of what follows, each changed to stand where it stands in the whole.
  mutating func add(_ next: RejectReport, _ change: (Int, inout Reject) -> Void) {
    for (reason, count) in next.counts { counts[reason, default: 0] += count }
    for (index, reject) in next.listed.prefix(limit - listed.count).enumerated() {
      var moved = reject
      change(index, &moved)
      listed.append(moved)
    }
  }
}

/// A fault of one row, before its place is known.
struct RowFault: Error {
  var reason: RejectReason
  var field = Text("")
  var value = Text("")
  var detail: String
}
