import Bytes
import Domain
import Glibc
import Intake
import Platform
import Testing

@Suite struct FileTests {
  private let row = "{\"_id\":\"a\"}\n"

  @Test(arguments: ["jsonl", "ndjson", "json"])
  func `endings tell JSON lines`(ending: String) throws {
    #expect(try load(row, as: "x.\(ending)").rows.count == 1)
  }

  @Test func `endings tell cells, options override them`() throws {
    #expect(try load("_id,x\na,1\n", as: "x.csv").profiles == [#"a {"_id":"a","x":1}"#])
    #expect(try load("_id\tx\na\t1\n", as: "x.tsv").profiles == [#"a {"_id":"a","x":1}"#])
    let semicolon = try IntakeOptions { $0.separator = try IntakeOptions.separator(named: ";") }
    #expect(
      try load("_id;x\na;1,5\n", as: "x.csv", .attributes, semicolon).profiles
        == [#"a {"_id":"a","x":"1,5"}"#]
    )
    let csv = try IntakeOptions { $0.format = try IntakeFormat(named: "csv") }
    #expect(try load("_id\nb\n", as: "x.data", .attributes, csv).rows.map(\.key) == ["b"])
  }

  @Test(arguments: ["gzip -k", "zstd -qk"])
  func `compressed files give the same rows and the same hash`(program: String) throws {
    let scratch = Scratch()
    var text = ""
    for number in 0..<20_000 { text += "{\"_id\":\"k\(number)\",\"n\":\(number)}\n" }
    let plain = scratch.write("rows.jsonl", text)
    #expect(scratch.run("\(program) \(plain)") == 0)
    let packed = plain + (program.hasPrefix("gzip") ? ".gz" : ".zst")

    let expected = try load([.init(plain, .attributes)], shardCount: 3)
    let loaded = try load([.init(packed, .attributes)], shardCount: 3)

    #expect(loaded.rows == expected.rows)
    #expect(loaded.report.importHash == expected.report.importHash)
    #expect(loaded.report.importHash.count == 32)
  }

  @Test(arguments: ["gzip -k", "zstd -qk"])
  func `a damaged compressed file is an error with the program's words`(program: String) throws {
    let scratch = Scratch()
    var text = ""
    for number in 0..<20_000 { text += "{\"_id\":\"k\(number)\",\"n\":\(number)}\n" }
    let plain = scratch.write("rows.jsonl", text)
    #expect(scratch.run("\(program) \(plain)") == 0)
    let packed = plain + (program.hasPrefix("gzip") ? ".gz" : ".zst")
    #expect(scratch.run("truncate -s 5000 \(packed)") == 0)
    let source = try IntakeSource([.init(packed, .attributes)])
    let error = #expect(throws: IntakeError.self) { try Survey.run(source) }
    guard case .disk(let disk) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(disk.operation == "decompress")
    #expect(disk.reason.contains("ended with status 1"))
  }

