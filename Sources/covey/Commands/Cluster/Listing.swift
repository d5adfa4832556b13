import Cluster
import Domain
import Platform
import Runtime

extension Command {
  /// A command that asks the coordinator one thing and prints the answer.
  ///
  /// - Parameters:
  ///   - words: the command's words.
  ///   - summary: one line without a full stop.
  ///   - discussion: paragraphs of help.
  ///   - operands: words without a name.
  ///   - options: besides those of every listing.
  ///   - examples: at least one.
  ///   - request: what to ask.
  ///   - view: the answer as lines for a person.
  /// - Returns: the command, with `--json`, `--timeout` and the options of the cluster.
  static func listing(
    _ words: String,
    _ summary: String,
    discussion: [String] = [],
    operands: [Operand] = [],
    options: [Option] = [],
    examples: [Example],
    request: @escaping @Sendable (Arguments) throws -> ClientRequest,
    view: @escaping @Sendable (Document, Arguments, ViewContext) throws -> [String]
  ) -> Command {
    Command(
      words,
      summary,
      discussion: discussion,
      operands: operands,
      options: options + [ClusterAccess.json, ClusterAccess.timeout] + ClusterAccess.options,
      examples: examples
    ) { arguments, terminal in
      let request = try request(arguments)
      let access = try ClusterAccess(
        arguments,
        timeoutMilliseconds: try arguments.milliseconds("timeout")
      )
      let document = try access.connect().document(request)
      try terminal.show(document, asJSON: arguments.has("json")) { document, context in
        try view(document, arguments, context)
      }
      return .success
    }
  }
}

extension Terminal {
  var viewContext: ViewContext { ViewContext(style: style, now: clock.now) }

  /// Prints a document as JSON, or as lines for a person.
  func show(
    _ document: Value,
    asJSON: Bool,
    _ view: (Document, ViewContext) throws -> [String]
  ) throws {
    if asJSON { return try print(json: document) }
    try results.lines(try view(Document(document), viewContext))
  }
}
