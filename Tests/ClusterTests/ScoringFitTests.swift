import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// Scorings of sets that have, or lack, the fields and events that a model learned from.
@Suite struct ScoringFitTests {
  /// A model of amounts and colours, and a set with some fields.
  private func trained(
    _ fields: [Text: FieldKinds],
    amount: FeatureOrigin = .attribute(path: ["amount"], .number),
    colour: FeatureOrigin = .attribute(path: ["look", "colour"], .text),
    hasEvents: Bool = false
  ) throws -> TrainingBench {
    var training = try TrainingBench(workerCount: 2)
    var planned = PlannedFeatures(plan: [], hasOutcomeWindow: false, omitted: [])
    planned.origins = [
      "amount": amount, "colour": colour, "nothing": .attribute(path: ["nothing"], .number),
    ]
    training.planning = .success(planned)
    _ = try training.begin()
    try training.finishAll()
    try training.importRows(of: fields, hasEvents: hasEvents)
    return training
  }

  /// What becomes of a scoring with a model of amounts and colours, when the set has some fields.
  private func scored(
    _ fields: [Text: FieldKinds],
    colour: FeatureOrigin = .attribute(path: ["look", "colour"], .text)
  ) throws -> (TrainingBench, ClientReply?) {
    var training = try trained(fields, colour: colour)
    let reply = training.bench.reply(to: .score(training.scoringRequest()))
    return (training, reply)
  }

  private func scoringCount(_ training: TrainingBench) -> Int {
    training.bench.coordinator.catalogue.jobs.values.count {
      if case .scoring = $0.work { true } else { false }
    }
  }

  @Test func `a model keeps what its splits test, each field once`() throws {
    let amount = FeatureOrigin.attribute(path: ["amount"], .number)
    let (two, _) = try scored([:])
    let (one, _) = try scored([:], colour: amount)

    #expect(two.model?.origins == [amount, .attribute(path: ["look", "colour"], .text)])
    #expect(one.model?.origins == [amount])
  }

