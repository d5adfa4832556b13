import Platform

/// Column blocks: one file, of the contents that its name says.
extension ShardStore {
  private var blocksName: String { "blocks-\(contents.lsn)" }

  private var blocksPath: String { directory + "/" + blocksName }

  /// The committed contents as columns, which are made from the log when they are missing, stale or
  /// damaged.
  package func snapshot() throws(StoreError) -> ShardSnapshot {
    if let opened, opened.contents == contents, !opened.isDamaged { return opened }
    let snapshot = ShardSnapshot(contents: contents, file: try blockFile())
    opened = snapshot
    return snapshot
  }

  /// Whether a file of this name is of no use: half-written, or columns of other contents.
  func isLeftOver(_ name: String) -> Bool {
    name.hasSuffix(OutputFile.partialSuffix) || name == "spill"
      || (name.hasPrefix("blocks-") && name != blocksName)
  }

  private func blockFile() throws(StoreError) -> BlockFile? {
    guard contents.profileCount > 0 else { return nil }
    if disk.exists(blocksPath), opened?.contents != contents, let file = try wholeBlockFile() {
      return file
    }
    var sealer = try Sealer(disk: disk, logPath: logPath, ledger: ledger, options: options)
    try sealer.seal(at: blocksPath, spillPath: directory + "/spill")
    dropLeftOvers()
    return try BlockFile(disk: disk, path: blocksPath)
  }

  /// Removes columns of the past; what cannot be removed now is when the shard is opened next.
  private func dropLeftOvers() {
    for name in (try? disk.list(directory)) ?? [] where isLeftOver(name) {
      try? disk.remove(directory + "/" + name)
    }
  }

  /// The block file, if every byte of it is what was written.
  private func wholeBlockFile() throws(StoreError) -> BlockFile? {
    do throws(StoreError) {
      let file = try BlockFile(disk: disk, path: blocksPath)
      try file.verify()
      return file.contents == contents ? file : nil
    } catch {
      switch error {
      case .damaged, .unknownVersion: return nil
      default: throw error
      }
    }
  }
}
