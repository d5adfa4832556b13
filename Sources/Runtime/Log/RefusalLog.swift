import Bytes
import Cluster

/// Says which peers were refused and why, the same thing about the same address once a minute.
///
/// Whoever is refused could otherwise fill the disk with the log.
struct RefusalLog {
  static let pauseMilliseconds: Int64 = 60_000
  /// Different lines within a minute; all others share one more.
  static let keyCountMax = 256

  private struct Key: Hashable {
    var address: Text
    var reason: Text
  }

  private struct Entry {
    var saidAt: Int64
    var suppressedCount: Int
  }

  private let log: Log
  private var entries: [Key: Entry] = [:]

  init(_ log: Log) { self.log = log }

  mutating func note(address: Text, reason: Text, at now: Int64) {
    let own = Key(address: address, reason: reason)
    if entries[own] == nil, entries.count >= RefusalLog.keyCountMax {
      entries = entries.filter { now - $0.value.saidAt < RefusalLog.pauseMilliseconds }
    }
    let isCrowded = entries[own] == nil && entries.count >= RefusalLog.keyCountMax
    let key = isCrowded ? Key(address: "many", reason: "many different refusals") : own
    if let entry = entries[key], now - entry.saidAt < RefusalLog.pauseMilliseconds {
      entries[key]?.suppressedCount += 1
      return
    }
    var fields = [LogField("address", key.address), LogField("reason", key.reason)]
    if let count = entries[key]?.suppressedCount, count > 0 {
      fields.append(LogField("suppressed", count))
    }
    entries[key] = Entry(saidAt: now, suppressedCount: 0)
    log.warning("peer-refused", fields)
  }
}
