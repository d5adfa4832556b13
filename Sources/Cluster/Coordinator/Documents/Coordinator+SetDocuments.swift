import Bytes
import Domain

/// Sets, schemas, segments and audiences as listings show them.
extension Coordinator {
  func setsDocument() -> Value {
    let sets = catalogue.sets.values.sorted { $0.name < $1.name }
    return .object([("sets", .array(sets.map { setDocument($0) }))])
  }

  func setDocument(_ set: SetRecord) -> Value {
    .known([
      "name": .name(set.name),
      "id": .string(set.id.description),
      "description": .string(set.description),
      "createdAt": .instant(set.createdAt),
      "shards": .count(set.shardCount),
      "profiles": .count(set.profileCount),
      "events": .count(set.eventCount),
      "imports": .count(set.imports.count),
      "lastImport": set.lastImport.map { .string($0.job.description) },
      "lastEvaluation": set.lastEvaluation.map { .string($0.description) },
      "audiences": .count(set.audiences.count),
      "workers": .count(Set(set.owners).count),
    ])
  }

  func schemaDocument(of set: SetRecord) -> Value {
    .known([
      "set": .name(set.name),
      "profiles": .count(set.profileCount),
      "events": .count(set.eventCount),
      "profile": fieldsDocument(set.schema.profile),
      "event": fieldsDocument(set.schema.event),
    ])
  }

  private func fieldsDocument(_ root: SchemaNode) -> Value {
    let rows = SchemaTable(root).rows.map { row in
      Value.known([
        "path": .string(row.path),
        "depth": .count(row.depth),
        "type": .string(row.typeName),
        "count": .count(row.count),
        "fillRate": .double(row.fillRate),
        "samples": .array(row.samples.map { .string($0) }),
      ])
    }
    return .array(rows)
  }

  /// The definitions for a set, or all of them.
  func segmentsDocument(for set: Name?) -> Value {
    let definitions = set.map { catalogue.definitions(for: $0) } ?? catalogue.definitions
    let ordered = definitions.values.sorted { $0.id < $1.id }
    return .object([("segments", .array(ordered.map { .object(segmentMembers($0)) }))])
  }

  func segmentDocument(_ definition: SegmentDefinition) -> Value {
    .object(segmentMembers(definition) + [("document", definition.document)])
  }

  private func segmentMembers(_ definition: SegmentDefinition) -> [(Text, Value)] {
    let members: [(Text, Value?)] = [
      ("id", .name(definition.id)),
      ("name", .string(definition.name)),
      ("description", definition.document["description"]),
      ("set", definition.set.map { .name($0) }),
      ("version", .count(definition.version)),
      ("expression", .string(definition.expression)),
      ("references", .array(definition.references.map { .string($0) })),
    ]
    return members.compactMap { name, value in value.map { (name, $0) } }
  }

  /// The audiences of a set, or of all.
  func audiencesDocument(of name: Name?) throws(ClusterError) -> Value {
    let sets =
      if let name { [try set(name)] } else { catalogue.sets.values.sorted { $0.name < $1.name } }
    let audiences = sets.flatMap { set in
      set.audiences.sorted { $0.key < $1.key }.map { audienceDocument($0.key, $0.value, of: set) }
    }
    return .object([("audiences", .array(audiences))])
  }

  func audienceDocument(_ segment: Name, _ audience: AudienceRecord, of set: SetRecord) -> Value {
    let definition = catalogue.definitions[segment]
    let realized = min(audience.realizedCount, audience.memberCount)
    return .known([
      "segment": .name(segment),
      "name": .string(definition?.name ?? segment.text),
      "set": .name(set.name),
      "members": .count(audience.memberCount),
      "profiles": .count(audience.profileCount),
      "realized": .count(audience.realizedCount),
      "exited": .count(audience.exitedCount),
      "existing": .count(audience.memberCount - realized),
      "asOf": .instant(audience.asOf),
      "job": .string(audience.job.description),
      "definitionVersion": .count(audience.definitionVersion),
      "isCurrent": .boolean(isCurrent(audience, definition, in: set)),
    ])
  }

  /// Whether the audience is of the definition and of the data as they are now.
  private func isCurrent(
    _ audience: AudienceRecord,
    _ definition: SegmentDefinition?,
    in set: SetRecord
  ) -> Bool {
    definition?.version == audience.definitionVersion && set.lastImport?.job == audience.lastImport
  }

  func overlapDocument(of query: ActiveQuery, _ audiences: [Name], _ counts: [UInt64]) -> Value {
    let set = catalogue.sets[query.set]
    let rows = audiences.indices.map { row in
      Value.array(
        audiences.indices.map { column in .count(counts[row * audiences.count + column]) }
      )
    }
    let asOf = audiences.compactMap { set?.audiences[$0]?.asOf }.max()
    return .known([
      "set": set.map { .name($0.name) },
      "audiences": .array(audiences.map { .name($0) }),
      "counts": .array(rows),
      "profiles": .count(query.contents.reduce(0) { $0 &+ $1.profileCount }),
      "job": query.membershipJob.map { .string($0.description) },
      "asOf": asOf.map { .instant($0) },
    ])
  }
}
