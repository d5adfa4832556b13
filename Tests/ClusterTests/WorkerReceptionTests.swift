import Bytes
import Cluster
import Domain
import Testing

/// Rows that a worker has taken and that are not prepared.
@Suite struct WorkerReceptionTests {
  private static let place = ShardPlace(set: SetID(1), shard: ShardIndex(0))
  private static let attempt = ImportAttempt(job: JobID(3), attempt: 1)

  private static func taking() throws -> Bench {
    var bench = try Bench()
    _ = bench.join(epoch: Epoch(1))
    _ = bench.handle(
      .message(PeerID(1), .storeBatch(attempt, place, sequence: 0, rows: [1]))
    )
    return bench
  }

  @Test func `rows of an attempt that a lost connection voids are forgotten`() throws {
    var bench = try Self.taking()

    let effects = bench.handle(.disconnected(PeerID(1), reason: "reset"))

    #expect(bench.performed(effects) == [.abortImport(JobID(3), Self.place)])
  }

  @Test func `what is prepared or was told to be forgotten is left alone`() throws {
    var prepared = try Self.taking()
    var aborted = try Self.taking()
    _ = prepared.handle(
      .completed(.importPrepared(Self.attempt, Self.place, ShardContents(lsn: 1)))
    )
    _ = aborted.handle(.message(PeerID(1), .abortImport(JobID(3), Self.place)))

    let first = prepared.handle(.disconnected(PeerID(1), reason: "reset"))
    let second = aborted.handle(.disconnected(PeerID(1), reason: "reset"))

    #expect(prepared.performed(first) == [])
    #expect(aborted.performed(second) == [])
  }
}
