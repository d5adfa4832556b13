import Foundation
import Testing
import covey

/// What the pages tell people to type is what the tool takes.
@Suite struct DocumentedCommandsTests {
  @Test func `every command line of a page parses`() throws {
    let table = CommandTable.covey
    for page in try DocumentedCommands.pages() {
      for line in DocumentedCommands.lines(of: try String(contentsOf: page, encoding: .utf8)) {
        let place = "\(page.lastPathComponent): \(line.joined(separator: " "))"
        if line.first == "covey" {
          do {
            let match = try table.match(Array(line.dropFirst()))
            guard case .command(let command, let rest) = match else { continue }
            _ = try Arguments(rest, for: command)
          } catch {
            Issue.record("\(place): \(error)")
          }
        } else if let script = line.first {
          let path = try DocumentedCommands.root().appendingPathComponent(script).path
          #expect(FileManager.default.isExecutableFile(atPath: path), "\(place)")
        }
      }
    }
  }

  @Test func `lines are found in shell blocks, one command each`() {
    let page = """
      Say covey status, or:
      ```sh
      # covey is a comment here
      covey import shop 'a b.csv' --key "customer id" \\
        --json | jq . > "out put"
      FOO=1 sudo covey nodes; covey jobs && Scripts/demo --fast &
        covey status   # how it is
      ```
      ```json
      covey no command
      ```
      ```sh
      ls -l
      ```
      """

    #expect(
      DocumentedCommands.lines(of: page) == [
        ["covey", "import", "shop", "a b.csv", "--key", "customer id", "--json"],
        ["covey", "nodes"], ["covey", "jobs"], ["Scripts/demo", "--fast"], ["covey", "status"],
      ]
    )
  }
}

/// The command lines of the pages: fenced blocks marked `sh`.
enum DocumentedCommands {
  struct NoRoot: Error {}

  /// The folder of the project, above this file.
  static func root() throws -> URL {
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let manifest = folder.appendingPathComponent("Package.swift").path
      if FileManager.default.fileExists(atPath: manifest) { return folder }
    }
    throw NoRoot()
  }

  static func pages() throws -> [URL] {
    let root = try root()
    var pages: [URL] = []
    for name in ["README.md", "cluster", "Scripts", "Sources"] {
      let start = root.appendingPathComponent(name)
      if name.hasSuffix(".md") {
        if FileManager.default.fileExists(atPath: start.path) { pages.append(start) }
        continue
      }
      let files = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        if file.pathExtension == "md" { pages.append(file) }
      }
    }
    return pages.sorted { $0.path < $1.path }
  }

  /// The words of each command of `covey` and each script, from the name on.
  static func lines(of page: String) -> [[String]] {
    var found: [[String]] = []
    var isInBlock = false
    var pending = ""
    for raw in page.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = raw.drop { $0 == " " }
      if line.hasPrefix("```") {
        isInBlock = !isInBlock && line.dropFirst(3) == "sh"
        pending = ""
        continue
      }
      guard isInBlock else { continue }
      if line.hasSuffix("\\") {
        pending += line.dropLast() + " "
        continue
      }
      for words in commands(in: pending + line) {
        let start = words.firstIndex { $0 == "covey" || $0.hasPrefix("Scripts/") }
        // What stands before the name are settings and `sudo`, not another program.
        guard let start, words[..<start].allSatisfy({ $0 == "sudo" || $0.contains("=") }) else {
          continue
        }
        found.append(Array(words[start...]))
      }
      pending = ""
    }
    return found
  }

  /// Cuts a line into commands and their words as a shell does, without what follows `>`.
  private static func commands(in line: some StringProtocol) -> [[String]] {
    var commands: [[String]] = [[]]
    var word: String?
    var quote: Character?
    var isRedirected = false
    func end() {
      if let done = word, !isRedirected { commands[commands.count - 1].append(done) }
      if word != nil { isRedirected = false }
      word = nil
    }
    loop: for character in line {
      switch (character, quote) {
      case (let open, .some(let close)) where open == close: quote = nil
      case (_, .some): word = (word ?? "") + String(character)
      case ("'", _), ("\"", _):
        quote = character
        word = word ?? ""
      case (" ", _): end()
      case ("#", _) where word == nil: break loop
      case ("|", _), (";", _), ("&", _):
        end()
        commands.append([])
      case (">", _), ("<", _):
        // A digit right before it is a descriptor's number.
        if word?.allSatisfy(\.isNumber) == true { word = nil }
        end()
        isRedirected = true
      default: word = (word ?? "") + String(character)
      }
    }
    end()
    return commands.filter { !$0.isEmpty }
  }
}
