import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct ShardStoreTests {
  @Test func `a committed import is visible`() throws {
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    let attempt = StoredImport(job: JobID(1), attempt: 1)
    var rows = RowBatchWriter()
    rows.append(kind: .attributes, key: ProfileKey("a"), object: ObjectValue())
    try store.append(attempt, sequence: 0, rows: rows.take())
    let contents = try store.prepare(attempt, batchCount: 1)
    #expect(store.contents == StoreContents())
    #expect(try store.commit(attempt) == contents)
    #expect(contents == StoreContents(lsn: 2, profileCount: 1, eventCount: 0))
    #expect(try store.snapshot().block(0).key(0) == ProfileKey("a"))
  }
}
