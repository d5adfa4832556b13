import Bytes
import Generator

extension Command {
  static let generate = Command(
    "generate",
    "Write made-up customers, events and segments to a folder",
    discussion: [
      "The same options give the same bytes on every machine. A manifest says how to import and to "
        + "evaluate the files; their year ends at \(Generator.asOf)."
    ],
    options: [
      .required("profiles", "N", "Customers."), .required("events", "N", "Events of them all."),
      .value("seed", "S", "Which customers; 1 unless given."),
      .required("out", "DIR", "A folder that is empty or not there.", suggestion: .directories),
      .value(
        "format",
        "FORMAT",
        "jsonl or csv; jsonl unless given.",
        suggestion: .words(GeneratorFormat.allCases.map(\.rawValue))
      ),
      .value("files", "N", "Files to cut the rows of a kind into; 1 unless given."),
      .value(
        "definitions",
        "N",
        "Write also a mix of N definitions, mix.json, and mix-rules.json for other programs."
      ),
      .flag("progress", "Tell the progress also where there is no terminal."),
    ],
    examples: [
      Example("covey generate --profiles 10000 --events 100000 --out data", "A small shop."),
      Example(
        "covey generate --profiles 1000000 --events 10000000 --format csv --files 8 --out big",
        "A larger one."
      ),
    ]
  ) { arguments, terminal in
    let limit = GeneratorOptions.rowCountMax
    var options = GeneratorOptions(
      profileCount: try arguments.integer("profiles", in: 1...limit) ?? 1,
      eventCount: try arguments.integer("events", in: 0...limit) ?? 0,
      seed: UInt64(try arguments.integer("seed", in: 0 ... .max) ?? 1),
      directory: arguments.value("out") ?? ""
    )
    options.format = try arguments.choice("format", of: GeneratorFormat.self) ?? .jsonLines
    options.fileCount = try arguments.integer("files", in: 1...GeneratorOptions.fileCountMax) ?? 1
    options.definitionCount =
      try arguments.integer("definitions", in: 1...GeneratorOptions.definitionCountMax) ?? 0
    let line = ProgressLine(terminal, isWanted: arguments.has("progress"))
    let stop = StopRequest(terminal.termination)
    let files = try Generator.run(options) { progress in
      try stop.check()
      line.show(
        "writing \(Human.count(progress.rowCount)) of \(Human.count(progress.rowCountTotal)) rows, "
          + Human.size(bytes: progress.byteCount)
      )
    }
    line.clear()
    for file in files.profiles + files.events + [files.segments] + files.mix {
      try terminal.results.line("\(file.path)  \(Human.count(file.rowCount)) rows")
    }
    try terminal.results.line("\(files.manifestPath)  counts, digests and how to go on")
    return .success
  }
}
