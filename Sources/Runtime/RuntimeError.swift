package import Platform
package import Wire

/// Why a process of the cluster could not start, or had to end.
package enum RuntimeError: Error, Equatable, Sendable {
  case badKeyFile(path: String, KeyFileError)
  /// A role's key where the cluster's secret is needed.
  case needsClusterSecret(path: String)
  case wrongRole(path: String, has: Role, wanted: Role)
  /// Without a key file a process speaks to this machine alone.
  case needsKeyFile(endpoint: Endpoint, isListening: Bool)
  case catalogueDamaged(path: String, reason: String)
  case catalogueFailed(path: String, reason: String)
  case badIdentityFile(path: String)
  case dataOfAnotherCluster(path: String, ours: ClusterID, theirs: ClusterID)
  case storeFailed(reason: String)
  case badWorkspace(path: String, reason: String)
  case noWorkspace(directory: String)
  case noExecutable
  case childKeepsFailing(name: String, count: Int, lastLines: String)
  case clusterNotReady(seconds: Int, reason: String)
}

extension RuntimeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .badKeyFile(let path, let error): "the key file \(path) cannot be used: \(error)"
    case .needsClusterSecret(let path):
      "\(path) holds the key of one role; a process of the cluster needs the cluster's secret"
    case .wrongRole(let path, let has, let wanted):
      "\(path) holds the key of the role \(has.name), not \(wanted.name)"
    case .needsKeyFile(let endpoint, let isListening):
      isListening
        ? "without a key file the coordinator listens on 127.0.0.1 only, not on \(endpoint); "
          + "name one with --key-file"
        : "\(endpoint) is another machine, which needs a key file; name one with --key-file"
    case .catalogueDamaged(let path, let reason):
      "the catalogue \(path) is damaged: \(reason); restore the file from a copy"
    case .catalogueFailed(let path, let reason):
      "the catalogue \(path) cannot be written: \(reason)"
    case .badIdentityFile(let path):
      "\(path) is damaged; remove it only if this folder was never used by another cluster"
    case .dataOfAnotherCluster(let path, let ours, let theirs):
      "\(path) holds data of cluster \(ours), the coordinator's is \(theirs); "
        + "use the coordinator of that cluster, or another folder"
    case .storeFailed(let reason): "the store failed: \(reason)"
    case .badWorkspace(let path, let reason): "\(path) cannot be used: \(reason)"
    case .noWorkspace(let directory):
      "no coordinator is named and no \(Workspace.path) is in \(directory) or above; "
        + "name one with --coordinator, or start one with 'covey local'"
    case .noExecutable: "the system does not tell which file this process runs"
    case .childKeepsFailing(let name, let count, let lastLines):
      "\(name) ended \(count) times within 10 minutes and is not started again; "
        + "its last lines:\n\(lastLines)"
    case .clusterNotReady(let seconds, let reason):
      "the cluster was not ready within \(seconds) s: \(reason)"
    }
  }
}
