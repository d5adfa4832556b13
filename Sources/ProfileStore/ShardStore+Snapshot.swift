import Bytes
import Domain
import Platform

extension ShardStore {
  /// The committed contents as columns, which are made from the log when they are missing, stale or
  /// damaged.
  package func snapshot() throws(StoreError) -> ShardSnapshot {
    if let opened, opened.contents == contents { return opened }
    var keys = KeyTable()
    var profiles: [(key: ProfileKey, attributes: ObjectValue, events: [Value])] = []
    let log = try LogReader(disk: disk, path: logPath)
    for committed in ledger.committed {
      for batch in committed.batches {
        let rows = try log.rows(of: batch)
        do {
          var reader = try RowBatchReader(rows)
          while let row = try reader.next() {
            let ordinal = try keys.ordinal(of: Array(row.key.text.utf8)[...])
            if ordinal == profiles.count { profiles.append((row.key, ObjectValue(), [])) }
            let value = try reader.value(of: row)
            switch row.kind {
            case .attributes:
              for field in value.fields {
                profiles[ordinal].attributes[field.name] = field.value
              }
            case .event: profiles[ordinal].events.append(.object(value))
            }
          }
        } catch let error as StoreError {
          throw error
        } catch {
          throw .damaged(file: logPath, part: .bytes(at: batch.offset), reason: "\(error)")
        }
      }
    }
    for index in profiles.indices {
      let instants = profiles[index].events.map { EventTime.instant(of: $0[EventTime.field]) }
      let order = instants.indices.sorted { left, right in
        switch (instants[left], instants[right]) {
        case (let first?, let second?): first == second ? left < right : first < second
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left < right
        }
      }
      profiles[index].events = order.map { profiles[index].events[$0] }
    }
    let snapshot = ShardSnapshot(
      contents: contents,
      blockSize: options.blockProfileCount,
      keyOrder: keys.ordinalsInKeyOrder(),
      profiles: profiles
    )
    opened = snapshot
    return snapshot
  }

  /// Whether a file of this name is of no use: half-written, or columns of contents of the past.
  func isLeftOver(_ name: String) -> Bool {
    name.hasSuffix(OutputFile.partialSuffix) || name.hasPrefix("spill-")
      || (name.hasPrefix("blocks-") && name != "blocks-\(contents.lsn)")
  }
}
