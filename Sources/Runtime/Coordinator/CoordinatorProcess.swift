import Cluster
package import Platform
import Synchronization
import Wire

/// The process of `covey coordinator`: the rules of the coordinator on sockets and disk.
///
/// After `init` the loop belongs to the thread that calls `run`, once; other threads only call
/// `stop`, which goes through the loop's inbox. That is why the class may cross threads unchecked.
package final class CoordinatorProcess: @unchecked Sendable {
  /// Where it listens.
  package let endpoint: Endpoint

  private let options: CoordinatorOptions
  private let lock: DirectoryLock
  private let loop: CoordinatorLoop

  /// Takes the data folder, reads the catalogue, and listens.
  package init(_ options: CoordinatorOptions) throws {
    self.options = options
    guard options.keyFile != nil || options.listen.isLoopback else {
      throw RuntimeError.needsKeyFile(endpoint: options.listen, isListening: true)
    }
    let secret = try ClusterKeys.secret(file: options.keyFile)
    let disk = LinuxDisk()
    try disk.createDirectory(options.dataDirectory)
    lock = try DirectoryLock(directory: options.dataDirectory)
    let network = try LinuxNetwork()
    let waker = network.waker
    let inbox = Inbox<CoordinatorLoop.Notice> { waker.wake() }
    let opened = try CatalogueJournal.open(
      disk: disk,
      directory: options.dataDirectory,
      log: options.log
    ) { inbox.put(.journal($0)) }
    do {
      guard let clusterID = ClusterID(opened.catalogue.clusterID) else {
        throw RuntimeError.catalogueDamaged(
          path: options.dataDirectory + "/" + CatalogueJournal.fileName,
          reason: "it has no valid cluster id"
        )
      }
      let table = PeerTable(
        network: network,
        clock: LinuxClock(),
        limits: options.limits,
        log: options.log
      )
      endpoint = try table.listen(
        on: options.listen,
        as: SessionConfiguration(clusterID: clusterID, keys: secret.roleKeys)
      )
      loop = try CoordinatorLoop(
        table: table,
        journal: opened.journal,
        catalogue: opened.catalogue,
        catalogueByteCount: opened.byteCount,
        endpoint: endpoint,
        options: options,
        inbox: inbox
      )
    } catch {
      opened.journal.close()
      throw error
    }
  }

  /// Serves until `stop` is called.
  ///
  /// - Throws: `RuntimeError.catalogueFailed` when the catalogue can no longer be kept.
  package func run() throws {
    if let path = options.addressFile {
      try LinuxDisk().replace(path, with: Array("\(endpoint)\n".utf8))
    }
    if options.exitsWithParent {
      try Lifeline.watch(descriptor: ChildProcess.lifelineDescriptor) { self.stop() }
    }
    try loop.run()
  }

  /// Ends `run` soon; callable from any thread.
  package func stop() { loop.stop() }
}
