import Bytes
package import Domain
package import Platform

/// What a command reads from and prints to.
package final class Terminal {
  /// Where results go; nothing else does.
  package let results: ResultOutput
  /// How results look.
  package let style: Style
  /// How messages look.
  package let messageStyle: Style
  /// Whether somebody can answer a question.
  package let canAsk: Bool
  package let messagesAreLive: Bool
  package let termination: Termination
  package let clock: any Clock

  private let messageSink: @Sendable (String) -> Void

  package init(
    results: ResultOutput,
    style: Style = .plain,
    messageStyle: Style = .plain,
    canAsk: Bool = false,
    messagesAreLive: Bool = false,
    termination: Termination,
    clock: any Clock,
    messages: @escaping @Sendable (String) -> Void
  ) {
    self.results = results
    self.style = style
    self.messageStyle = messageStyle
    self.canAsk = canAsk
    self.messagesAreLive = messagesAreLive
    self.termination = termination
    self.clock = clock
    messageSink = messages
  }

  /// The terminal this process was started on.
  package static func standard(_ termination: Termination) -> Terminal {
    let allowsColour =
      Environment.value(of: "NO_COLOR") == nil && Environment.value(of: "TERM") != "dumb"
    func style(_ stream: StandardStream) -> Style {
      guard stream.isTerminal else { return .plain }
      return Style(hasColour: allowsColour, width: stream.columnCount ?? 80)
    }
    return Terminal(
      results: ResultOutput(StandardOutputSink()),
      style: style(.output),
      messageStyle: style(.messages),
      canAsk: StandardStream.input.isTerminal && StandardStream.messages.isTerminal,
      messagesAreLive: StandardStream.messages.isTerminal,
      termination: termination,
      clock: LinuxClock(),
      messages: Terminal.writeMessage
    )
  }

  /// Writes to standard error as it is; whoever closed it wants no messages.
  @Sendable package static func writeMessage(_ text: String) {
    StandardStream.tell(text)
  }

  /// Tells the person something that is no result.
  package func message(_ text: String) { messageSink(text + "\n") }

  /// Tells that something is probably not meant.
  package func warn(_ text: String) { message("covey: warning: \(text)") }

  /// Writes to where messages go as it is.
  package func writeMessage(_ text: String) { messageSink(text) }

  /// Prints a document as JSON: laid out for a person, on one line for a program.
  package func print(json document: Value) throws {
    try results.write(document.json(style.isTerminal ? .pretty : .compact))
    try results.line()
  }

  /// Asks before something is destroyed.
  ///
  /// - Parameters:
  ///   - question: what will happen, ending in a question mark.
  ///   - isConfirmed: whether the command line says yes already.
  /// - Throws: when nobody can be asked, or the answer is not yes.
  package func confirm(_ question: String, isConfirmed: Bool) throws {
    if isConfirmed { return }
    guard canAsk else {
      throw CommandFailure(.usage, "this needs a person's yes; add '--yes' to go on without asking")
    }
    writeMessage(question + " [y/N] ")
    let answer = try LineReader(StreamInput("-"), byteCountMax: 1_000).next() ?? []
    let word = String(decoding: answer, as: UTF8.self).lowercased()
    guard word == "y" || word == "yes" else {
      throw CommandFailure(.success, "nothing was changed")
    }
  }
}
