import Testing
import covey

@Suite struct CommandTableTests {
  private let table = CommandTable.covey

  @Test func `every command has a page with an example`() {
    for command in table.commands {
      let page = Help.page(for: command)
      #expect(page.hasPrefix(command.summary + ".\n\nUsage: covey \(command.name)"))
      #expect(!command.examples.isEmpty, "\(command.name)")
      #expect(!command.summary.hasSuffix("."), "\(command.name)")
      for option in command.options { #expect(page.contains("--\(option.name)")) }
      for line in page.split(separator: "\n") where !line.hasPrefix("  covey") {
        #expect(line.count <= 100, "\(command.name): \(line)")
      }
    }
  }

  @Test func `every example is of its command and parses`() throws {
    for command in table.commands {
      for example in command.examples {
        let words = ShellWords.split(example.line)
        let start = try #require(words.firstIndex(of: "covey"), "\(example.line)")
        let found = try table.match(Array(words[(start + 1)...]))
        guard case .command(let match, let rest) = found else {
          Issue.record("'\(example.line)' is no command")
          continue
        }
        #expect(match.name == command.name, "\(example.line)")
        #expect(throws: Never.self, "\(example.line)") { try Arguments(rest, for: match) }
      }
    }
  }

  @Test func `names are unique and groups are complete`() {
    let names = table.commands.map(\.name)
    #expect(Set(names).count == names.count)
    for command in table.commands {
      let options = command.options.map(\.name)
      #expect(Set(options).count == options.count, "\(command.name)")
      let optionalOperands = command.operands.drop { $0.isRequired }
      #expect(optionalOperands.allSatisfy { !$0.isRequired }, "\(command.name)")
      #expect(command.operands.dropLast().allSatisfy { !$0.isRepeated }, "\(command.name)")
    }
    for noun in table.firstWords
    where table.commands(of: noun).contains(where: { $0.words.count > 1 }) {
      #expect(table.groups.contains { $0.word == noun }, "\(noun)")
    }
    for group in table.groups { #expect(!table.verbs(of: group.word).isEmpty, "\(group.word)") }
  }

  @Test func `the overview names every first word and fits a terminal`() {
    let overview = Help.overview(of: table)

    for word in table.firstWords { #expect(overview.contains("\n  \(word) ")) }
    #expect(!overview.contains("\n  complete "))
    for line in overview.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test(arguments: [
    (["pqll"], "unknown command 'pqll'; did you mean 'covey pql'?"),
    (["check", "pql"], "unknown command 'check'; did you mean 'covey pql check'?"),
    (["frobnicate"], "unknown command 'frobnicate'; 'covey help' lists the commands"),
    (["pql", "fromat"], "unknown command 'pql fromat'; did you mean 'covey pql format'?"),
  ])
  func `a misspelt command gets the nearest`(words: [String], message: String) {
    #expect(throws: UsageError(message)) { try table.match(words) }
  }

  @Test func `a noun alone asks for a verb`() {
    #expect(throws: UsageError.self) { try table.match(["pql"]) }
  }
}

/// Cuts a line into words as a shell does, for lines without variables.
enum ShellWords {
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\"" || character == "$" || character == "("
        || character == ")"
      {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
