/// The words behind a command, checked against its description.
package struct Arguments: Sendable {
  package let command: Command
  package private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Whether `--help` is among the words; nothing else was checked then.
  package private(set) var wantsHelp = false

  /// Reads the words behind the command's own.
  ///
  /// An option may stand anywhere; `--` ends the options. A value that begins with `--` is given as
  /// `--name=--value`.
  package init(_ words: [String], for command: Command) throws(UsageError) {
    self.command = command
    var index = 0
    var optionsEnd = false
    while index < words.count {
      let word = words[index]
      index += 1
      if optionsEnd || !Arguments.isOption(word) {
        operands.append(word)
      } else if word == "--" {
        optionsEnd = true
      } else {
        try readOption(word, words, &index)
      }
      if wantsHelp { return }
    }
    try checkCounts()
  }

  /// Whether a word names an option; a lone dash is standard input, and `-5` a number.
  static func isOption(_ word: String) -> Bool {
    word.hasPrefix("--") || word == "-h"
  }

  private mutating func readOption(
    _ word: String,
    _ words: [String],
    _ index: inout Int
  ) throws(UsageError) {
    if word == "-h" {
      wantsHelp = true
      return
    }
    let equals = word.utf8.firstIndex(of: UInt8(ascii: "="))
    let name = String(word.dropFirst(2).prefix(upTo: equals ?? word.endIndex))
    let value = equals.map { String(word[word.utf8.index(after: $0)...]) }
    guard let option = command.option(named: name) else {
      throw Spelling.unknownOption(name, for: command)
    }
    if option.arity != .several, values[option.name] != nil {
      throw UsageError("'--\(name)' is given twice for '\(command.name)'; once is enough")
    }
    switch option.arity {
    case .flag:
      guard value == nil else {
        throw UsageError("'--\(name)' is on or off and takes no value; write '--\(name)' alone")
      }
      values[option.name] = []
      wantsHelp = wantsHelp || option.name == Option.help.name
    case .one:
      if let value {
        values[option.name] = [value]
      } else {
        values[option.name] = [try next(option, words, &index)]
      }
    case .several:
      if let value {
        values[option.name, default: []].append(value)
        return
      }
      values[option.name, default: []].append(try next(option, words, &index))
      while index < words.count, !Arguments.isOption(words[index]) {
        values[option.name, default: []].append(words[index])
        index += 1
      }
    }
  }

  private func next(
    _ option: Option,
    _ words: [String],
    _ index: inout Int
  ) throws(UsageError) -> String {
    guard index < words.count, !Arguments.isOption(words[index]) else {
      throw UsageError("'--\(option.name)' needs a value; write '\(option.usage)'")
    }
    index += 1
    return words[index - 1]
  }

  private func checkCounts() throws(UsageError) {
    let needed = command.operands.filter(\.isRequired).count
    if operands.count < needed {
      let missing = command.operands[operands.count].placeholder
      let tookAll = command.options.contains { $0.arity == .several && values[$0.name] != nil }
      throw UsageError(
        "'\(command.name)' needs \(missing); write '\(Help.usage(of: command))'"
          + (tookAll ? ", with \(missing) before options that take several words" : "")
      )
    }
    if command.operands.last?.isRepeated != true, operands.count > command.operands.count {
      let extra = operands[command.operands.count]
      throw UsageError(
        "'\(command.name)' does not take '\(extra)'; write '\(Help.usage(of: command))'"
      )
    }
    for option in command.options where option.isRequired && values[option.name] == nil {
      throw UsageError("'\(command.name)' needs '\(option.usage)'")
    }
  }

  /// Whether an option or flag was given.
  package func has(_ name: String) -> Bool {
    check(name)
    return values[name] != nil
  }

  /// The value of an option that takes one.
  package func value(_ name: String) -> String? {
    check(name)
    return values[name]?.first
  }

  /// All values of an option that takes several.
  package func all(_ name: String) -> [String] {
    check(name)
    return values[name] ?? []
  }

  /// The operand at a place, if there are that many.
  package func operand(_ index: Int) -> String? {
    index < operands.count ? operands[index] : nil
  }

  private func check(_ name: String) {
    precondition(
      command.option(named: name) != nil,
      "'\(command.name)' asks for '--\(name)', which its description lacks"
    )
  }
}
