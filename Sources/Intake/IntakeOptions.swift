package import Bytes
private import Platform

/// How the rows of a file are written.
package enum IntakeFormat: String, CaseIterable, Hashable, Sendable {
  /// One JSON object a line.
  case jsonLines = "jsonl"
  /// Comma-separated cells, the first record naming the columns.
  case csv
  /// The same with tabs.
  case tsv

  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

  package init(named name: Text) throws(IntakeError) {
    guard let format = IntakeFormat.allCases.first(where: { Text($0.rawValue) == name }) else {
      throw .unknownFormatName(name: name.string)
    }
    self = format
  }

  /// The format that a file's ending tells, `.gz` and `.zst` aside.
  init?(ending: some StringProtocol) {
    switch Text(String(ending)) {
    case "jsonl", "ndjson", "json": self = .jsonLines
    case "csv": self = .csv
    case "tsv": self = .tsv
    default: return nil
    }
  }

  var separator: UInt8 { self == .tsv ? 0x09 : UInt8(ascii: ",") }
}

/// What bounds an import; the standard values suit any machine that holds a shard.
package struct IntakeLimits: Hashable, Sendable {
  /// The longest line or CSV record, in bytes.
  package var lineByteCountMax = 16 << 20
  /// Names an object may have before it counts as a map.
  package var mapFieldCountMin = 1_000
  /// Different fields of a whole schema.
  package var fieldCountMax = 100_000
  /// Bytes of a batch at which it is handed on.
  package var batchByteCount = 256 << 10
  /// Bytes of text that a thread works on at a time.
  package var chunkByteCount = 4 << 20
  /// Bytes of each CSV file that tell the types of its columns until all have been read.
  package var sampleByteCount = 1 << 20
  /// Bytes of a chunk for each shard, so that batches do not become too small.
  package var shardChunkByteCount = 256 << 10
  /// The most bytes that many shards make of a chunk.
  package var chunkByteCountMax = 16 << 20
  /// Threads that work on chunks.
  package var threadCount = min(ProcessStatus.processorCount, 16)
  /// Bytes of a file that are hashed apart from others; its hash depends on them.
  package var hashedByteCount = 4 << 20
  /// Bytes of names kept between rows.
  package var nameByteCountMax = 16 << 20
  /// Rejects that are listed rather than only counted.
  package var listedRejectCountMax = RejectReport.listedCountMax

  package init() {}
}

/// How files are read and what in them means what.
package struct IntakeOptions: Sendable {
  /// Overrides what the files' names say.
  package var format: IntakeFormat?
  /// Overrides the format's separator of cells.
  package var separator: UInt8?
  package var profileKey = KeyRule.standard
  package var eventKey = KeyRule.standard
  /// The field of an event that becomes its `timestamp`.
  package var eventTime: FieldPath?
  package var declared = DeclaredTypes()
  package var limits = IntakeLimits()

  package init() {}

  /// Reads the text of the separator option: one of `,` `;` `|`, or `tab`.
  package static func separator(named name: Text) throws(IntakeError) -> UInt8 {
    switch name {
    case ",", ";", "|": return Array(name.utf8)[0]
    case "tab", "\t", "\\t": return 0x09
    default: throw .badSeparator(text: name.string)
    }
  }
}

/// How far a pass has come.
package struct IntakeProgress: Equatable, Sendable {
  /// Bytes of the files on disk, compressed where they are.
  package var byteCount: Int
  package var byteCountTotal: Int
  /// Rows read so far, rejected ones included.
  package var rowCount: UInt64
}
