import Testing

/// The built program on definitions, which need no cluster.
@Suite struct PQLCommandTests {
  @Test func `check answers the kind of value`() throws {
    let run = try Covey.run(["pql", "check", "homeAddress.country = \"CA\""])

    #expect(run.output == "ok: boolean\n")
    #expect(run.status == 0)
    #expect(run.messages == "")
  }

  @Test func `check points at what is wrong in a file`() throws {
    let folder = try Scratch()
    let path = try folder.write("age > 3 and\n  country.startWith(\"C\")\n", to: "s.pql")

    let run = try Covey.run(["pql", "check", "--file", path])

    #expect(run.status == 65)
    #expect(run.output == "")
    #expect(
      run.messages == """
        covey: \(path):2:11: no function is called 'startWith'; did you mean 'startsWith'?
            country.startWith("C")
                    ^~~~~~~~~

        """
    )
  }

  @Test func `check warns of what a schema makes doubtful`() throws {
    let folder = try Scratch()
    let schema = try folder.write(#"{"age":"integer","name":"string"}"#, to: "schema.json")

    let run = try Covey.run(["pql", "check", "agee > 3 and name = 5", "--schema", schema])

    #expect(run.output == "ok: boolean\n")
    #expect(run.messages.contains("covey: warning: expression:1:1: "))
    #expect(run.messages.contains("did you mean 'age'?\n  agee > 3 and name = 5\n  ^~~~\n"))
    #expect(run.messages.contains("covey: warning: expression:1:14: text is never equal"))
    #expect(run.status == 0)
  }

  @Test func `a file of a segment is read under its header`() throws {
    let folder = try Scratch()
    let path = try folder.write("id: a\nname: A\n---\n\nage >\n", to: "a.pql")
    let good = try folder.write("id: a\nname: A\n---\nage>3\n", to: "b.pql")

    let run = try Covey.run(["pql", "check", "--file", path])
    let formatted = try Covey.run(["pql", "format", "--file", good])

    #expect(run.messages.hasPrefix("covey: \(path):5:6: expected a value"))
    #expect(formatted.output == "age > 3\n")
  }

  @Test func `explain says in words what a definition does`() throws {
    let run = try Covey.run(["pql", "explain", "age > 18 and city = \"Bern\""])

    let lines = run.output.split(separator: "\n")
    #expect(lines.count > 2 && lines[0].hasSuffix("[boolean] age > 18 and city = \"Bern\""))
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") })
  }

  @Test func `convert goes both ways`() throws {
    let json = try Covey.run(["pql", "convert", "age>18", "--to", "json"])
    let text = try Covey.run(["pql", "convert", "-", "--to", "text"], input: json.output)

    #expect(json.output.hasPrefix("{\"fnName\":\">\""))
    #expect(text.output == "age > 18\n")
  }

  @Test func `format reads standard input and prints canonical text`() throws {
    let run = try Covey.run(["pql", "format", "-"], input: "age>=18   and (country in [\"CA\"])\n")

    #expect(run.output == "age >= 18 and country in [\"CA\"]\n")
    #expect(run.status == 0)
  }

  @Test func `run tells when profiles enter and leave by the clock`() throws {
    let line = #"""
      {"id":"c","pql":"at occurs <= 2 days before now","now":"2026-03-15T12:00:00Z","profiles":[
      {"_id":"a","at":"2026-03-14"},{"_id":"b","at":"2026-03-01"},{"_id":"c","at":"2045-01-01"}]}
      """#

    let run = try Covey.run(
      ["pql", "run", "--cases", "-", "--changes"],
      input: line.replacing("\n", with: "") + "\n"
    )

    #expect(
      run.output == #"""
        {"id":"c","members":["a"],"values":{"a":true,"b":false,"c":false},"changes":{"a":{"at":"2026-03-16T00:00:00.001Z","isMember":false},"b":{"never":true},"c":{"notBefore":"2036-03-22T12:00:00Z"}}}

        """#
    )
    #expect(run.status == 0)
  }

  @Test(arguments: ["reference", "fast"])
  func `run answers a line a case and names lines that are none`(engine: String) throws {
    let folder = try Scratch()
    let path = try folder.write(
      """
      {"id":"one","pql":"n > 1","now":"2026-03-15T12:00:00Z","profiles":[{"_id":"a","n":1},{"_id":"b","n":2}]}

      {"id":"two","pql":"n > ","now":"2026-03-15T12:00:00Z","profiles":[]}
      {"id":"three"
      {"id":"four","pql":"n","now":"2026-03-15T12:00:00Z","profiles":[{"_id":"a","n":1}]}
      """,
      to: "cases.jsonl"
    )

    let run = try Covey.run(["pql", "run", "--cases", path, "--engine", engine])

    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == #"{"id":"one","members":["b"],"values":{"a":false,"b":true}}"#)
    #expect(lines.dropFirst().first?.hasPrefix(#"{"id":"two","error":{"kind":"parse""#) == true)
    #expect(lines.last == #"{"id":"four","members":["a"],"values":{"a":1}}"#)
    #expect(run.messages.hasPrefix("covey: \(path):4: the line is no JSON: "))
    #expect(run.status == 65)
  }

  private static let statuses: [(words: [String], status: Int32)] = [
    (["pql", "check"], 64), (["pql", "check", "a", "b"], 64), (["pql", "run"], 64),
    (["pql", "run", "--cases", "/nonexistent"], 66), (["pql", "run", "--cases", "/tmp"], 66),
    (["pql", "run", "--cases", "-", "--engine", "slow"], 64), (["nothing"], 64), (["pql"], 64),
    (["help"], 0), (["--help"], 0), (["pql", "--help"], 0), (["pql", "run", "--help"], 0),
    (["--version"], 0), (["version"], 0), (["help", "pql", "check"], 0), (["help", "pql"], 0),
    (["help", "nothing"], 64), (["completion", "fish"], 64),
  ]

  @Test(arguments: statuses)
  func `the exit status says how it went`(words: [String], status: Int32) throws {
    let run = try Covey.run(words)

    #expect(run.status == status, "\(words): \(run.messages)")
    #expect(run.messages.isEmpty == (status == 0))
    #expect(run.output.isEmpty == (status != 0))
    if status != 0 { #expect(run.messages.hasPrefix("covey: ")) }
  }

  @Test func `a reader that goes away is no error`() throws {
    let folder = try Scratch()
    let line =
      #"{"id":"x","pql":"n","now":"2026-03-15","profiles":[{"_id":"a","n":1}]}"# + "\n"
    let path = try folder.write(String(repeating: line, count: 20_000), to: "cases.jsonl")
    let script = "set -o pipefail; '\(try Covey.path)' pql run --cases '\(path)' | head -1"

    let run = try Covey.run(program: "/bin/bash", ["-c", script])

    #expect(run.output == #"{"id":"x","members":["a"],"values":{"a":1}}"# + "\n")
    #expect(run.messages == "")
    #expect(run.status == 0)
  }
}
