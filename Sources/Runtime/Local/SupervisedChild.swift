import Bytes
import Cluster
import Platform
import Synchronization

/// A child process that is started again when it ends, until it is stopped or ends too often.
final class SupervisedChild: Sendable {
  /// Ends within the window after which a child is given up.
  static let endCountMax = 5
  static let windowMilliseconds: Int64 = 600_000
  /// The first pause before a child is started again; each next one is twice as long.
  static let pauseMilliseconds: Int64 = 1_000
  static let longestPauseMilliseconds: Int64 = 60_000
  /// Bytes at the end of its log that are shown when it is given up.
  private static let shownByteCountMax = 4 << 10

  private struct State {
    var child: ChildProcess?
    var isStopping = false
  }

  let name: String
  private let logPath: String
  private let log: Log
  private let state = Mutex(State())
  /// Closed by `stop`: ends a pause early.
  private let stopping = BlockingQueue<Never>()
  /// Is given one element when nothing will be started any more.
  private let ended = BlockingQueue<Bool>()

  /// Starts the child and the thread that watches it.
  ///
  /// - Parameters:
  ///   - name: for the log.
  ///   - executable: the program.
  ///   - logPath: where the child's own log goes.
  ///   - log: where this process says what happens to the child.
  ///   - arguments: asked for at each start.
  ///   - mayRestart: asked at each end.
  ///   - givenUp: is told, on the watching thread, why it is started no more.
  /// - Throws: when it cannot be started at all.
  init(
    name: String,
    executable: String,
    logPath: String,
    log: Log,
    arguments: @escaping @Sendable () -> [String],
    mayRestart: @escaping @Sendable () -> Bool,
    givenUp: @escaping @Sendable (RuntimeError) -> Void
  ) throws(PlatformError) {
    self.name = name
    self.logPath = logPath
    self.log = log
    let first = try ChildProcess(path: executable, arguments: arguments(), logPath: logPath)
    state.withLock { $0.child = first }
    let thread = try WorkerThread(named: "covey-child") {
      self.watch(first, executable, arguments, mayRestart, givenUp)
      self.ended.push(true)
    }
    thread.detach()
  }

  /// Asks the child to end and does not start it again.
  func terminate() {
    state.withLock { state in
      state.isStopping = true
      state.child?.terminate()
    }
    stopping.close()
  }

  /// Waits for the end after `terminate`; from the deadline on by force.
  func awaitEnd(withinMilliseconds milliseconds: Int64) {
    if ended.pop(withinMilliseconds: milliseconds) != nil { return }
    log.warning("child-killed", [LogField("child", name), LogField("after_ms", milliseconds)])
    state.withLock { $0.child?.kill() }
    _ = ended.pop()
  }

  private func watch(
    _ first: ChildProcess,
    _ executable: String,
    _ arguments: () -> [String],
    _ mayRestart: () -> Bool,
    _ givenUp: (RuntimeError) -> Void
  ) {
    let clock = LinuxClock()
    var child = first
    var ends: [Int64] = []
    while true {
      let ending = child.wait()
      if state.withLock({ $0.isStopping }) { return }
      let now = clock.monotonicMilliseconds
      ends = ends.filter { now - $0 < SupervisedChild.windowMilliseconds } + [now]
      log.warning("child-ended", [LogField("child", name), LogField("how", ending)])
      guard mayRestart(), ends.count < SupervisedChild.endCountMax else {
        return givenUp(
          .childKeepsFailing(name: name, count: ends.count, lastLines: lastLines())
        )
      }
      let pause = min(
        SupervisedChild.longestPauseMilliseconds,
        SupervisedChild.pauseMilliseconds << Int64(ends.count - 1)
      )
      _ = stopping.pop(withinMilliseconds: pause)
      do throws(PlatformError) {
        guard let next = try restart(executable, arguments()) else { return }
        child = next
      } catch {
        return givenUp(
          .childKeepsFailing(name: name, count: ends.count, lastLines: error.description)
        )
      }
    }
  }

  /// Starts the child anew, unless it is to end.
  private func restart(
    _ executable: String,
    _ arguments: [String]
  ) throws(PlatformError) -> ChildProcess? {
    let result = state.withLock { state -> Result<ChildProcess?, PlatformError> in
      guard !state.isStopping else { return .success(nil) }
      do throws(PlatformError) {
        let child = try ChildProcess(path: executable, arguments: arguments, logPath: logPath)
        state.child = child
        return .success(child)
      } catch {
        return .failure(error)
      }
    }
    let child = try result.get()
    if child != nil { log.info("child-restarted", [LogField("child", name)]) }
    return child
  }

  /// The end of the child's log, from a line's start.
  private func lastLines() -> String {
    guard let contents = try? LinuxDisk().map(logPath) else { return "" }
    let bytes = unsafe contents.withBytes { bytes in
      unsafe Array(bytes.suffix(SupervisedChild.shownByteCountMax))
    }
    let isCut = contents.byteCount > bytes.count
    let lines = isCut ? bytes.drop { $0 != 0x0A }.dropFirst() : bytes[...]
    return String(decoding: lines, as: UTF8.self)
  }
}
