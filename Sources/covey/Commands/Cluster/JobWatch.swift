import Bytes
import Cluster
import Domain
import Runtime

/// Waits for a job's end and shows how far it is; the job goes on when the watching ends.
struct JobWatch {
  private let terminal: Terminal
  private let access: ClusterAccess
  private let isWanted: Bool

  init(_ terminal: Terminal, _ access: ClusterAccess, isWanted: Bool = false) {
    self.terminal = terminal
    self.access = access
    self.isWanted = isWanted
  }

  /// Orders a job and prints its id instead of waiting for its end, as '--no-wait' wants.
  static func order(
    _ request: ClientRequest,
    _ access: ClusterAccess,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    guard case .accepted(let job) = try access.connect().request(request) else {
      throw ClientError.unexpectedReply(to: request.word)
    }
    try terminal.results.line("\(job)")
    return .success
  }

  func follow(_ job: JobID) throws -> Value {
    try watching { evaluation, progress in try evaluation.follow(job, progress: progress) }
  }

  /// Orders an evaluation and waits for its end.
  ///
  /// - Throws: also when the job did not end well.
  func run(_ request: EvaluationRequest) throws -> Value {
    let document = try watching { try $0.run(request, progress: $1) }
    try JobWatch.check(Document(document))
    return document
  }

  /// Orders a training and waits for its end.
  ///
  /// - Throws: also when the job did not end well.
  func run(_ request: TrainingRequest) throws -> Value {
    let document = try watching { try $0.run(request, progress: $1) }
    try JobWatch.check(Document(document))
    return document
  }

  /// Orders a check before a training and waits for its end.
  ///
  /// - Throws: also when the job did not end well.
  func check(_ request: TrainingRequest) throws -> Value {
    let document = try watching { try $0.check(request, progress: $1) }
    try JobWatch.check(Document(document))
    return document
  }

  /// Orders a scoring and waits for its end.
  ///
  /// - Throws: also when the job did not end well.
  func run(_ request: ScoringRequest) throws -> Value {
    let document = try watching { try $0.run(request, progress: $1) }
    try JobWatch.check(Document(document))
    return document
  }

  private func watching(
    _ body: (EvaluationJob, (Value) -> Void) throws -> Value
  ) throws -> Value {
    let line = ProgressLine(terminal, isWanted: isWanted)
    let watched = WatchedJob()
    // Ctrl-C stops the watching, and says that it does not stop the job.
    let termination = terminal.termination
    termination.onSignal { _ in
      let job = watched.id ?? "the job, if it was accepted,"
      Terminal.writeMessage(
        "\ncovey: stopped watching; \(job) goes on, 'covey jobs' shows it\n"
      )
      termination.end(.interrupted)
    }
    let evaluation = EvaluationJob(connect: access.connect)
    let document = try body(evaluation) { value in
      let job = Document(value)
      watched.id = job.text("id")
      line.show(JobWatch.text(job))
    }
    line.clear()
    return document
  }

  private static func text(_ job: Document) -> String {
    "\(job.shown("id")) \(job.shown("phase")): \(JobsView.progress(job)), "
      + job.elapsed("elapsedMilliseconds") + (job.text("reason").map { ", \($0)" } ?? "")
  }

  /// Throws unless the job is done.
  static func check(_ job: Document) throws {
    guard let state = job.text("state"), state != "done" else { return }
    let error = job.part("error")
    let code = ClusterError.Code.allCases.first { $0.word == error?.value["code"]?.text }
    let message = error?.text("message") ?? job.text("reason") ?? "no reason is known"
    throw CommandFailure(
      FailureReport.status(code ?? .failed),
      "\(job.shown("id")) is \(state): \(message)",
      next: job.text("next")
    )
  }
}
