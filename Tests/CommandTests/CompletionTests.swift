import Foundation
import Testing
import covey

@Suite struct CompletionTests {
  private let table = CommandTable.covey

  private func words(_ line: [String], _ shell: Completion.ShellName = .zsh) -> [String]? {
    guard case .words(let words) = Completion(line, for: shell, in: table) else { return nil }
    return words.map(\.text)
  }

  @Test func `commands, then verbs, then options are offered`() {
    #expect(words(["pq"]) == ["pql"])
    #expect(words(["segments", "ex"]) == ["explain"])
    #expect(words([""])?.contains("complete") == false)
    #expect(words(["pql", "f"]) == ["format"])
    #expect(words(["pql", "run", "--"]) == ["--cases", "--engine", "--changes", "--help"])
    #expect(words(["help", "pql", "r"]) == ["run"])
    #expect(words(["completion", ""]) == ["bash", "zsh"])
  }

  @Test func `an option is offered once and its value by its kind`() {
    #expect(words(["pql", "run", "--engine", ""]) == ["reference", "fast"])
    #expect(words(["pql", "run", "--engine", "reference", "--e"]) == [])
    #expect(Completion(["pql", "run", "--cases", ""], for: .bash, in: table) == .files)
    #expect(Completion(["pql", "check", "--file=x"], for: .zsh, in: table) == .files)
  }

  @Test func `a value behind a sign of equality is offered as each shell wants it`() {
    #expect(words(["pql", "run", "--engine=r"], .zsh) == ["--engine=reference"])
    #expect(words(["pql", "run", "--engine", "=", "r"], .bash) == ["reference"])
    #expect(words(["pql", "run", "--engine", "="], .bash) == ["reference", "fast"])
  }

  @Test(arguments: [
    (["covey", "pql", "f"], "format"),
    (["covey", "pql", "run", "--engine", "=", "r"], "reference"),
    (["covey", "completion", "z"], "zsh"),
    (["covey", "pql", "run", "--cases", "ca"], "cases one.jsonl"),
    (["covey", "nonsense", "x"], ""),
  ])
  func `bash completes through the printed script`(line: [String], expected: String) throws {
    let folder = try Scratch()
    try folder.write("", to: "cases one.jsonl")
    let path = try Covey.path
    let bin = (path as NSString).deletingLastPathComponent
    let quoted = line.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      set -u
      PATH='\(bin)':$PATH
      cd '\(folder.directory)'
      eval "$(covey completion bash)"
      complete -p covey >/dev/null
      COMP_WORDS=(\(quoted)) COMP_CWORD=\(line.count - 1)
      _covey
      printf '%s\\n' "${COMPREPLY[@]}"
      """

    let run = try Covey.run(program: "/bin/bash", ["-c", script])

    #expect(run.output.trimmingCharacters(in: .newlines) == expected, "\(run.messages)")
    #expect(run.messages == "")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zsh")))
  func `zsh completes through the printed script`() throws {
    let path = try Covey.path
    let bin = (path as NSString).deletingLastPathComponent
    let script = """
      PATH='\(bin)':$PATH
      compdef() { print "for $2" }
      _describe() { print -l -- "${(@P)2}" }
      _files() { print files "$@" }
      compset() { print compset "$@" }
      eval "$(covey completion zsh)"
      words=(covey pql run --engine=r) CURRENT=4; _covey
      words=(covey pql f) CURRENT=3; _covey
      PREFIX=--cases=x words=(covey pql run --cases=x) CURRENT=4; _covey
      """

    let run = try Covey.run(program: "/usr/bin/zsh", ["-f", "-c", script])

    #expect(
      run.output == """
        for covey
        --engine=reference:
        format:Print a definition in its canonical form
        compset -P *=
        files

        """
    )
    #expect(run.messages == "")
  }
}
