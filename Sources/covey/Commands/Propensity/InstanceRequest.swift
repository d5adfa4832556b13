import Bytes
import Cluster
import Domain
import Platform
import Runtime

/// Work on an instance of the cluster that a command asks for, and the cluster it is asked of.
struct InstanceRequest<Request> {
  let access: ClusterAccess
  let request: Request
}

extension InstanceRequest<TrainingRequest> {
  /// A training, or a check before one.
  ///
  /// - Throws: when a word cannot be read, or no set is named and there is not just one.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    let timeout = try arguments.milliseconds("timeout").map { UInt64($0) }
    let words = try InstanceWords(arguments, terminal)
    access = words.access
    request = TrainingRequest(
      instance: words.instance,
      set: words.set,
      asOf: words.asOf,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: timeout
    )
  }
}

extension InstanceRequest<ScoringRequest> {
  /// - Throws: as of a training.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    let words = try InstanceWords(arguments, terminal)
    access = words.access
    request = ScoringRequest(
      instance: words.instance,
      set: words.set,
      asOf: words.asOf,
      token: EvaluationJob.makeToken(),
      isForced: arguments.has("force")
    )
  }
}

/// Which instance a command names, on which set and as of when.
private struct InstanceWords {
  let access: ClusterAccess
  let instance: Name
  let set: Name
  let asOf: Instant?

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    instance = try arguments.name(arguments.operand(0) ?? "", what: "propensity instance")
    asOf = try arguments.instant("as-of", now: terminal.clock.now)
    access = try ClusterAccess(arguments)
    set = try Command.onlySet(arguments, access)
  }
}

extension Command {
  /// The set that is named, or the only one there is.
  static func onlySet(_ arguments: Arguments, _ access: ClusterAccess) throws -> Name {
    if let word = arguments.value("set") { return try arguments.name(word, what: "set") }
    let sets = Document(try access.connect().document(.sets)).list("sets")
    let names = sets.compactMap { $0.value["name"]?.text.flatMap(Name.init) }
    guard names.count == 1 else {
      throw UsageError(
        names.isEmpty
          ? "there is no set; 'covey import' makes one"
          : "there are \(names.count) sets; name one with '--set SET'"
      )
    }
    return names[0]
  }
}
