import Bytes
import Cluster
import Domain

/// One row of the simulated data: a profile's attributes or an event of it.
struct ModelRow: Hashable {
  var profile: UInt16
  var isEvent: Bool

  var key: ProfileKey { ModelRow.key(profile) }

  static func key(_ profile: UInt16) -> ProfileKey {
    let digits = String(profile)
    return ProfileKey(Text("p" + String(repeating: "0", count: 5 - digits.count) + digits))
  }

  static func encode(_ rows: [ModelRow]) -> [UInt8] {
    rows.flatMap {
      [UInt8($0.profile >> 8), UInt8(truncatingIfNeeded: $0.profile), $0.isEvent ? 1 : 0]
    }
  }

  static func decode(_ bytes: [UInt8]) -> [ModelRow] {
    stride(from: 0, to: bytes.count - 2, by: 3).map {
      ModelRow(
        profile: UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]),
        isEvent: bytes[$0 + 2] == 1
      )
    }
  }
}

/// Profiles with the number of their rows, and the events among them.
struct ModelProfiles: Hashable {
  private(set) var rowCounts: [UInt16: Int] = [:]
  private(set) var eventCount = 0

  mutating func add(_ rows: [ModelRow]) {
    for row in rows {
      rowCounts[row.profile, default: 0] += 1
      if row.isEvent { eventCount += 1 }
    }
  }

  /// Adds other profiles, as another shard has them.
  mutating func merge(_ other: ModelProfiles) {
    rowCounts.merge(other.rowCounts, uniquingKeysWith: +)
    eventCount += other.eventCount
  }

  /// Members of each definition, in order; a definition is `modulus,offset[,reference]`.
  ///
  /// The answer depends on the profile, on how many rows it has, and on the instant.
  func members(_ definitions: [PlannedDefinition], asOf: Instant) -> [Name: Set<UInt16>] {
    var members: [Name: Set<UInt16>] = [:]
    for definition in definitions {
      let parts = definition.expression.string.split(separator: ",")
      let modulus = Int(parts[0]) ?? 1
      let offset = (Int(parts[1]) ?? 0) + Int(asOf.milliseconds / 1_000 % 1_000)
      let reference = parts.count > 2 ? Name(String(parts[2])) : nil
      members[definition.id] = Set(
        rowCounts.filter { profile, count in
          let isHit = (Int(profile) * 7 + count + offset) % modulus == 0
          guard let reference else { return isHit }
          return isHit != (members[reference]?.contains(profile) ?? false)
        }.keys
      )
    }
    return members
  }
}

/// A shard's or a whole set's audiences after one run.
struct ModelMemberships: Hashable {
  var job: JobID?
  var members: [Name: Set<UInt16>] = [:]

  /// The audiences after a run over them.
  func after(_ plan: JobPlan, over profiles: ModelProfiles) -> ModelMemberships {
    let retained = Set(plan.retained)
    let kept = members.filter { retained.contains($0.key) }
    return ModelMemberships(
      job: plan.job,
      members: kept.merging(profiles.members(plan.definitions, asOf: plan.asOf)) { $1 }
    )
  }

  /// The counts of a run that led here.
  func results(_ plan: JobPlan, before: ModelMemberships) -> [DefinitionResult] {
    let retained = Set(plan.retained)
    return plan.definitions.map { definition in
      let new = members[definition.id] ?? []
      let old = retained.contains(definition.id) ? before.members[definition.id] ?? [] : []
      return DefinitionResult(
        memberCount: UInt64(new.count),
        realizedCount: UInt64(new.subtracting(old).count),
        exitedCount: UInt64(old.subtracting(new).count),
        own: WorkCost(nanoseconds: 1)
      )
    }
  }

  /// The same number for the same answers.
  var digest: UInt32 {
    var text = job?.description ?? ""
    for (name, profiles) in members.sorted(by: { $0.key < $1.key }) {
      text += "\(name):" + profiles.sorted().map(String.init).joined(separator: ",") + ";"
    }
    return UInt32(truncatingIfNeeded: shardHash(text.utf8))
  }
}
