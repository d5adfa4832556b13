import Bytes
import Cluster
import Domain
import Intake
import PQL
import Platform
import Runtime
import Segmentation

/// Files in, audiences out: a cluster of worker processes that lives as long as the command.
struct OneShot {
  private enum Format: String, CaseIterable { case json, csv }
  private enum Members: String, CaseIterable { case all, none }

  /// Questions about an audience that may stay without an answer.
  private static let questionTryCountMax = 20

  static let options: [Option] =
    FileCluster.options + [
      .value(
        "members",
        "WHICH",
        "all or none; all unless given.",
        suggestion: .words(Members.allCases.map(\.rawValue))
      ),
      .value(
        "format",
        "FORMAT",
        "json, or csv: rows of segment and profile.",
        suggestion: .words(Format.allCases.map(\.rawValue))
      ),
      .value("output", "FILE", "Write to a file; '-' is standard output.", suggestion: .files),
    ]

  private let arguments: Arguments
  private let terminal: Terminal
  private let files: SegmentFiles
  private let cluster: FileCluster.Arguments
  private let asOf: Instant
  private let format: Format
  private let members: Members

  /// Reads and checks everything that needs no cluster.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.arguments = arguments
    self.terminal = terminal
    guard arguments.has("segments") else {
      throw UsageError("'evaluate' needs '--segments FILE…' beside its files")
    }
    cluster = try FileCluster.Arguments(arguments)
    asOf = try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now
    format = try arguments.choice("format", of: Format.self) ?? .json
    members = try arguments.choice("members", of: Members.self) ?? .all
    files = try SegmentFiles(arguments.all("segments"))
    for (id, user) in files.unknownReferences {
      terminal.warn("'\(user)' refers to '\(id)', which no file defines; nobody is in it")
    }
  }

  /// Does everything in a temporary folder, which is gone afterwards.
  func run() throws -> ExitStatus {
    // An output that cannot be made is told before the work, not after it.
    let target: OutputTarget
    do {
      target = try OutputTarget(arguments.value("output"))
    } catch let error as DiskError {
      throw CommandFailure.output(error)
    }
    do {
      try run(into: target)
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    return .success
  }

  private func run(into target: OutputTarget) throws {
    let stop = StopRequest(terminal.termination)
    var timings = Timings(terminal.clock)
    let files = try FileCluster(self.cluster, terminal, stop, &timings)
    defer { files.close() }
    let (cluster, outcome) = (files.cluster, files.outcome)
    warn(of: outcome.report.schema)
    let job = try evaluate(cluster, stop)
    timings.end("evaluate")
    try write(job, outcome, to: target, cluster, stop, &timings)
  }

  /// Tells of fields that the rules name and the data do not have, and of what never holds.
  private func warn(of schema: Schema) {
    for definition in files.definitions {
      guard let query = try? CheckedQuery(definition.expression) else { continue }
      for remark in query.advice(for: schema) {
        terminal.warn("the rule of '\(definition.id)' at \(remark)")
      }
    }
  }

  private func evaluate(_ cluster: LocalCluster, _ stop: StopRequest) throws -> Document {
    // Whatever set a definition is for, here it is for these files.
    let documents = files.sources.map { source -> Value in
      guard case .object(var object) = source.document else { return source.document }
      object["set"] = nil
      return .object(object)
    }
    _ = try cluster.connect().document(
      .applySegments(documents, set: nil, isDryRun: false, removesOthers: false)
    )
    let line = ProgressLine(terminal, isWanted: arguments.has("progress"))
    defer { line.clear() }
    let request = EvaluationRequest(
      set: self.cluster.set,
      segments: nil,
      asOf: asOf,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: nil
    )
    let document = try EvaluationJob(connect: cluster.connect).run(request) { value in
      try stop.check()
      let job = Document(value)
      line.show(
        "evaluating: \(JobsView.progress(job)), \(job.elapsed("elapsedMilliseconds"))"
      )
    }
    try JobWatch.check(Document(document))
    return Document(document)
  }

  private func write(
    _ job: Document,
    _ outcome: ImportJob.Outcome,
    to target: OutputTarget,
    _ cluster: LocalCluster,
    _ stop: StopRequest,
    _ timings: inout Timings
  ) throws {
    let writer = AudienceWriter(
      output: ResultOutput(target),
      definitions: files.definitions,
      counts: OneShot.counts(of: job),
      members: members == .none
        ? nil
        : { segment in
          OneShot.stream(cluster, segment, self.cluster.set, stop)
        }
    )
    switch format {
    case .csv: try writer.writeCSV()
    case .json:
      try writer.writeJSON(
        AudienceWriter.Facts(
          asOf: asOf,
          profileCount: job.number("profiles") ?? 0,
          eventCount: job.number("events") ?? 0,
          rejectedCount: Int(clamping: outcome.report.rejects.count)
        )
      ) {
        timings.end("write")
        return timings.seconds
      }
    }
  }

  private static func counts(of job: Document) -> [Name: Int] {
    var counts: [Name: Int] = [:]
    for result in job.list("results") {
      guard let id = result.value["segment"]?.text.flatMap(Name.init) else { continue }
      counts[id] = result.number("members")
    }
    return counts
  }

  /// The keys of an audience, page by page in the order of their bytes.
  ///
  /// A worker may be busy with what it has just stored for longer than a question is held; then it
  /// is asked again.
  private static func stream(
    _ cluster: LocalCluster,
    _ segment: Name,
    _ set: Name,
    _ stop: StopRequest
  ) -> () throws -> [ProfileKey]? {
    var stream: MemberStream?
    var last: ProfileKey?
    var triesLeft = questionTryCountMax
    return {
      while true {
        try stop.check()
        do {
          var open =
            try stream
            ?? MemberStream(
              cluster.connect(),
              set: set,
              query: PageQuery(
                audience: segment,
                after: last,
                rowCountMax: MemberStream.pageRowCount
              )
            )
          let keys = try open.next()?.map(\.key)
          stream = open
          last = keys?.last ?? last
          return keys
        } catch let error where isBusy(error) && triesLeft > 0 {
          triesLeft -= 1
          stream = nil
        }
      }
    }
  }

  private static func isBusy(_ error: any Error) -> Bool {
    switch error {
    case let error as ClusterError: error.code == .busy
    case ClientError.timedOut: true
    default: false
    }
  }
}
