package import Platform
package import Wire

/// Finds the key that a process proves itself with.
package enum ClusterKeys {
  /// The cluster's secret of a file, or the published stand-in that loopback alone may use.
  package static func secret(
    file path: String?
  ) throws -> ClusterSecret {
    guard let path else { return .keyless }
    let contents = try SecretFile.read(path)
    do throws(KeyFileError) {
      return try ClusterSecret(fileContents: contents)
    } catch {
      if (try? RoleKey(fileContents: contents)) != nil {
        throw RuntimeError.needsClusterSecret(path: path)
      }
      throw RuntimeError.badKeyFile(path: path, error)
    }
  }

  /// The key of one role: derived from the cluster's secret, or the one a role's file holds.
  ///
  /// - Parameters:
  ///   - role: what the key is to prove.
  ///   - path: a file of either kind; `nil` is no key at all.
  ///   - endpoint: whom the key is for; without a file it has to be on this machine.
  /// - Returns: the key.
  /// - Throws: when the file cannot be read or holds something else.
  package static func key(
    for role: Role,
    file path: String?,
    endpoint: Endpoint
  ) throws -> RoleKey {
    guard let path else {
      guard endpoint.isLoopback else {
        throw RuntimeError.needsKeyFile(endpoint: endpoint, isListening: false)
      }
      return ClusterSecret.keyless.key(for: role)
    }
    let contents = try SecretFile.read(path)
    if let key = try? RoleKey(fileContents: contents) {
      guard key.role == role else {
        throw RuntimeError.wrongRole(path: path, has: key.role, wanted: role)
      }
      return key
    }
    return try secret(file: path).key(for: role)
  }
}
