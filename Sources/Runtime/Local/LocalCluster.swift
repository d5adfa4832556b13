import Bytes
import Cluster
import Domain
package import Platform
import Synchronization
import Wire

/// A cluster on this machine: a coordinator and workers as child processes of this program.
///
/// ```
/// <data>/secret            the cluster's secret, made when absent
///        coordinator/      the coordinator's data
///        worker-1/ …       the workers' data
///        log/<name>.log    what each process says
/// ```
///
/// The data is kept between runs. Children end with this process, however it ends.
package final class LocalCluster: Sendable {
  package struct Options: Sendable {
    package var dataDirectory: String
    /// More are started when the data folder holds more workers' data.
    package var workerCount = 2
    /// Port 0 takes any free one.
    package var listen = Endpoint(host: "127.0.0.1", port: 0)
    /// Evaluations each worker runs at a time, and threads of its trainings; `nil` shares the
    /// processors among the workers.
    package var threadCount: Int?
    /// Memory of each worker; `nil` shares the standard budget among them.
    package var memoryBudgetMebibytes: Int?
    /// Gets a workspace file while the cluster runs, so that commands there find it.
    package var workspaceDirectory: String?
    /// How long all processes may take to be ready.
    package var readyMilliseconds: Int64 = 60_000
    /// How long a process may take to end before it is killed.
    package var stopMilliseconds: Int64 = 10_000
    /// The program; `nil` is this process's own.
    package var executablePath: String?
    package var log = Log(node: "local")

    package init(dataDirectory: String) { self.dataDirectory = dataDirectory }
  }

  /// How often a process that is starting is looked at.
  private static let pollMilliseconds: Int64 = 20

  /// Where the coordinator listens.
  package let endpoint: Endpoint
  /// The cluster's secret, for clients.
  package let keyFile: String
  package let workerCount: Int

  private let options: Options
  private let lock: DirectoryLock
  private let nursery: Nursery

  /// Starts the processes and waits until all workers have joined.
  package init(_ options: Options) throws {
    var options = options
    options.dataDirectory = try LocalCluster.absolute(options.dataDirectory)
    let disk = LinuxDisk()
    try disk.createDirectory(options.dataDirectory + "/log")
    lock = try DirectoryLock(directory: options.dataDirectory)
    keyFile = options.dataDirectory + "/secret"
    if !disk.exists(keyFile) {
      var random = SystemRandomNumberGenerator()
      try SecretFile.create(keyFile, contents: ClusterSecret(using: &random).fileContents)
    }
    guard let executable = options.executablePath ?? ProcessStatus.executablePath else {
      throw RuntimeError.noExecutable
    }
    let known = try disk.list(options.dataDirectory).compactMap { name in
      name.utf8.starts(with: "worker-".utf8) ? Int(name.dropFirst("worker-".count)) : nil
    }
    workerCount = max(1, options.workerCount, known.max() ?? 0)
    self.options = options
    nursery = Nursery(
      options: options,
      keyFile: keyFile,
      executable: executable,
      workerCount: workerCount
    )
    let deadline = LinuxClock().monotonicMilliseconds + options.readyMilliseconds
    do {
      endpoint = try nursery.startCoordinator(before: deadline)
      try nursery.startWorkers(of: endpoint)
      try LocalCluster.awaitWorkers(
        workerCount,
        endpoint: endpoint,
        keyFile: keyFile,
        nursery: nursery,
        before: deadline,
        readyMilliseconds: options.readyMilliseconds
      )
      if let directory = options.workspaceDirectory {
        try Workspace(coordinator: endpoint, keyFile: keyFile).write(in: directory)
      }
    } catch {
      nursery.stop()
      throw error
    }
    nursery.finishStarting()
  }

  /// Connects as a client.
  package func connect() throws -> ClusterClient {
    let key = try ClusterKeys.key(for: .client, file: keyFile, endpoint: endpoint)
    return try ClusterClient(endpoint: endpoint, key: key)
  }

  /// Waits until `stop` is called from another thread.
  ///
  /// - Throws: `RuntimeError.childKeepsFailing` when a process cannot be kept alive; `stop` is still
  ///   to be called then.
  package func wait() throws { try nursery.wait() }

  /// Ends all processes, workers first; does nothing a second time.
  package func stop() {
    nursery.stop()
    guard let directory = options.workspaceDirectory else { return }
    // A workspace that stays behind names a cluster that does not answer, which commands say.
    try? Workspace(coordinator: endpoint, keyFile: keyFile).remove(from: directory)
  }

  /// Shares the processors of a machine among its workers.
  ///
  /// - Parameters:
  ///   - number: the worker's, from 1 on.
  ///   - workerCount: workers on the machine.
  ///   - processorCount: the machine's.
  /// - Returns: the worker's processors, at least one; the first workers have what is left over, and
  ///   where there are more workers than processors several of them have the same.
  package static func processors(
    ofWorker number: Int,
    among workerCount: Int,
    on processorCount: Int
  ) -> Range<Int> {
    let (share, rest) = processorCount.quotientAndRemainder(dividingBy: workerCount)
    let index = number - 1
    guard share > 0 else {
      let processor = index % processorCount
      return processor..<processor + 1
    }
    let first = index * share + min(index, rest)
    return first..<first + (index < rest ? share + 1 : share)
  }

  private static func absolute(_ path: String) throws -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let directory = ProcessStatus.currentDirectory else {
      throw DiskError(
        operation: "find",
        path: path,
        number: 0,
        reason: "the present folder has no path"
      )
    }
    return directory + "/" + path
  }

  /// Asks the coordinator until every worker has joined.
  private static func awaitWorkers(
    _ count: Int,
    endpoint: Endpoint,
    keyFile: String,
    nursery: Nursery,
    before deadline: Int64,
    readyMilliseconds: Int64
  ) throws {
    let key = try ClusterKeys.key(for: .client, file: keyFile, endpoint: endpoint)
    let client = try ClusterClient(endpoint: endpoint, key: key)
    while true {
      let nodes = try client.document(.nodes)["nodes"]?.elements ?? []
      let ready = nodes.filter { $0["state"]?.text == "ok" }.count
      if ready >= count { return }
      try nursery.check()
      guard LinuxClock().monotonicMilliseconds < deadline else {
        throw RuntimeError.clusterNotReady(
          seconds: Int(readyMilliseconds / 1_000),
          reason: "\(ready) of \(count) workers have joined"
        )
      }
      Pause.wait(milliseconds: pollMilliseconds)
    }
  }
}
