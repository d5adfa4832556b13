import Bytes
import Cluster
import Domain
import Platform
import Wire

/// The process of `covey worker`: the rules of a worker on sockets, disk and threads.
///
/// After `init` the loop belongs to the thread that calls `run`, once; other threads only call
/// `stop`, which goes through the loop's inbox. That is why the class may cross threads unchecked.
package final class WorkerProcess: @unchecked Sendable {
  private let options: WorkerOptions
  private let lock: DirectoryLock
  private let loop: WorkerLoop

  /// Takes the data folder and verifies what it holds; this can take as long as reading it does.
  package init(_ options: WorkerOptions) throws {
    self.options = options
    let key = try ClusterKeys.key(
      for: .worker,
      file: options.keyFile,
      endpoint: options.coordinator
    )
    let disk = LinuxDisk()
    try disk.createDirectory(options.dataDirectory)
    lock = try DirectoryLock(directory: options.dataDirectory)
    let clock = LinuxClock()
    var identity = try WorkerIdentity.read(directory: options.dataDirectory, disk: disk)
    // Wall time keeps it ascending even if the folder was restored from an old copy.
    identity.incarnation = max(
      identity.incarnation &+ 1,
      UInt64(clamping: clock.now.milliseconds)
    )
    try identity.write(directory: options.dataDirectory, disk: disk)

    let network = try LinuxNetwork()
    let waker = network.waker
    let inbox = Inbox<WorkerLoop.Notice> { waker.wake() }
    let executor = try StoreExecutor(options, disk: disk) { inbox.put(.finished($0)) }
    do {
      loop = WorkerLoop(
        table: PeerTable(
          network: network,
          clock: clock,
          limits: options.limits,
          log: options.log
        ),
        executor: executor,
        inventory: try executor.inventory(log: options.log),
        identity: identity,
        key: key,
        options: options,
        inbox: inbox
      )
    } catch {
      executor.close()
      throw error
    }
  }

  /// Serves until `stop` is called.
  ///
  /// - Throws: `RuntimeError.storeFailed` when the process has to end and to recover from disk.
  package func run() throws {
    if options.exitsWithParent {
      try Lifeline.watch(descriptor: ChildProcess.lifelineDescriptor) { self.stop() }
    }
    try loop.run()
  }

  /// Ends `run` soon; callable from any thread.
  package func stop() { loop.stop() }
}
