import Bytes
import Cluster
import Domain
import Platform
import Segmentation

/// Reads and checks definitions that clients apply, on a thread beside the loop.
final class DefinitionCheck: Sendable {
  struct Order: Sendable {
    var peer: PeerID
    var request: UInt64
    var documents: [Value]
    var set: Name?
    var isDryRun: Bool
    var removesOthers: Bool
  }

  struct Outcome: Sendable {
    var peer: PeerID
    var request: UInt64
    var set: Name?
    var isDryRun: Bool
    var removesOthers: Bool
    var result: Result<[SegmentDefinition], ClusterError>
  }

  /// Bad definitions that are named one by one.
  static let listedCountMax = 100

  private let orders = BlockingQueue<Order>()
  private let thread: WorkerThread

  /// Starts the thread; outcomes are told on it.
  init(notify: @escaping @Sendable (Outcome) -> Void) throws(PlatformError) {
    let orders = self.orders
    thread = try WorkerThread(named: "covey-definitions") {
      while let order = orders.pop() {
        notify(
          Outcome(
            peer: order.peer,
            request: order.request,
            set: order.set,
            isDryRun: order.isDryRun,
            removesOthers: order.removesOthers,
            result: DefinitionCheck.definitions(from: order.documents)
          )
        )
      }
    }
  }

  func check(_ order: Order) { orders.push(order) }

  /// Ends the thread after what it was given.
  func close() {
    orders.close()
    thread.join()
  }

  /// All the definitions, or every bad one with what is wrong with it.
  static func definitions(
    from documents: [Value]
  ) -> Result<[SegmentDefinition], ClusterError> {
    var definitions: [SegmentDefinition] = []
    var errors: [DefinitionError] = []
    for (index, document) in documents.enumerated() {
      do throws(DefinitionError) {
        definitions.append(
          try DefinitionDocument.definition(
            from: document,
            at: DefinitionPlace(index: index),
            zones: SystemZones.source
          )
        )
      } catch {
        errors.append(error)
      }
    }
    if let error = errors.first { return .failure(refusal(error, of: errors)) }
    do throws(DefinitionError) {
      // Finds ids that stand twice.
      return .success(
        try DefinitionDocument.definitions(from: documents, zones: SystemZones.source)
      )
    } catch {
      return .failure(refusal(error, of: [error]))
    }
  }

  private static func refusal(
    _ first: DefinitionError,
    of errors: [DefinitionError]
  ) -> ClusterError {
    guard errors.count > 1 else { return ClusterError(.badDefinition, first.description) }
    var lines = ["\(errors.count) definitions cannot be used:"]
    lines += errors.prefix(listedCountMax).map { "  \($0)" }
    if errors.count > listedCountMax { lines.append("  and \(errors.count - listedCountMax) more") }
    return ClusterError(.badDefinition, lines.joined(separator: "\n"))
  }
}
