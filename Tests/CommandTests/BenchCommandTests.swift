import Bytes
import Domain
import Testing
import covey

/// The built program measuring small files.
@Suite struct BenchCommandTests {
  private static func generate(into folder: Scratch) throws -> String {
    let out = folder.path("shop")
    let made = try Covey.run([
      "generate", "--profiles", "40", "--events", "400", "--format", "csv", "--definitions", "20",
      "--out", out,
    ])
    #expect(made.status == 0, "\(made.messages)")
    return out
  }

  private static func files(_ out: String) -> [String] {
    [
      "--profiles", out + "/profiles.csv", "--events", out + "/events.csv",
      "--event-key", "profileID",
    ]
  }

  private static func document(_ run: Covey.Run) throws -> Document {
    Document(try #require(try Value.parse(json: Array(run.output.utf8))))
  }

  @Test func `evaluate prints its runs and the counts of evaluate`() throws {
    let folder = try Scratch()
    let out = try Self.generate(into: folder)
    let options =
      Self.files(out) + ["--segments", out + "/mix.json", "--as-of", "2026-01-01T00:00:00Z"]

    let bench = try Covey.run(
      ["bench", "evaluate"] + options + ["--repeat", "2", "--shards", "3", "--json"]
    )
    let reference = try Covey.run(
      ["bench", "evaluate"] + options + ["--repeat", "1", "--engine", "reference", "--json"]
    )
    let evaluate = try Covey.run(
      ["evaluate"] + options + ["--members", "none", "--workers", "1", "--shards", "2"]
    )

    #expect(bench.status == 0, "\(bench.messages)")
    let report = try Self.document(bench)
    #expect(report.list("evaluateSeconds").count == 2)
    #expect(report.list("compileSeconds").count == 2)
    #expect(report.list("totalSeconds").count == 2)
    #expect(report.number("profiles") == 40)
    #expect(report.number("events") == 400)
    #expect(report.number("definitions") == 20)
    #expect(report.share("peakMemoryMB") ?? 0 > 1)
    #expect(report.part("machine")?.number("processors") ?? 0 > 0)
    #expect(report.part("counts")?.value == (try Self.document(reference).part("counts")?.value))
    let segments = try Self.document(evaluate).list("segments")
    #expect(segments.count == 20)
    for segment in segments {
      let id = try #require(segment.value["id"]?.text)
      #expect(report.part("counts")?.number(id) == segment.number("count"), "\(id)")
    }
  }

  @Test func `all members are held against those that the reference interpreter finds`() throws {
    let folder = try Scratch()
    let out = try Self.generate(into: folder)

    let run = try Covey.run(
      ["bench", "evaluate"] + Self.files(out)
        + [
          "--segments", out + "/mix.json", "--as-of", "2026-01-01", "--repeat", "1", "--shards",
          "2",
        ]
        + ["--check", "--json"]
    )

    #expect(run.status == 0, "\(run.messages)")
    let report = try Self.document(run)
    guard case .object(let counts) = report.part("counts")?.value else {
      Issue.record("there are no counts")
      return
    }
    let total = counts.fields.reduce(0) { $0 + ($1.value.integer ?? 0) }
    #expect(total > 0 && report.number("checkedMembers") == Int(total))
  }

  @Test func `what was loaded is kept and belongs to its files`() throws {
    let folder = try Scratch()
    let out = try Self.generate(into: folder)
    let data = folder.path("data")
    let measure = [
      "bench", "evaluate", "--segments", out + "/mix.json", "--as-of", "2026-01-01", "--data", data,
      "--repeat", "1", "--json",
    ]

    let nothing = try Covey.run(measure)
    let first = try Covey.run(measure + Self.files(out))
    let again = try Covey.run(measure + ["--first", "5"])
    let other = try Covey.run(measure + ["--profiles", out + "/profiles.csv"])

    #expect(nothing.status == 66 && nothing.messages.contains("holds no loaded data"))
    #expect(first.status == 0, "\(first.messages)")
    #expect(again.status == 0, "\(again.messages)")
    let loaded = try Self.document(first)
    let reused = try Self.document(again)
    #expect(reused.number("definitions") == 5)
    #expect(reused.share("loadSeconds") == loaded.share("loadSeconds"))
    #expect(
      reused.part("counts")?.number("mix-00001") == loaded.part("counts")?.number("mix-00001")
    )
    #expect(other.status == 64 && other.messages.contains("holds the data of other files"))
  }

