import Bytes
import Domain

/// Definitions: applied and deleted as a whole or not at all.
extension Coordinator {
  func noSegment(_ id: Name, for set: Name?) -> ClusterError {
    ClusterError(
      .noSuchSegment,
      "there is no segment '\(id)'" + (set.map { " for set '\($0)'" } ?? ""),
      next: "covey segments list"
    )
  }

  /// Makes the definitions those of the catalogue.
  ///
  /// - Parameters:
  ///   - definitions: parsed and checked; their versions are given here.
  ///   - set: whose other definitions go when `removesOthers`; `nil` for those of no set.
  ///   - isDryRun: only says what would change.
  ///   - removesOthers: whether definitions that are not given go.
  /// - Returns: what has changed, or would.
  /// - Throws: why the definitions cannot stand together.
  mutating func apply(
    _ definitions: [SegmentDefinition],
    set: Name?,
    isDryRun: Bool,
    removesOthers: Bool
  ) throws(ClusterError) -> ClientReply {
    var given: Set<Name> = []
    for definition in definitions where !given.insert(definition.id).inserted {
      throw ClusterError(.badDefinition, "segment '\(definition.id)' is given twice")
    }
    let removed =
      removesOthers
      ? catalogue.definitions.values.filter { $0.set == set && !given.contains($0.id) }
        .map(\.id).sorted() : []
    var changes = removed.map { DefinitionChange(id: $0, kind: .removed) }
    var changed: [SegmentDefinition] = []
    for definition in definitions {
      let (kind, next) = compare(definition)
      changes.append(DefinitionChange(id: definition.id, kind: kind))
      if kind != .unchanged { changed.append(next) }
    }
    try check(changed, removing: removed)
    if !isDryRun, !changed.isEmpty || !removed.isEmpty {
      persist([.segmentsChanged(changed.sorted { $0.id < $1.id }, deleted: removed)])
      log(
        .info,
        "segments-applied",
        [LogField("changed", changed.count), LogField("removed", removed.count)]
      )
    }
    changes.sort { $0.id < $1.id }
    return .document(DefinitionChange.document(of: changes, isDryRun: isDryRun))
  }

  mutating func deleteSegments(_ ids: [Name]) throws(ClusterError) -> ClientReply {
    let ids = Set(ids).sorted()
    if let stranger = ids.first(where: { catalogue.definitions[$0] == nil }) {
      throw noSegment(stranger, for: nil)
    }
    try check([], removing: ids)
    if !ids.isEmpty {
      persist([.segmentsChanged([], deleted: ids)])
      log(.info, "segments-deleted", [LogField("count", ids.count)])
    }
    return .document(.object([("deleted", .array(ids.map { .string($0.text) }))]))
  }

  /// What applying a definition does, and the definition with its version.
  private func compare(
    _ definition: SegmentDefinition
  ) -> (DefinitionChange.Kind, SegmentDefinition) {
    var next = definition
    guard let present = catalogue.definitions[definition.id] else {
      next.version = 1
      return (.added, next)
    }
    next.version = present.version
    if next == present { return (.unchanged, present) }
    next.version &+= 1
    return (.changed, next)
  }

  /// Sees that the definitions stand together: no circle, nothing removed that others name.
  private func check(
    _ changed: [SegmentDefinition],
    removing removed: [Name]
  ) throws(ClusterError) {
    var all = catalogue.definitions
    for id in removed { all[id] = nil }
    for definition in changed { all[definition.id] = definition }
    guard all.count <= Coordinator.segmentCountMax else {
      throw ClusterError(
        .limit,
        "there would be \(all.count) segments; \(Coordinator.segmentCountMax) are the most"
      )
    }
    let gone = Set(removed.map(\.text))
    for definition in all.values.sorted(by: { $0.id < $1.id }) {
      guard let reference = definition.references.first(where: gone.contains) else { continue }
      throw ClusterError(
        .notPermitted,
        "segment '\(reference)' is used by segment '\(definition.id)'",
        next: "delete '\(definition.id)' too, or change it first"
      )
    }
    try checkSets(changed, among: all)
    do throws(DefinitionOrder.Circle) {
      _ = try DefinitionOrder.order(all)
    } catch {
      throw ClusterError(.circle, error.description)
    }
  }
}

extension Coordinator {
  /// Sees that no definition uses one for another set, in which it would never find anybody.
  private func checkSets(
    _ changed: [SegmentDefinition],
    among all: [Name: SegmentDefinition]
  ) throws(ClusterError) {
    let changedIDs = Set(changed.map(\.id))
    for user in all.values.sorted(by: { $0.id < $1.id }) {
      for reference in user.references {
        guard let used = Name(reference.string).flatMap({ all[$0] }), let set = used.set,
          set != user.set, changedIDs.contains(user.id) || changedIDs.contains(used.id)
        else { continue }
        throw ClusterError(
          .badDefinition,
          "segment '\(user.id)' for \(user.set.map { "set '\($0)'" } ?? "every set") uses "
            + "segment '\(used.id)', which is for set '\(set)' alone",
          next: "make both for the same set, or give one of them another id"
        )
      }
    }
  }
}

/// What applying definitions does to one of them.
struct DefinitionChange {
  enum Kind: String, CaseIterable {
    case added
    case changed
    case removed
    case unchanged
  }

  var id: Name
  var kind: Kind

  static func document(of changes: [DefinitionChange], isDryRun: Bool) -> Value {
    let list = changes.map { change in
      Value.object([("id", .string(change.id.text)), ("change", .string(change.kind.rawValue))])
    }
    let counts = Kind.allCases.map { kind in
      (Text(kind.rawValue), Value.count(changes.count { $0.kind == kind }))
    }
    return .object([("isDryRun", .boolean(isDryRun)), ("changes", .array(list))] + counts)
  }
}
