import PQL
import Platform

extension Command {
  private enum Engine: String, CaseIterable { case reference, fast }

  /// The longest line of a file of cases.
  private static let caseByteCountMax = 256 << 20

  static let pqlRun = Command(
    "pql run",
    "Evaluate definitions on the profiles beside them",
    discussion: [
      "A case is a line of JSON: {\"id\", \"pql\", \"now\", \"profiles\": […]} and, where 'inSegment' "
        + "is to be answered, \"memberships\". Each gives a line: {\"id\", \"members\", \"values\"} or "
        + "{\"id\", \"error\"}. Lines that are no case are told with file and line, and the exit "
        + "status is then 65.",
      "With '--changes' there is also {\"changes\": {ID: …}}: {\"at\", \"isMember\"} is the next change if "
        + "nothing but time goes on, {\"never\": true} that there is none, {\"notBefore\"} how far it "
        + "looked.",
    ],
    options: [
      .required("cases", "FILE", "JSON lines; '-' reads standard input.", suggestion: .files),
      .value(
        "engine",
        "NAME",
        "What evaluates: reference, the plain interpreter, unless given; or fast, what jobs use.",
        suggestion: .words(Engine.allCases.map(\.rawValue))
      ),
      .flag("changes", "Also tell when each profile enters or leaves by the clock alone."),
    ],
    examples: [
      Example("covey pql run --cases cases.jsonl", "Every case of a file."),
      Example("covey pql run --cases - --engine reference", "Cases from standard input."),
    ]
  ) { arguments, terminal in
    let engine = try arguments.choice("engine", of: Engine.self) ?? .reference
    let details: Set<EvaluationCase.Detail> = arguments.has("changes") ? [.changes] : []
    let path = arguments.value("cases") ?? "-"
    let name = path == "-" ? "standard input" : path
    let reader = LineReader(try StreamInput(path), byteCountMax: caseByteCountMax)
    var status = ExitStatus.success
    while let line = try reader.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      do {
        let evaluationCase = try EvaluationCase(json: line)
        let answer =
          switch engine {
          case .reference: evaluationCase.answer(details)
          case .fast: try FastCase(evaluationCase).answer(details)
          }
        try terminal.results.write(answer + [0x0A])
      } catch let error as EvaluationCaseError {
        terminal.message("covey: \(name):\(reader.number): \(error)")
        status = .data
      }
    }
    return status
  }
}
