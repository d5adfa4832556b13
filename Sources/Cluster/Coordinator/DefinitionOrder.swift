import Bytes
package import Domain

/// The order in which definitions that refer to each other are evaluated.
package enum DefinitionOrder {
  /// Definitions that refer to each other in a circle.
  package struct Circle: Error, Equatable, Sendable, CustomStringConvertible {
    /// Each refers to the next, the last to the first; begins with the smallest id.
    package var ids: [Name]

    package init(ids: [Name]) { self.ids = ids }

    package var description: String {
      let path = (ids + ids.prefix(1)).map(\.description).joined(separator: " -> ")
      return "the definitions refer to each other in a circle: \(path)"
    }
  }

  /// The wanted definitions and all they refer to, each after those it refers to.
  ///
  /// Of definitions that could come next, the one with the smallest id does, so the order is the
  /// same whatever the order of the input. References to ids that are not there are passed over:
  /// such a membership is false for everybody.
  package static func closure(
    of wanted: [Name],
    in definitions: [Name: SegmentDefinition]
  ) throws(Circle) -> [SegmentDefinition] {
    var reached: Set<Name> = []
    var frontier = wanted
    while let id = frontier.popLast() {
      guard let definition = definitions[id], reached.insert(id).inserted else { continue }
      frontier += references(of: definition, in: definitions)
    }
    return try order(definitions.filter { reached.contains($0.key) })
  }

  /// All the definitions, each after those it refers to, ties by id.
  package static func order(
    _ definitions: [Name: SegmentDefinition]
  ) throws(Circle) -> [SegmentDefinition] {
    var missing: [Name: Int] = [:]
    var dependents: [Name: [Name]] = [:]
    var ready = SmallestFirst()
    for (id, definition) in definitions {
      let references = references(of: definition, in: definitions)
      missing[id] = references.count
      for reference in references { dependents[reference, default: []].append(id) }
      if references.isEmpty { ready.insert(id) }
    }

    var ordered: [SegmentDefinition] = []
    ordered.reserveCapacity(definitions.count)
    while let id = ready.removeSmallest() {
      if let definition = definitions[id] { ordered.append(definition) }
      for dependent in dependents[id, default: []] {
        let left = missing[dependent, default: 0] - 1
        missing[dependent] = left
        if left == 0 { ready.insert(dependent) }
      }
    }
    if ordered.count < definitions.count {
      throw circle(among: missing.filter { $0.value > 0 }.keys.sorted(), in: definitions)
    }
    return ordered
  }

  /// The ids a definition refers to that exist, each once.
  private static func references(
    of definition: SegmentDefinition,
    in definitions: [Name: SegmentDefinition]
  ) -> [Name] {
    var seen: Set<Name> = []
    return definition.references.compactMap { text in
      guard let id = Name(text), definitions[id] != nil, seen.insert(id).inserted else {
        return nil
      }
      return id
    }
  }

  /// A circle among definitions of which each waits for another one of them.
  private static func circle(
    among waiting: [Name],
    in definitions: [Name: SegmentDefinition]
  ) -> Circle {
    let isWaiting = Set(waiting)
    var path: [Name] = []
    var positions: [Name: Int] = [:]
    var next = waiting.first
    while let id = next {
      if let start = positions[id] {
        let ring = Array(path[start...])
        let smallest = ring.indices.min { ring[$0] < ring[$1] } ?? 0
        return Circle(ids: Array(ring[smallest...] + ring[..<smallest]))
      }
      positions[id] = path.count
      path.append(id)
      next = definitions[id].flatMap { definition in
        references(of: definition, in: definitions).filter(isWaiting.contains).min()
      }
    }
    return Circle(ids: path)
  }
}

/// A binary heap of names that gives the smallest first.
private struct SmallestFirst {
  private var heap: [Name] = []

  mutating func insert(_ name: Name) {
    heap.append(name)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeSmallest() -> Name? {
    guard let smallest = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      if least == parent { return smallest }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