  @Test func `a set without the model's fields is refused, and nothing is begun`() throws {
    let (training, reply) = try scored(["nothing": .integer, "age": .integer])

    #expect(reply?.error?.code == .otherFields)
    #expect(
      reply?.error?.message.string.hasPrefix(
        "set 'customers' has none of the 2 fields that the model uses, such as 'amount'"
      ) == true,
      "\(String(describing: reply?.error))"
    )
    #expect(reply?.error?.next?.string.contains("covey sets schema customers") == true)
    #expect(scoringCount(training) == 0)
  }

  @Test func `a set with other values in the model's fields is refused, and nothing is begun`()
    throws
  {
    let (training, reply) = try scored(["amount": .string])

    #expect(reply?.error?.code == .otherFields)
    #expect(
      reply?.error?.message.string.hasPrefix(
        "set 'customers' has 'amount' as string, and the model learned from numbers"
      ) == true,
      "\(String(describing: reply?.error))"
    )
    #expect(reply?.error?.next?.string.contains("--types amount=double") == true)
    #expect(scoringCount(training) == 0)
  }

  @Test func `fields that a set lacks are told with the scoring, also after a restart`() throws {
    var (training, reply) = try scored(["amount": .double])
    guard case .accepted(let job)? = reply else {
      Issue.record("\(String(describing: reply))")
      return
    }
    let warning: Value = .array([
      .string(
        "set 'customers' has no 'look.colour'; "
          + "the model takes what is not there as missing"
      )
    ])

    #expect(training.bench.document(.job(job))["warnings"] == warning)
    training.bench.restart()
    #expect(training.bench.document(.job(job))["warnings"] == warning)
  }

  // MARK: Events

  /// What a shard has met of two kinds and of events as such.
  private static func met(_ isMet: (buy: Bool, visit: Bool)) -> MetEvents {
    MetEvents(
      before: Instant(milliseconds: 44),
      kinds: [
        MetEvents.Kind(name: "event", isNamed: false, isMet: true),
        MetEvents.Kind(name: "buy", isNamed: true, isMet: isMet.buy),
        MetEvents.Kind(name: "visit", isNamed: true, isMet: isMet.visit),
      ]
    )
  }

  /// A scoring with a model over events, of which the shards' first answers are on their way.
  private func counting(
    amount: FeatureOrigin = .events,
    _ met: @escaping (Int) -> MetEvents?
  ) throws -> (training: TrainingBench, job: JobID, effects: [CoordinatorEffect]) {
    var training = try trained(
      ["amount": .double],
      amount: amount,
      colour: .events,
      hasEvents: true
    )
    training.met = met
    let (job, asked) = try training.score(training.scoringRequest())
    return (training, job, asked)
  }

  @Test func `a set whose events are all of other types is refused before a score is made`() throws
  {
    var (training, job, asked) = try counting { shard in
      shard == 3 ? nil : Self.met((buy: false, visit: false))
    }

    let ends = training.doScorings(in: asked)

    let record = try training.job(job)
    #expect(record.state == .failed)
    #expect(record.failure?.code == .otherFields)
    #expect(
      record.failure?.message.string.hasPrefix(
        "set 'customers' has no 'buy', 'visit' events of eligible profiles before "
          + "1970-01-01T00:00:00.044Z, and the model uses nothing else"
      ) == true,
      "\(String(describing: record.failure))"
    )
    #expect(record.failure?.next?.string.contains("'--as-of'") == true)
    let written = ends.allSent.filter { if case .scoreShard = $0 { true } else { false } }
    #expect(written.isEmpty)
    let aborted = ends.allSent.filter { if case .abortImport = $0 { true } else { false } }
    #expect(aborted.count == TrainingBench.shardCount)
    let set = try #require(training.bench.coordinator.catalogue.set(named: training.set))
    #expect(set.schema.profile.fields["covey"] == nil)
  }

  @Test func `a kind of events that one shard has is there, and one that none has is told`() throws
  {
    var (training, job, asked) = try counting { Self.met((buy: $0 == 5, visit: false)) }

    _ = training.doScorings(in: training.doScorings(in: asked))

    let warning: Value = .array([
      .string(
        "set 'customers' has no 'visit' events of eligible profiles before "
          + "1970-01-01T00:00:00.044Z; the model takes them as never happened"
      )
    ])
    let document = training.bench.document(.job(job))
    #expect(document["state"] == .string("done"))
    #expect(document["warnings"] == warning)
    training.bench.restart()
    #expect(training.bench.document(.job(job))["warnings"] == warning)
  }

  @Test func `beside attributes that are there, events that are not are a warning`() throws {
    var (training, job, asked) = try counting(amount: .attribute(path: ["amount"], .number)) { _ in
      Self.met((buy: false, visit: false))
    }

    _ = training.doScorings(in: training.doScorings(in: asked))

    #expect(try training.job(job).state == .succeeded)
    let warnings = training.bench.document(.job(job))["warnings"]?.elements
    #expect(warnings?.count == 1)
    #expect(warnings?.first?.text?.string.contains("no 'buy', 'visit' events") == true)
  }

  @Test func `nobody who is eligible is no reason to refuse`() throws {
    var (training, job, asked) = try counting { _ in nil }

    _ = training.doScorings(in: training.doScorings(in: asked))

    #expect(try training.job(job).state == .succeeded)
  }

  @Test func `a shard that tells of another model's events is asked again`() throws {
    var (training, job, asked) = try counting { shard in
      shard == 6
        ? MetEvents(before: Instant(milliseconds: 44), kinds: [])
        : Self.met((buy: true, visit: true))
    }

    _ = training.doScorings(in: asked)

    let document = training.bench.document(.job(job))
    #expect(document["state"] == .string("running"))
    #expect(document["reason"]?.text?.string.contains("events of another model") == true)
  }
}
