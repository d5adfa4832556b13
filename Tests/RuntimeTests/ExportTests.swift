import Bytes
import Cluster
import Domain
import Intake
import Platform
import Runtime
import Testing

extension ProcessTests {
  @Suite struct ExportTests {
    private func cluster() throws -> TestCluster {
      let cluster = try TestCluster(workerCount: 1)
      let path = try cluster.scratch.write(
        "rows.jsonl",
        """
        {"_id":"b,1","name":"Say \\"hi\\"","tags":["x","y"],"age":7}
        {"_id":"a","age":1.5,"home":{"city":"Bergen"}}
        {"_id":"c","age":0}

        """
      )
      var options = ImportJob.Options(set: TestCluster.shop)
      options.shardCountIfNew = .exactly(3)
      _ = try ImportJob(
        try IntakeSource([.init(path, .attributes)]),
        options: options,
        connect: { try cluster.connect() }
      ).run()
      let definition = Value.object([
        ("id", .string("aged")), ("name", .string("aged")),
        ("expression", .object([("value", .string("age > 0"))])),
      ])
      _ = try cluster.connect().document(
        .applySegments([definition], set: nil, isDryRun: false, removesOthers: false)
      )
      _ = try cluster.evaluateShop()
      return cluster
    }

    private func export(
      _ cluster: TestCluster,
      _ format: ExportFormat,
      fields: [Text]
    ) throws -> String {
      var export = AudienceExport(
        set: TestCluster.shop,
        segment: makeName("aged"),
        format: format,
        path: cluster.scratch.path + "/out/file"
      )
      export.fields = fields
      _ = try export.run(try cluster.connect())
      return try cluster.scratch.read("out/file")
    }

    @Test(.timeLimit(.minutes(1)))
    func `cells are quoted where they must be, and a missing field is an empty cell`() throws {
      let text = try export(try cluster(), .csv, fields: ["age", "name", "tags", "home.city"])

      #expect(
        text == #"""
          key,status,lastQualificationTime,age,name,tags,home.city
          a,realized,2026-02-01T00:00:00Z,1.5,,,Bergen
          "b,1",realized,2026-02-01T00:00:00Z,7,"Say ""hi""","[""x"",""y""]",

          """#
      )
    }

    @Test(.timeLimit(.minutes(1)))
    func `a line of JSON has the key, the membership and the fields asked for`() throws {
      let text = try export(try cluster(), .jsonLines, fields: ["home", "nothing"])

      let lines = try text.split(separator: "\n").map { try Value.parse(json: Text(String($0))) }
      #expect(lines.count == 2)
      #expect(lines[0]?["key"] == .string("a"))
      #expect(lines[0]?["status"] == .string("realized"))
      #expect(lines[0]?["fields"] == .object([("home", .object([("city", .string("Bergen"))]))]))
      #expect(lines[1]?["key"] == .string("b,1"))
      #expect(lines[1]?["fields"] == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `an audience that is not there leaves no file`() throws {
      let cluster = try cluster()
      let export = AudienceExport(
        set: TestCluster.shop,
        segment: makeName("nobody"),
        format: .csv,
        path: cluster.scratch.path + "/out/file"
      )

      #expect(throws: ClusterError.self) { try export.run(try cluster.connect()) }
      #expect(try LinuxDisk().list(cluster.scratch.path + "/out").isEmpty)
    }
  }
}
