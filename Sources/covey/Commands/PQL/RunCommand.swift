import PQL
import Platform

extension Command {
  private enum Engine: String, CaseIterable { case reference }

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
        "What evaluates: reference, the plain interpreter.",
        suggestion: .words(["reference"])
      ),
      .flag("changes", "Also tell when each profile enters or leaves by the clock alone."),
    ],
    examples: [
      Example("covey pql run --cases cases.jsonl", "Every case of a file."),
      Example("covey pql run --cases - --engine reference", "Cases from standard input."),
    ]
  ) { arguments, terminal in
    _ = try arguments.choice("engine", of: Engine.self)
    let details: Set<EvaluationCase.Detail> = arguments.has("changes") ? [.changes] : []
    let path = arguments.value("cases") ?? "-"
    let name = path == "-" ? "standard input" : path
    let reader = LineReader(try StreamInput(path), byteCountMax: caseByteCountMax)
    var status = ExitStatus.success
    while let line = try reader.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      do {
        try terminal.results.write(EvaluationCase(json: line).answer(details) + [0x0A])
      } catch let error as EvaluationCaseError {
        terminal.message("covey: \(name):\(reader.number): \(error)")
        status = .data
      }
    }
    return status
  }
}
