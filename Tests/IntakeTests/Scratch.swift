import Bytes
import Domain
import Glibc
import Intake
import Testing

/// A fresh folder that goes away with this object.
final class Scratch {
  let path: String

  init() {
    var template = Array("/tmp/intake-tests-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { _ = run("rm -rf '\(path)'") }

  func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      rest = rest.dropFirst(count)
    }
    close(file)
    return path + "/" + name
  }

  func run(_ command: String) -> Int32 { system(command) }
}

/// Everything a load gave, decoded.
struct Loaded {
  struct Row: Equatable {
    var shard: UInt32
    var kind: RowKind
    var key: Text
    var value: ObjectValue

    var json: String { String(decoding: Value.object(value).json(), as: UTF8.self) }
  }

  var report: SurveyReport
  var rows: [Row] = []
  var batchByteCounts: [Int] = []
  /// Batches of columns.
  var tableCount = 0

  var profiles: [String] { rows.filter { $0.kind == .attributes }.map { "\($0.key) \($0.json)" } }
  var events: [String] { rows.filter { $0.kind == .event }.map { "\($0.key) \($0.json)" } }
}

/// Surveys and loads the files, and checks that batches are whole.
func load(
  _ inputs: [IntakeSource.Input],
  _ options: IntakeOptions = IntakeOptions(),
  shardCount: Int = 1
) throws -> Loaded {
  let source = try IntakeSource(inputs, options: options)
  var preview = try Preview(source)
  var rows: [Loaded.Row] = []
  var sizes: [Int] = []
  var tableCount = 0
  while true {
    let outcome = try Loader.run(source, &preview, shardCount: shardCount) {
      shard,
      bytes,
      rowCount in
      var reader = try RowBatchReader(bytes)
      var count = 0
      while let row = try reader.next() {
        rows.append(
          Loaded.Row(
            shard: shard.number,
            kind: row.kind,
            key: row.key.text,
            value: try reader.value(of: row)
          )
        )
        count += 1
      }
      if count != rowCount { throw Miscount(expected: rowCount, found: count) }
      sizes.append(bytes.count)
      if bytes.first == TableBatch.version { tableCount += 1 }
    }
    guard case .loaded(let report) = outcome else {
      rows = []
      sizes = []
      tableCount = 0
      continue
    }
    // What only looks finds the same.
    let survey = try Survey.run(source)
    #expect(survey.schema == report.schema)
    #expect(survey.rejects == report.rejects)
    #expect(survey.importHash == report.importHash)
    #expect(preview.importHash == report.importHash)
    return Loaded(
      report: report,
      rows: rows,
      batchByteCounts: sizes,
      tableCount: tableCount
    )
  }
}

struct Miscount: Error {
  var expected: Int
  var found: Int
}

/// Loads a text as one file of profiles, or of events.
func load(
  _ text: String,
  as name: String = "rows.jsonl",
  _ kind: RowKind = .attributes,
  _ options: IntakeOptions = IntakeOptions()
) throws -> Loaded {
  let scratch = Scratch()
  return try load([.init(scratch.write(name, text), kind)], options)
}

extension IntakeOptions {
  init(_ change: (inout IntakeOptions) throws -> Void) rethrows {
    self.init()
    try change(&self)
  }
}
