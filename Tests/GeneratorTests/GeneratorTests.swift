import Bytes
import Domain
import Generator
import Glibc
import Intake
import PQL
import Platform
import Testing

/// A run into a folder of its own, which goes away with this object.
final class GeneratedFolder {
  let path: String
  let files: GeneratedFiles

  init(
    profiles: Int = 300,
    events: Int = 3_000,
    seed: UInt64 = 1,
    format: GeneratorFormat = .jsonLines,
    fileCount: Int = 1,
    definitions: Int = 0
  ) throws {
    path = try GeneratedFolder.make() + "/out"
    var options = GeneratorOptions(
      profileCount: profiles,
      eventCount: events,
      seed: seed,
      directory: path
    )
    options.format = format
    options.fileCount = fileCount
    options.definitionCount = definitions
    files = try Generator.run(options)
  }

  static func make() throws -> String {
    var template = Array("/tmp/generator-tests-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? LinuxDisk().remove(String(path.dropLast(4))) }

  /// All bytes of some files, one after the other.
  func bytes(_ files: [GeneratedFile]) throws -> [UInt8] {
    try files.flatMap { try LinuxDisk().read($0.path) }
  }

  func source() throws -> IntakeSource {
    var options = IntakeOptions()
    options.profileKey = try KeyRule("_id")
    options.eventKey = try KeyRule("profileID")
    let inputs =
      files.profiles.map { IntakeSource.Input($0.path, .attributes) }
      + files.events.map { IntakeSource.Input($0.path, .event) }
    return try IntakeSource(inputs, options: options)
  }

  func survey() throws -> SurveyReport { try Survey.run(try source()) }

  /// The profiles with their events, as an import makes them.
  func imported() throws -> [ProfileKey: Value] {
    var attributes: [ProfileKey: ObjectValue] = [:]
    var events: [ProfileKey: [Value]] = [:]
    let source = try source()
    var preview = try Preview(source)
    _ = try Loader.run(source, &preview, shardCount: 1) { _, bytes, _ in
      var reader = try RowBatchReader(bytes)
      while let row = try reader.next() {
        let object = try reader.value(of: row)
        if row.kind == .event {
          events[row.key, default: []].append(.object(object))
        } else {
          attributes[row.key] = object
        }
      }
    }
    return attributes.mapValues { .object($0) }.merging(
      events.map { key, events in
        var object = attributes[key] ?? ObjectValue()
        object[.xEvent] = .array(events)
        return (key, ReferenceInterpreter.ordered(.object(object)))
      }
    ) { $1 }
  }
}

@Suite struct GeneratorTests {
  @Test(arguments: GeneratorFormat.allCases)
  func `the same seed gives the same bytes, another one others`(format: GeneratorFormat) throws {
    let first = try GeneratedFolder(seed: 7, format: format)
    let second = try GeneratedFolder(seed: 7, format: format)
    let other = try GeneratedFolder(seed: 8, format: format)

    #expect(try first.bytes(first.files.events) == second.bytes(second.files.events))
    #expect(try first.bytes(first.files.profiles) == second.bytes(second.files.profiles))
    #expect(try first.bytes(first.files.events) != other.bytes(other.files.events))
    #expect(try first.bytes(first.files.profiles) != other.bytes(other.files.profiles))
  }

  @Test(arguments: [
    (
      GeneratorFormat.jsonLines,
      "8dc23a80f5af97e662162f03a0e1fda4e852f6cf91aa7848cbd20b8d4c301b5e",
      "f5de5ee08a5211c91952749e282561a7c77c6979cdbbc5c7766b7cbfe8e71a6e"
    ),
    (
      .csv,
      "4a041ad8150f9f08f55fb387f2a7d30c4e89d39e18409fa47ac6e3c5d6e21f40",
      "340fd814aacac8a73dcd15292f72a7195ec808d1139307914fcd5621b2576e8f"
    ),
  ])
  func `the bytes stay what they are from release to release`(
    format: GeneratorFormat,
    profiles: String,
    events: String
  ) throws {
    let folder = try GeneratedFolder(profiles: 100, events: 1_000, seed: 42, format: format)

    #expect(hexadecimal(folder.files.profiles[0].digest) == profiles)
    #expect(hexadecimal(folder.files.events[0].digest) == events)
  }

  @Test func `cut into several files the rows are the same`() throws {
    let whole = try GeneratedFolder(profiles: 101, events: 997)
    let cut = try GeneratedFolder(profiles: 101, events: 997, fileCount: 12)

    #expect(cut.files.profiles.count == 12)
    #expect(cut.files.events.map(\.rowCount).reduce(0, +) == 997)
    #expect(cut.files.events.allSatisfy { (82...85).contains($0.rowCount) })
    #expect(cut.files.events[0].path.hasSuffix("/out/events-01.jsonl"))
    #expect(try cut.bytes(cut.files.profiles) == whole.bytes(whole.files.profiles))
    #expect(try cut.bytes(cut.files.events) == whole.bytes(whole.files.events))
  }

  @Test func `every CSV file has a header of its own`() throws {
    let folder = try GeneratedFolder(profiles: 5, events: 2, format: .csv, fileCount: 3)

    for file in folder.files.events {
      let lines = try LinuxDisk().read(file.path).split(separator: 0x0A)
      #expect(lines.count == file.rowCount + 1)
      #expect(lines[0].starts(with: "_id,profileID,timestamp,eventType,".utf8))
    }
  }

  @Test func `digests and sizes are those of the files`() throws {
    let folder = try GeneratedFolder(fileCount: 2)

    for file in folder.files.profiles + folder.files.events + [folder.files.segments] {
      let bytes = try LinuxDisk().read(file.path)
      #expect(bytes.count == file.byteCount)
      #expect(SHA256.hash(bytes) == file.digest)
    }
    let manifest = try Value.parse(json: try LinuxDisk().read(folder.files.manifestPath))
    #expect(manifest?["profiles"]?["rows"]?.integer == 300)
    #expect(manifest?["events"]?["rows"]?.integer == 3_000)
    #expect(
      manifest?["events"]?["files"]?.elements?.last?["sha256"]?.text
        == Text(hexadecimal(folder.files.events[1].digest))
    )
  }

  @Test(arguments: [
    (1, 0, GeneratorFormat.jsonLines), (1, 0, .csv), (1, 7, .jsonLines), (1, 7, .csv),
    (300, 3_000, .jsonLines), (300, 3_000, .csv), (50, 1, .jsonLines), (9, 5_000, .csv),
  ])
  func `the import takes every row`(profiles: Int, events: Int, format: GeneratorFormat) throws {
    let folder = try GeneratedFolder(profiles: profiles, events: events, format: format)

    let report = try folder.survey()

    #expect(report.rejects.count == 0)
    #expect(report.profileRows == UInt64(profiles))
    #expect(report.eventRows == UInt64(events))
    #expect(report.warnings == [])
  }

  @Test func `fields have their types`() throws {
    let schema = try GeneratedFolder().survey().schema

    let profile = SchemaTable(schema.profile)
    let event = SchemaTable(schema.event)

    func type(_ table: SchemaTable, _ path: Text) -> String? {
      table.rows.first { $0.path == path }?.typeName
    }
    #expect(type(profile, "person.birthDate") == "date")
    #expect(type(profile, "_repo.createDate") == "instant")
    #expect(type(profile, "loyalty.points") == "integer")
    #expect(type(profile, "_covey.lifetimeSpend") == "double")
    #expect(type(profile, "_covey.interests[]") == "string")
    #expect(type(event, "timestamp") == "instant")
    #expect(type(event, "productListItems[].priceTotal") == "double")
    #expect(type(event, "commerce.purchases.value") == "integer")
    let gender = profile.rows.first { $0.path == "person.gender" }
    #expect((0.7..<0.9).contains(gender?.fillRate ?? 0), "some are null")
  }

  @Test func `a few customers have most of the events, in the order of time and within the year`()
    throws
  {
    let folder = try GeneratedFolder(profiles: 1_000, events: 10_000)
    var created: [Text: Text] = [:]
    for line in try folder.bytes(folder.files.profiles).split(separator: 0x0A) {
      let row = try Value.parse(json: Array(line))
      created[try #require(row?["_id"]?.text)] = row?["_repo"]?["createDate"]?.text
    }

    var counts: [Text: Int] = [:]
    var last: [Text: Text] = [:]
    var identifiers: Set<Text> = []
    for line in try folder.bytes(folder.files.events).split(separator: 0x0A) {
      let row = try Value.parse(json: Array(line))
      let key = try #require(row?["profileID"]?.text)
      let time = try #require(row?["timestamp"]?.text)
      #expect(identifiers.insert(try #require(row?["_id"]?.text)).inserted)
      #expect(time >= max(last[key] ?? "2025-01-01", try #require(created[key])))
      #expect(time < "2026")
      last[key] = time
      counts[key, default: 0] += 1
    }

    let ranked = counts.values.sorted(by: >)
    #expect(counts.count < 925)
    #expect(ranked.prefix(100).reduce(0, +) > 10_000 * 4 / 10)
    #expect(ranked[0] > 500)
    #expect(ranked[0] < 5_000)
  }

  @Test func `event types, products and searches are skewed, and most of them occur`() throws {
    let folder = try GeneratedFolder(profiles: 1_000, events: 20_000)
    var types: [Text: Int] = [:]
    var products: [Text: Int] = [:]
    var searches: [Text: Int] = [:]

    for line in try folder.bytes(folder.files.events).split(separator: 0x0A) {
      let row = try Value.parse(json: Array(line))
      types[try #require(row?["eventType"]?.text), default: 0] += 1
      for item in row?["productListItems"]?.elements ?? [] {
        products[try #require(item["SKU"]?.text), default: 0] += 1
      }
      if let words = row?["search"]?["keywords"]?.text { searches[words, default: 0] += 1 }
    }

    #expect(types.count == 31)
    #expect(types.values.max() ?? 0 > 20_000 / 4)
    #expect(types.values.min() ?? 0 < 20_000 / 200)
    for counts in [products, searches] {
      let ranked = counts.values.sorted(by: >)
      let total = ranked.reduce(0, +)
      #expect(ranked.count > 200)
      // By Zipf's law the first of a few thousand has about a tenth, and the tenth a tenth of that.
      #expect((total / 20...total / 6).contains(ranked[0]))
      #expect((ranked[0] / 20...ranked[0] / 5).contains(ranked[9]))
    }
  }

  @Test func `a folder in use and senseless numbers are refused`() throws {
    let folder = try GeneratedFolder(profiles: 1, events: 1)
    var options = GeneratorOptions(
      profileCount: 1,
      eventCount: 1,
      seed: 1,
      directory: folder.path
    )

    #expect(throws: GeneratorError.folderInUse(path: folder.path)) { try Generator.run(options) }
    options.profileCount = 0
    #expect(
      throws: GeneratorError.outOfRange(
        what: "profiles",
        value: 0,
        low: 1,
        high: GeneratorOptions.rowCountMax
      )
    ) { try Generator.run(options) }
  }

  @Test func `a run that is stopped leaves nothing`() throws {
    struct Stopped: Error {}
    let folder = try GeneratedFolder.make()
    defer { try? LinuxDisk().remove(folder) }
    let options = GeneratorOptions(
      profileCount: 1,
      eventCount: 17_000,
      seed: 1,
      directory: folder
    )

    #expect(throws: Stopped.self) { try Generator.run(options) { _ in throw Stopped() } }

    #expect(try LinuxDisk().list(folder) == [])
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
