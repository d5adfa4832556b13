import Bytes
import Domain

/// An import job that runs.
///
/// ```
/// idle ──client begins──▶ receiving ──client has sent all──▶ preparing ──all durable──▶ ready
///   ▲                         │                                  │                       │
///   └───a shard's owner or, while receiving, the client is gone──┴───────────────┐       │
///                                                                                │   committed
///   and from `ready` only when an owner comes back without the rows ─────────────┘
/// ```
///
/// It is ready for as long as an evaluation of the set runs over the data as they were.
struct ActiveImport: Sendable {
  /// Times are monotonic milliseconds.
  enum Phase: Hashable, Sendable {
    /// Rows sent so far count for nothing; the client has to begin again.
    case idle
    case receiving
    /// Margins are being counted; of a scoring only.
    case measuring(until: Int64)
    case preparing(until: Int64)
    case ready
  }

  /// One batch on its way to its shard.
  struct Batch: Hashable, Sendable {
    var shard: ShardIndex
    var sequence: UInt32
  }

  let set: SetID
  let importID: Text
  var attempt: ImportAttempt
  /// What the client says of the rows, once it has sent all.
  var totals = ImportTotals()
  var phase = Phase.idle
  /// Whose connection began the attempt.
  var client: PeerID?
  /// When the client was last heard, or the coordinator started.
  var clientHeardAt: Int64
  /// Requests of batches that their shards have not taken yet.
  var pending: [Batch: Coordinator.Waiter] = [:]
  var storedBatchCount: UInt64 = 0
  var finishing: Coordinator.Waiter?
  /// What each shard will hold with the import.
  var prepared: [ShardContents?] = []
  /// Why the last attempt ended.
  var interruption: Text?
  /// Set when the rows are scores, made by the workers: then there is no client.
  var scoring: ActiveScoring?
  /// The import has made its set.
  var isSetNew = false

  /// When the import fails without its client, or gives up waiting for its shards.
  var nextDeadline: Int64? {
    switch phase {
    case .idle where (scoring?.notBefore ?? .min) > clientHeardAt: scoring?.notBefore
    case .idle, .receiving: clientHeardAt + Coordinator.importGraceMilliseconds
    case .measuring(let until), .preparing(let until): until
    case .ready: nil
    }
  }

  /// Takes the answers that are owed to the client.
  mutating func takeWaiters() -> [Coordinator.Waiter] {
    defer {
      pending = [:]
      finishing = nil
    }
    return (pending.values + [finishing].compactMap(\.self)).sorted { $0.request < $1.request }
  }
}