  @Test func `a program that is not there is named`() throws {
    let scratch = Scratch()
    let file = scratch.write("x", "text")
    #expect(
      throws: DiskError(
        operation: "decompress",
        path: file,
        number: ENOENT,
        reason: "the program 'no-such-program' is not installed"
      )
    ) {
      _ = try ByteInput(file, through: ["no-such-program", "-dc"])
    }
  }

  @Test func `leaving a compressed file early ends the program`() throws {
    let scratch = Scratch()
    let file = scratch.write("zeros", [UInt8](repeating: 0, count: 1 << 20))
    for _ in 0..<20 {
      let input = try ByteInput(file, through: ["cat"])
      var buffer = [UInt8](repeating: 1, count: 10)
      #expect(try buffer.withUnsafeMutableBytes { try input.read(into: $0) } == 10)
    }
  }

  @Test func `patterns give files by name, and several patterns keep their order`() throws {
    let scratch = Scratch()
    for name in ["c", "a", "b"] { _ = scratch.write("\(name).jsonl", "{\"_id\":\"\(name)\"}\n") }
    let last = scratch.write("0.ndjson", "{\"_id\":\"0\"}\n")
    let loaded = try load(
      [.init(scratch.path + "/*.jsonl", .attributes), .init(last, .attributes)])
    #expect(loaded.rows.map(\.key) == ["a", "b", "c", "0"])
  }

  @Test func `a name with brackets is a file before it is a pattern`() throws {
    let scratch = Scratch()
    let file = scratch.write("rows[1].jsonl", row)
    #expect(try load([.init(file, .attributes)]).rows.count == 1)
  }

  @Test func `what cannot be read says why`() throws {
    let scratch = Scratch()
    let missing = scratch.path + "/none*.jsonl"
    #expect(throws: IntakeError.noMatch(pattern: missing)) {
      _ = try IntakeSource([.init(missing, .attributes)])
    }
    #expect(throws: IntakeError.noFiles) { _ = try IntakeSource([]) }
    let unknown = scratch.write("rows.txt", row)
    #expect(throws: IntakeError.unknownFormat(file: unknown)) {
      _ = try IntakeSource([.init(unknown, .attributes)])
    }
    let folder = DiskError(
      operation: "read",
      path: scratch.path,
      number: EISDIR,
      reason: "it is a folder"
    )
    #expect(throws: IntakeError.disk(folder)) {
      _ = try IntakeSource([.init(scratch.path, .attributes)])
    }
    #expect(throws: IntakeError.namedTwice(file: unknown)) {
      let options = IntakeOptions { $0.format = .csv }
      _ = try IntakeSource(
        [.init(unknown, .event), .init(scratch.path + "/*.txt", .event)],
        options: options
      )
    }
    #expect(throws: IntakeError.unknownFormatName(name: "xml")) {
      _ = try IntakeFormat(named: "xml")
    }
    #expect(throws: IntakeError.badSeparator(text: "ab")) {
      _ = try IntakeOptions.separator(named: "ab")
    }
    #expect(throws: IntakeError.badPath(text: "a..b")) { _ = try KeyRule("a..b") }
  }

  @Test func `standard input is read twice from a copy that goes away`() throws {
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", row + row)
    let packed = scratch.path + "/rows.jsonl.gz"
    #expect(scratch.run("gzip -k \(file)") == 0)
    for path in [file, packed] {
      let descriptor = open(path, O_RDONLY)
      defer { close(descriptor) }
      let copies = Scratch()
      do {
        let source = try IntakeSource(
          [.init("-", .attributes)],
          temporaryDirectory: copies.path,
          standardInput: descriptor
        )
        var preview = try Preview(source)
        var rowCount = 0
        _ = try Loader.run(source, &preview, shardCount: 1) { _, _, count in rowCount += count }
        #expect(rowCount == 2)
        #expect(try FileSearch.paths(matching: copies.path + "/*").count == 1)
      }
      #expect(try FileSearch.paths(matching: copies.path + "/*").isEmpty)
    }
  }

  @Test func `a file that changes between the passes is noticed`() throws {
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", row)
    let source = try IntakeSource([.init(file, .attributes)])
    var preview = try Preview(source)
    _ = scratch.write("rows.jsonl", row + row)
    #expect(throws: IntakeError.changed(file: file)) {
      try Loader.run(source, &preview, shardCount: 1) { _, _, _ in }
    }
  }

  @Test func `the hash tells contents, kinds and options apart`() throws {
    let scratch = Scratch()
    let one = scratch.write("one.jsonl", row)
    let two = scratch.write("two.jsonl", row + row)
    func hash(
      _ inputs: [IntakeSource.Input],
      _ options: IntakeOptions = IntakeOptions()
    ) throws -> [UInt8] {
      try Survey.run(try IntakeSource(inputs, options: options)).importHash
    }
    let keyed = try IntakeOptions { $0.profileKey = try KeyRule("@row") }
    let hashes = [
      try hash([.init(one, .attributes)]), try hash([.init(two, .attributes)]),
      try hash([.init(one, .event)]), try hash([.init(one, .attributes)], keyed),
      try hash([.init(one, .attributes), .init(scratch.write("copy.jsonl", row), .attributes)]),
    ]
    #expect(Set(hashes).count == hashes.count)
    #expect(try hash([.init(one, .attributes)]) == hashes[0])
  }

  @Test(arguments: [1, 2, 5])
  func `pieces of a file give the same hash whoever hashes them`(threadCount: Int) throws {
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", String(repeating: row, count: 100))
    func preview(_ pieceByteCount: Int, _ threadCount: Int) throws -> [UInt8] {
      let options = IntakeOptions {
        $0.limits.hashedByteCount = pieceByteCount
        $0.limits.threadCount = threadCount
      }
      let source = try IntakeSource([.init(file, .attributes)], options: options)
      var last = 0
      let preview = try Preview(source) {
        #expect($0.byteCount >= last)
        last = $0.byteCount
      }
      #expect(last == source.byteCount)
      #expect(try Survey.run(source).importHash == preview.importHash)
      return preview.importHash
    }

    let exact = row.utf8.count
    for pieceByteCount in [1, 7, exact, 10 * exact, 100 * exact, 1_000 * exact] {
      #expect(try preview(pieceByteCount, threadCount) == preview(pieceByteCount, 1))
    }
  }

  @Test func `progress comes to the end and can stop a pass`() throws {
    struct Stop: Error {}
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", String(repeating: row, count: 100_000))
    let options = IntakeOptions { $0.limits.chunkByteCount = 100_000 }
    let source = try IntakeSource([.init(file, .attributes)], options: options)
    var steps: [IntakeProgress] = []
    _ = try Survey.run(source) { steps.append($0) }
    #expect(steps.count > 3)
    #expect(steps.last?.byteCount == source.byteCount)
    #expect(steps.last?.byteCountTotal == source.byteCount)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.byteCount <= $1.byteCount })
    #expect(throws: Stop.self) { try Survey.run(source) { _ in throw Stop() } }
  }

  @Test func `a byte order mark is skipped and the last line needs no end`() throws {
    #expect(try load("\u{FEFF}{\"_id\":\"a\"}\r\n{\"_id\":\"b\"}").rows.map(\.key) == ["a", "b"])
    #expect(try load("\u{FEFF}_id\r\na", as: "x.csv").rows.map(\.key) == ["a"])
    #expect(try load("").rows.isEmpty)
    #expect(try load("", as: "x.csv").rows.isEmpty)
  }
}
