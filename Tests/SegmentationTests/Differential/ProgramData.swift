import Bytes
import Domain
import PQL
import ProfileStore
import Segmentation
import Simulation
import Testing

/// Random profiles in a shard on a simulated disk.
struct ProgramData {
  let snapshot: ShardSnapshot

  init(seed: UInt64, profileCount: Int, blockProfileCount: Int) throws {
    var profiles = ProgramProfiles(seed: seed)
    var writer = RowBatchWriter()
    for number in 0..<profileCount {
      let key = ProfileKey(Text("p\(number * 7 % profileCount)"))
      guard case .object(var object) = profiles.next() else { continue }
      let events = object[.xEvent]?.elements ?? []
      object[.xEvent] = nil
      writer.append(kind: .attributes, key: key, object: object)
      for case .object(let event) in events {
        writer.append(kind: .event, key: key, object: event)
      }
    }
    try self.init(writer.take(), blockProfileCount: blockProfileCount)
  }

  init(_ rows: [UInt8], blockProfileCount: Int) throws {
    let options = StoreOptions(blockProfileCount: blockProfileCount)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: options)
    let attempt = StoredImport(job: JobID(1), attempt: 1)
    try store.append(attempt, sequence: 0, rows: rows)
    _ = try store.prepare(attempt, batchCount: 1)
    _ = try store.commit(attempt)
    snapshot = try store.snapshot()
  }
}
