private import Glibc
private import Synchronization

/// A process this one has started and will wait for.
///
/// The child is in a process group of its own, so a terminal's Ctrl-C reaches the parent alone. Its
/// descriptor `lifelineDescriptor` is a pipe that ends when the parent does, however it ends: see
/// `Lifeline`.
package final class ChildProcess: Sendable {
  /// How a process ended.
  package enum Ending: Equatable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)

    package var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .killed(let signal): Signals.name(of: signal)
      }
    }
  }

  /// Where the child finds its lifeline.
  package static let lifelineDescriptor: Int32 = 3

  package let processID: Int32
  private let lifeline: Int32
  /// Set under the lock once the child was waited for: its number may then belong to another.
  private let ending = Mutex<Ending?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: the executable; it is not searched for.
  ///   - arguments: what follows the program's name.
  ///   - logPath: file to which standard output and error are appended, created with mode 0600.
  /// - Throws: what the system said instead of starting it.
  package init(
    path: String,
    arguments: [String],
    logPath: String
  ) throws(PlatformError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
      throw .cannotMakePipe(reason: systemErrorText(errno))
    }
    defer { close(ends[0]) }
    do throws(PlatformError) {
      processID = try ChildProcess.spawn(
        path: path,
        arguments: arguments,
        logPath: logPath,
        lifeline: ends[0]
      )
    } catch {
      close(ends[1])
      throw error
    }
    lifeline = ends[1]
  }

  deinit { close(lifeline) }

  /// Waits for the end; from one thread only.
  package func wait() -> Ending {
    // The zombie keeps its number until it is taken below under the lock, so that `kill` never
    // reaches a stranger.
    var information = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0 {
      guard errno == EINTR else { break }
    }
    return ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      unsafe waitpid(processID, &status, 0)
      let signal = status & 0x7F
      let result: Ending =
        signal == 0 ? .exited(status: status >> 8 & 0xFF) : .killed(signal: signal)
      ending = result
      return result
    }
  }

  /// Asks the process to end (SIGTERM).
  package func terminate() { send(SIGTERM) }

  /// Ends the process at once (SIGKILL).
  package func kill() { send(SIGKILL) }

  private func send(_ signal: Int32) {
    ending.withLock { ending in
      if ending == nil { _ = Glibc.kill(processID, signal) }
    }
  }

  private static func spawn(
    path: String,
    arguments: [String],
    logPath: String,
    lifeline: Int32
  ) throws(PlatformError) -> Int32 {
    let actions = UnsafeMutablePointer<posix_spawn_file_actions_t>.allocate(capacity: 1)
    let attributes = UnsafeMutablePointer<posix_spawnattr_t>.allocate(capacity: 1)
    unsafe posix_spawn_file_actions_init(actions)
    unsafe posix_spawnattr_init(attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(actions)
      unsafe posix_spawnattr_destroy(attributes)
      unsafe actions.deallocate()
      unsafe attributes.deallocate()
    }
    unsafe posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      actions,
      1,
      logPath,
      O_WRONLY | O_CREAT | O_APPEND,
      0o600
    )
    unsafe posix_spawn_file_actions_adddup2(actions, 1, 2)
    unsafe posix_spawn_file_actions_adddup2(actions, lifeline, lifelineDescriptor)
    var unblocked = sigset_t()
    unsafe sigemptyset(&unblocked)
    var defaults = Signals.makeTerminationSet()
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigmask(attributes, &unblocked)
    unsafe posix_spawnattr_setsigdefault(attributes, &defaults)
    unsafe posix_spawnattr_setpgroup(attributes, 0)
    unsafe posix_spawnattr_setflags(
      attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
    )
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) }
    var variables = unsafe Environment.entries.map { unsafe strdup($0) }
    defer {
      for index in unsafe words.indices { unsafe free(words[index]) }
      for index in unsafe variables.indices { unsafe free(variables[index]) }
    }
    unsafe words.append(nil)
    unsafe variables.append(nil)
    var processID: pid_t = 0
    let status = unsafe posix_spawn(&processID, path, actions, attributes, words, variables)
    guard status == 0 else {
      throw .cannotStartProcess(path: path, reason: systemErrorText(status))
    }
    return processID
  }
}
