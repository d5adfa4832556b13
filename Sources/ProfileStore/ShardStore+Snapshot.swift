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

  /// Whether a file of this name is of no use: half-written, or columns of contents there never were.
  ///
  /// Columns of earlier contents are what the present ones are made from.
  func isLeftOver(_ name: String) -> Bool {
    if name.hasSuffix(OutputFile.partialSuffix) || name == "spill" { return true }
    return name.hasPrefix("blocks-")
      && !ledger.committed.contains { name == "blocks-\($0.contents.lsn)" }
  }

  private func blockFile() throws(StoreError) -> BlockFile? {
    guard contents.profileCount > 0 else { return nil }
    if disk.exists(blocksPath), opened?.contents != contents,
      let file = try usable(blocksPath), file.contents == contents
    {
      dropOtherBlocks()
      return file
    }
    do throws(StoreError) {
      try seal(after: try previousFile())
    } catch {
      guard case .damaged(_, let part, _) = error, part.isOfBlockFile else { throw error }
      try seal(after: nil)
    }
    dropOtherBlocks()
    return try BlockFile(disk: disk, path: blocksPath)
  }

  private func seal(after previous: BlockFile?) throws(StoreError) {
    var sealer = try Sealer(
      disk: disk,
      logPath: logPath,
      spillPath: directory + "/spill",
      ledger: ledger,
      previous: previous,
      options: options
    )
    try sealer.seal(at: blocksPath)
  }

  /// The columns of the latest earlier contents that are there, with blocks of the present size.
  private func previousFile() throws(StoreError) -> BlockFile? {
    if let opened, opened.isDamaged { return nil }
    for earlier in ledger.committed.dropLast().reversed() {
      let path = directory + "/blocks-\(earlier.contents.lsn)"
      guard earlier.contents.profileCount > 0, disk.exists(path),
        let file = try usable(path), file.contents == earlier.contents,
        file.blockProfileCount == options.blockProfileCount
      else { continue }
      return file
    }
    return nil
  }

  /// Removes columns of the past; what cannot be removed now is when the shard is opened next.
  private func dropOtherBlocks() {
    for name in (try? disk.list(directory)) ?? []
    where isLeftOver(name) || (name.hasPrefix("blocks-") && name != blocksName) {
      try? disk.remove(directory + "/" + name)
    }
  }

  /// A block file, if its frame is what was written; the rest is checked when it is read.
  private func usable(_ path: String) throws(StoreError) -> BlockFile? {
    do throws(StoreError) {
      return try BlockFile(disk: disk, path: path)
    } catch {
      switch error {
      case .damaged, .unknownVersion: return nil
      default: throw error
      }
    }
  }
}
