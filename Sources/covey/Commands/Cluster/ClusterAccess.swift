import Platform
import Runtime
import Wire

/// How a command reaches the coordinator: from its options, the environment, or the workspace.
struct ClusterAccess {
  static let options: [Option] = [
    .value(
      "coordinator",
      "HOST:PORT",
      "The coordinator; else $COVEY_COORDINATOR, else the one of \(Workspace.path) here or above."
    ),
    .value(
      "key-file",
      "FILE",
      "The cluster's secret or a role's key; else $COVEY_KEY_FILE, else the workspace's.",
      suggestion: .files
    ),
  ]

  static let timeout = Option.value("timeout", "TIME", "How long to wait for an answer; 10s.")
  static let json = Option.flag("json", "Print the document as JSON.")

  private static let timeoutMilliseconds = 10_000

  let endpoint: Endpoint
  private let key: RoleKey
  private let timeoutMilliseconds: Int64

  /// Finds address and key.
  ///
  /// - Parameters:
  ///   - arguments: of a command with `options`.
  ///   - timeoutMilliseconds: how long the coordinator may take to answer; 10 s without.
  /// - Throws: when no coordinator is named, or the key cannot be read.
  init(_ arguments: Arguments, timeoutMilliseconds: Int? = nil) throws {
    self.timeoutMilliseconds = Int64(timeoutMilliseconds ?? ClusterAccess.timeoutMilliseconds)
    let directory = ProcessStatus.currentDirectory ?? "."
    let named = try ClusterAccess.namedEndpoint(arguments)
    let keyFile = arguments.value("key-file") ?? Environment.value(of: "COVEY_KEY_FILE")
    let workspace =
      named == nil || keyFile == nil ? try Workspace.find(from: directory) : nil
    guard let endpoint = named ?? workspace?.coordinator else {
      throw RuntimeError.noWorkspace(directory: directory)
    }
    self.endpoint = endpoint
    let own = workspace?.coordinator == endpoint ? workspace?.keyFile : nil
    key = try ClusterAccess.key(file: keyFile ?? own, endpoint)
  }

  private static func namedEndpoint(_ arguments: Arguments) throws -> Endpoint? {
    if let endpoint = try arguments.endpoint("coordinator") { return endpoint }
    guard let word = Environment.value(of: "COVEY_COORDINATOR") else { return nil }
    guard let endpoint = Endpoint(word) else {
      throw CommandFailure(
        .configuration,
        "COVEY_COORDINATOR is '\(word)', which is no address; write HOST:PORT"
      )
    }
    return endpoint
  }

  /// A client's key, or that of another role a person may have been given.
  private static func key(file: String?, _ endpoint: Endpoint) throws -> RoleKey {
    do {
      return try ClusterKeys.key(for: .client, file: file, endpoint: endpoint)
    } catch RuntimeError.wrongRole(_, let role, _) where role == .viewer || role == .operator {
      return try ClusterKeys.key(for: role, file: file, endpoint: endpoint)
    }
  }

  /// Makes a connection; may be called again after one is lost.
  func connect() throws -> ClusterClient {
    try ClusterClient(endpoint: endpoint, key: key, timeoutMilliseconds: timeoutMilliseconds)
  }
}
