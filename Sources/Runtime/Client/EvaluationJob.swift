package import Bytes
package import Cluster
package import Domain
import Platform

/// The client's side of an evaluation or a training: order it once, whatever happens on the way, and
/// follow it.
package struct EvaluationJob {
  private let connect: () throws -> ClusterClient
  private let retryMilliseconds: Int64
  private let clock = LinuxClock()

  /// Describes how to reach the coordinator.
  ///
  /// - Parameters:
  ///   - connect: makes a connection of the role client; called again after one is lost.
  ///   - retryMilliseconds: how long a lost coordinator is looked for.
  package init(
    connect: @escaping () throws -> ClusterClient,
    retryMilliseconds: Int64 = 300_000
  ) {
    self.connect = connect
    self.retryMilliseconds = retryMilliseconds
  }

  /// A token that nobody else draws: a request sent again under it is the same job.
  package static func makeToken() -> Text {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    return Text(hexadecimalText(bytes))
  }

  /// Orders an evaluation and waits for its end.
  ///
  /// - Parameters:
  ///   - request: with a token of its own.
  ///   - progress: is given the job's document each time it changes, at the latest each second.
  /// - Returns: the job's document when it runs no more; its `state` says how it ended.
  /// - Throws: `ClientError`, `ClusterError`, or what `progress` throws.
  package func run(
    _ request: EvaluationRequest,
    progress: (Value) throws -> Void = { _ in }
  ) throws -> Value {
    try run(.evaluate(request), progress: progress)
  }

  /// Orders a training and waits for its end; as `run` of an evaluation.
  package func run(
    _ request: TrainingRequest,
    progress: (Value) throws -> Void = { _ in }
  ) throws -> Value {
    try run(.train(request), progress: progress)
  }

  /// Orders a check before a training and waits for its end; as `run` of an evaluation.
  package func check(
    _ request: TrainingRequest,
    progress: (Value) throws -> Void = { _ in }
  ) throws -> Value {
    try run(.check(request), progress: progress)
  }

  /// Orders a scoring and waits for its end; as `run` of an evaluation.
  package func run(
    _ request: ScoringRequest,
    progress: (Value) throws -> Void = { _ in }
  ) throws -> Value {
    try run(.score(request), progress: progress)
  }

  private func run(_ request: ClientRequest, progress: (Value) throws -> Void) throws -> Value {
    let connection = Reconnection(connect, retryMilliseconds: retryMilliseconds)
    let reply = try connection.perform { try $0.request(request) }
    guard case .accepted(let job) = reply else {
      throw ClientError.unexpectedReply(to: request.word)
    }
    return try follow(job, connection, progress: progress)
  }

  /// Waits for the end of a job of any kind.
  package func follow(
    _ job: JobID,
    progress: (Value) throws -> Void = { _ in }
  ) throws -> Value {
    try follow(
      job,
      Reconnection(connect, retryMilliseconds: retryMilliseconds),
      progress: progress
    )
  }

  private func follow(
    _ job: JobID,
    _ connection: Reconnection,
    progress: (Value) throws -> Void
  ) throws -> Value {
    var seenVersion: UInt64 = 0
    while true {
      let document = try connection.perform { client in
        try client.document(.waitJob(job, seenVersion: seenVersion))
      }
      try progress(document)
      guard document["state"]?.text == JobState.running.word else { return document }
      seenVersion = UInt64(clamping: document["version"]?.integer ?? 0)
    }
  }
}

/// A connection that is made anew when it is lost, for requests that may be sent twice.
private final class Reconnection {
  private let connect: () throws -> ClusterClient
  private let retryMilliseconds: Int64
  private let clock = LinuxClock()
  private var client: ClusterClient?
  private var hasConnected = false

  init(_ connect: @escaping () throws -> ClusterClient, retryMilliseconds: Int64) {
    self.connect = connect
    self.retryMilliseconds = retryMilliseconds
  }

  /// A first connection that fails is the caller's to know; a lost one is looked for.
  func perform<Result>(_ body: (ClusterClient) throws -> Result) throws -> Result {
    var backoff = Backoff(seed: UInt64(truncatingIfNeeded: clock.monotonicMilliseconds))
    let start = clock.monotonicMilliseconds
    while true {
      do {
        let connected = try client ?? connect()
        client = connected
        hasConnected = true
        return try body(connected)
      } catch let error as ClientError where hasConnected && error.isRetryable {
        client = nil
        guard clock.monotonicMilliseconds - start < retryMilliseconds else { throw error }
        Pause.wait(milliseconds: backoff.next())
      }
    }
  }
}
