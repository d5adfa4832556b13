package import Bytes

/// What happens to a worker.
///
/// Connections are numbered by the worker; events of one it has given up are passed over.
package enum WorkerEvent: Hashable, Sendable {
  /// The connection is open and both sides have proved their keys.
  case connected(PeerID)
  /// The connection could not be opened, or has ended.
  case disconnected(PeerID, reason: Text)
  case message(PeerID, CoordinatorMessage)
  case completed(StoreCompletion)
  /// How the process stands; goes out with the next heartbeats.
  case measured(residentByteCount: UInt64, memoryByteLimit: UInt64, diskFreeByteCount: UInt64)
  /// Time has passed: at the latest at `Worker.nextDeadline`.
  case tick
}

/// What a worker wants done, in order.
package enum WorkerEffect: Hashable, Sendable {
  /// Open a connection to the coordinator under this number.
  case connect(PeerID)
  /// End the connection; nothing more is expected of it.
  case disconnect(PeerID, reason: Text)
  case send(PeerID, WorkerMessage)
  case perform(StoreOperation)
  case log(LogLevel, event: Text, fields: [LogField])
  /// End the process.
  case exit(reason: Text)
}
