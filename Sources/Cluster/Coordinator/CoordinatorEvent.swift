package import Bytes
package import Domain

/// Who opened a connection, as its key proved.
package enum PeerRole: Hashable, Sendable {
  case worker
  case client
}

/// What happens to a coordinator.
package enum CoordinatorEvent: Hashable, Sendable {
  /// An authenticated connection is open.
  case connected(PeerID, PeerRole, address: Text)
  case disconnected(PeerID, reason: Text)
  case worker(PeerID, WorkerMessage)
  /// A request; `applySegments` and `applyInstances` come as `definitionsApplied` and
  /// `instancesApplied` instead.
  case client(PeerID, request: UInt64, ClientRequest)
  /// Definitions a client applied, already parsed and checked.
  case definitionsApplied(
    PeerID,
    request: UInt64,
    [SegmentDefinition],
    set: Name?,
    isDryRun: Bool,
    removesOthers: Bool
  )
  /// Instances a client applied, already read and checked.
  case instancesApplied(PeerID, request: UInt64, [InstanceRecord], isDryRun: Bool)
  /// What came of `planFeatures`.
  case featuresPlanned(JobID, Result<PlannedFeatures, ClusterError>)
  /// Time has passed: at the latest at `Coordinator.nextDeadline`.
  case tick
}

/// What a coordinator wants done, strictly in order.
///
/// So nobody is told what is not durable, and the rules may change their catalogue at once.
package enum CoordinatorEffect: Hashable, Sendable {
  case send(PeerID, CoordinatorMessage)
  case reply(PeerID, request: UInt64, ClientReply)
  /// Make the records durable; every later effect, also of later events, waits until they are.
  case persist([CatalogueRecord])
  case close(PeerID, reason: Text)
  /// Plan a training's features beside the loop; ends with `featuresPlanned`.
  case planFeatures(FeatureOrder)
  case log(LogLevel, event: Text, fields: [LogField])
}

/// How much a line of the log matters.
package enum LogLevel: UInt8, Sendable {
  case info = 1
  case warning = 2
  case error = 3
}

/// One fact of a line of the log.
package struct LogField: Hashable, Sendable {
  package var name: Text
  package var value: Text

  package init(_ name: Text, _ value: some CustomStringConvertible) {
    self.name = name
    self.value = Text(value.description)
  }
}
