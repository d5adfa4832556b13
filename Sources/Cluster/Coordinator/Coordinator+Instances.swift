import Bytes
import Domain

/// Propensity instances: applied and deleted as a whole or not at all.
extension Coordinator {
  func noInstance(_ name: Name) -> ClusterError {
    ClusterError(
      .noSuchInstance,
      "there is no propensity instance '\(name)'",
      next: "covey propensity list"
    )
  }

  func noModel(_ name: Name) -> ClusterError {
    ClusterError(
      .noSuchModel,
      "propensity instance '\(name)' has not been trained",
      next: "covey propensity train \(name)"
    )
  }

  func instance(_ name: Name) throws(ClusterError) -> InstanceRecord {
    guard let instance = catalogue.instances[name] else { throw noInstance(name) }
    return instance
  }

  /// Makes instances those of the catalogue.
  ///
  /// - Parameters:
  ///   - instances: read and checked; their versions are given here.
  ///   - isDryRun: only says what would change.
  /// - Returns: what has changed, or would.
  /// - Throws: when one is given twice, or there would be too many.
  mutating func apply(
    _ instances: [InstanceRecord],
    isDryRun: Bool
  ) throws(ClusterError) -> ClientReply {
    var given: Set<Name> = []
    for instance in instances where !given.insert(instance.name).inserted {
      throw ClusterError(.badInstance, "propensity instance '\(instance.name)' is given twice")
    }
    let count = given.union(catalogue.instances.keys).count
    guard count <= Coordinator.instanceCountMax else {
      throw ClusterError(
        .limit,
        "there would be \(count) propensity instances; \(Coordinator.instanceCountMax) are the most"
      )
    }
    var changes: [DefinitionChange] = []
    var changed: [InstanceRecord] = []
    for var instance in instances.sorted(by: { $0.name < $1.name }) {
      let present = catalogue.instances[instance.name]
      let isUnchanged = present?.file == instance.file
      changes.append(
        DefinitionChange(
          id: instance.name,
          kind: present == nil ? .added : isUnchanged ? .unchanged : .changed
        )
      )
      if isUnchanged { continue }
      instance.version = (present?.version ?? 0) &+ 1
      changed.append(instance)
    }
    if !isDryRun, !changed.isEmpty {
      persist([.instancesChanged(changed, deleted: [])])
      readRoutines()
      log(.info, "instances-applied", [LogField("changed", changed.count)])
    }
    return .document(DefinitionChange.document(of: changes, isDryRun: isDryRun))
  }

  mutating func deleteInstances(_ names: [Name]) throws(ClusterError) -> ClientReply {
    let names = Set(names).sorted()
    for name in names {
      _ = try instance(name)
      let scoring = imports.filter { $0.value.scoring?.plan.instance == name }.keys.min()
      guard let job = trainingJob(of: name) ?? scoring else { continue }
      throw ClusterError(
        .busy,
        "\(job) works with propensity instance '\(name)'",
        next: "covey jobs \(job), or cancel it"
      )
    }
    if !names.isEmpty {
      persist([.instancesChanged([], deleted: names)])
      readRoutines()
      log(.info, "instances-deleted", [LogField("count", names.count)])
    }
    return .document(.object([("deleted", .array(names.map { .name($0) }))]))
  }

  /// The job that trains an instance now.
  func trainingJob(of instance: Name) -> JobID? {
    trainings.filter { _, training in
      training.summary.instance == instance && training.course.purpose == .model
    }.keys.min()
  }

  func model(of name: Name) throws(ClusterError) -> ClientReply {
    _ = try instance(name)
    guard let model = catalogue.models[name] else { throw noModel(name) }
    return .model(file: model.file, features: model.features)
  }
}
