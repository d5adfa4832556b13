import Bytes
import Cluster
import Domain

/// A client that reads audiences and remembers what it was told, to be compared in the end.
final class SimulatedReader: SimulatedClient {
  private let set: Name

  init(_ cluster: SimulatedCluster, set: Name) {
    self.set = set
    super.init(cluster)
  }

  func run() {
    guard !cluster.isHealed,
      let audience = ModelDefinitions.names.randomElement(using: &cluster.random)
    else { return finish() }
    read(audience, after: nil, job: nil, keys: []) { self.pause { self.run() } }
  }

  /// Reads an audience page by page.
  func read(
    _ audience: Name,
    after: ProfileKey?,
    job: JobID?,
    keys: [ProfileKey],
    _ then: @escaping () -> Void
  ) {
    let query = PageQuery(
      audience: audience,
      after: after,
      rowCountMax: UInt32(1 + cluster.draw(30)),
      membershipJob: job
    )
    ask(.page(set: set, query)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .page(let rows, let isDone, let job):
        let keys = keys + rows.map(\.key)
        if isDone {
          self.cluster.observe(.init(audience: audience, job: job, keys: keys))
          then()
        } else {
          self.read(audience, after: rows.last?.key ?? after, job: job, keys: keys, then)
        }
      case .failed(let error):
        switch error.code {
        case .noSuchSet, .noSuchAudience, .noCopy, .changed, .failed: then()
        // A worker with much to do is asked again, as the answer says.
        case .busy: self.read(audience, after: after, job: job, keys: keys, then)
        default: self.cluster.violation("a page was answered: \(error.code.word) \(error)")
        }
      case nil: then()
      default: self.cluster.violation("a page was answered \(String(describing: reply))")
      }
    }
  }
}
