import Bytes
import Cluster
import Domain

/// The definitions of every run, some of which refer to others.
enum ModelDefinitions {
  static let names = ["a", "b", "c"].compactMap { Name($0) }

  /// - Parameter variant: changes what `a` says.
  /// - Returns: `a`, `b`, which refers to `c`, and `c`.
  static func definitions(variant: Int) -> [SegmentDefinition] {
    let expressions = ["\(2 + variant),1", "3,0,c", "5,2"]
    return zip(names, expressions).map { name, expression in
      SegmentDefinition(
        id: name,
        name: name.text,
        expression: Text(expression),
        timeZone: nil,
        set: nil,
        version: 0,
        references: name.text == "b" ? ["c"] : [],
        document: .object([])
      )
    }
  }
}

/// A client that applies definitions until it is told that they are.
final class SimulatedAuthor: SimulatedClient {
  private var variant = 0

  func run() {
    apply(ModelDefinitions.definitions(variant: variant)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .document:
        guard self.cluster.options.changesDefinitions, self.variant < 3 else {
          return self.finish()
        }
        self.variant += 1
        self.cluster.timeline.schedule(after: Int64(self.cluster.draw(8_000))) { self.run() }
      case nil: self.pause { self.run() }
      default: self.cluster.violation("definitions were answered \(String(describing: reply))")
      }
    }
  }
}