  @Test func `a cluster counts the same and its memory is of all its processes`() throws {
    let folder = try Scratch()
    let out = try Self.generate(into: folder)
    let options =
      ["bench", "evaluate"] + Self.files(out)
      + ["--segments", out + "/mix.json", "--as-of", "2026-01-01", "--repeat", "1", "--json"]

    let alone = try Covey.run(options)
    let cluster = try Covey.run(
      options + ["--through-cluster", "--workers", "2", "--shards", "3"]
    )

    #expect(cluster.status == 0, "\(cluster.messages)")
    let report = try Self.document(cluster)
    #expect(report.number("workers") == 2)
    #expect(report.part("counts")?.value == (try Self.document(alone).part("counts")?.value))
    #expect(
      report.share("peakMemoryMB") ?? 0 > (try Self.document(alone).share("peakMemoryMB") ?? 0)
    )
  }

  @Test func `import and scan tell rows and speed`() throws {
    let folder = try Scratch()
    let out = try Self.generate(into: folder)

    let scan = try Covey.run(["bench", "scan"] + Self.files(out) + ["--repeat", "2", "--json"])
    let imported = try Covey.run(
      ["bench", "import"] + Self.files(out) + ["--repeat", "1", "--workers", "1", "--shards", "2"]
    )

    let report = try Self.document(scan)
    #expect(report.number("rows") == 440)
    #expect(report.list("scanSeconds").count == 2)
    #expect(report.share("megabytesPerSecond") ?? 0 > 0)
    #expect(imported.status == 0, "\(imported.messages)")
    #expect(imported.output.contains(" 440 rows\n"), "\(imported.output)")
    #expect(imported.output.contains("all processes together"))
  }

  @Test func `kernels print a speed each`() throws {
    let run = try Covey.run(["bench", "kernels", "--repeat", "1"])

    #expect(run.status == 0)
    #expect(run.output.split(separator: "\n").dropFirst().allSatisfy { $0.hasSuffix(" MB/s") })
  }

  private static let failures: [(words: [String], status: Int32, message: String)] = [
    (["evaluate"], 64, "needs '--segments FILE…'"),
    (["evaluate", "--segments", "/nonexistent.pql"], 66, "no file matches"),
    (["evaluate", "--segments", "x", "--workers", "2"], 64, "belongs to '--through-cluster'"),
    (
      ["evaluate", "--segments", "x", "--through-cluster", "--threads", "2"], 64,
      "without '--through-cluster'"
    ),
    (["evaluate", "--segments", "x", "--engine", "slow"], 64, "is not one of fast, reference"),
    (["import"], 64, "needs '--profiles FILE…' or '--events FILE…'"),
    (["scan", "--events", "/nonexistent.csv"], 66, "/nonexistent.csv"),
    (["kernels", "--repeat", "0"], 64, "whole number"),
  ]

  @Test(arguments: failures)
  func `what cannot be measured is told in a sentence`(
    words: [String],
    status: Int32,
    message: String
  ) throws {
    let run = try Covey.run(["bench"] + words)

    #expect(run.status == status, "\(run.messages)")
    #expect(run.messages.hasPrefix("covey: ") && run.messages.contains(message), "\(run.messages)")
  }

  @Test func `the middle of the runs is between the two in the middle`() {
    #expect(RunTimes(seconds: [4, 1, 3]).median == 3)
    #expect(RunTimes(seconds: [4, 1, 3, 2]).median == 2.5)
    #expect(RunTimes(seconds: [4, 1, 3, 2]).minimum == 1)
    #expect(RunTimes().median == 0)
    #expect(RunTimes(seconds: [6, 2, 30]).medianRatio(to: RunTimes(seconds: [4, 2, 10])) == 1.5)
    #expect(RunTimes().medianRatio(to: RunTimes()) == 0)
    #expect(RunTimes.text(0.000_012_3) == "12.3 µs")
    #expect(RunTimes.text(0.012_3) == "12.3 ms")
    #expect(RunTimes.text(12.34) == "12.3 s")
  }
}
