import Bytes
import Cluster
import Domain
import Testing

/// Questions that shards answer.
@Suite struct CoordinatorQueryTests {
  private static func name() throws -> Name { try #require(Name("a")) }

  /// A set with one audience `a`.
  private static func evaluated() throws -> ImportedSet {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (_, effects) = try imported.evaluate([try .named("a")])
    _ = try imported.finishTasks(of: effects)
    return imported
  }

  private static func asked(
    _ effects: [CoordinatorEffect]
  ) -> [(peer: PeerID, number: UInt64, place: ShardPlace, query: Query)] {
    effects.compactMap { effect in
      guard case .send(let peer, .query(let number, let place, _, let query)) = effect else {
        return nil
      }
      return (peer, number, place, query)
    }
  }

  private static func row(_ number: Int) -> PageRow {
    PageRow(
      key: ProfileKey(Text(String(1_000 + number))),
      status: .realized,
      lastQualification: nil,
      fields: ObjectValue()
    )
  }

  @Test func `a profile is asked of the one shard that holds it`() throws {
    var imported = try Self.evaluated()
    let key = ProfileKey("ada")

    let effects = imported.bench.ask(imported.client, .profile(set: imported.name, key))
    let question = try #require(Self.asked(effects).first)
    let answer = imported.bench.handle(
      .worker(
        question.peer,
        .answer(question.number, .document(.object([("key", .string("ada"))])))
      )
    )

    #expect(Self.asked(effects).count == 1)
    #expect(question.place.shard == key.shard(of: 4))
    #expect(
      answer.replies
        == [.document(.object([("key", .string("ada")), ("set", .string("customers"))]))]
    )
  }

  @Test func `a profile no shard has is said so`() throws {
    var imported = try Self.evaluated()
    let effects = imported.bench.ask(
      imported.client,
      .profile(set: imported.name, ProfileKey("nobody"))
    )
    let question = try #require(Self.asked(effects).first)

    let answer = imported.bench.handle(
      .worker(question.peer, .answer(question.number, .document(nil)))
    )

    #expect(answer.error?.code == .noSuchProfile)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `pages of a set are its shards' rows in order, whatever the shards give at a time`(
    seed: UInt64
  ) throws {
    var random = SeededRandom(seed: seed)
    var imported = try Self.evaluated()
    let rows = (0..<200).map { _ in random.below(4) }
    let shards = (0..<4).map { shard in rows.indices.filter { rows[$0] == shard }.map(Self.row) }
    var read: [PageRow] = []
    var isDone = false

    while !isDone {
      let query = PageQuery(
        audience: try Self.name(),
        after: read.last?.key,
        rowCountMax: UInt32(1 + random.below(60))
      )
      var effects = imported.bench.ask(
        imported.client,
        .page(set: imported.name, query)
      )
      while effects.replies.isEmpty {
        let questions = Self.asked(effects).shuffled(using: &random)
        try #require(!questions.isEmpty)
        effects = []
        for question in questions {
          guard case .page(let pull) = question.query else { throw Unexpected(effects: effects) }
          let rest = shards[Int(question.place.shard.number)].filter { row in
            pull.after.map { $0 < row.key } ?? true
          }
          let given = Array(rest.prefix(1 + random.below(Int(pull.rowCountMax))))
          effects += imported.bench.handle(
            .worker(
              question.peer,
              .answer(question.number, .page(given, isDone: given.count == rest.count))
            )
          )
        }
      }
      guard case .page(let page, let isLast, _)? = effects.replies.first else {
        throw Unexpected(effects: effects)
      }
      try #require(!page.isEmpty || isLast)
      #expect(page.count <= Int(query.rowCountMax))
      read += page
      isDone = isLast
    }

    #expect(read == rows.indices.map(Self.row), "seed \(seed)")
  }

  @Test func `a page of an earlier run is not given`() throws {
    var imported = try Self.evaluated()
    let query = PageQuery(
      audience: try Self.name(),
      rowCountMax: 10,
      membershipJob: JobID(99)
    )

    let reply = imported.bench.reply(to: .page(set: imported.name, query))

    #expect(reply?.error?.code == .changed)
  }

  @Test func `a shard that has moved on meanwhile makes the page changed`() throws {
    var imported = try Self.evaluated()
    let query = PageQuery(audience: try Self.name(), rowCountMax: 10)
    let effects = imported.bench.ask(imported.client, .page(set: imported.name, query))
    _ = try imported.commit("two", imports: 2)
    let question = try #require(Self.asked(effects).first)

    let answer = imported.bench.handle(
      .worker(
        question.peer,
        .answer(
          question.number,
          .failed(WorkFailure(code: "MISSING_DATA", message: "other data", isRetryable: true))
        )
      )
    )

    #expect(answer.error?.code == .changed)
  }

  @Test func `counts of an overlap are the sums over the shards`() throws {
    var imported = try Self.evaluated()
    let name = try #require(Name("a"))
    let effects = imported.bench.ask(
      imported.client,
      .overlap(set: imported.name, [name, name])
    )

    var last: [CoordinatorEffect] = []
    for question in Self.asked(effects) {
      last = imported.bench.handle(
        .worker(question.peer, .answer(question.number, .counts([1, 2, 3, 4])))
      )
    }

    guard case .document(let document)? = last.replies.first else {
      throw Unexpected(effects: last)
    }
    let counts = document["counts"]?.elements?.map { $0.elements?.compactMap(\.integer) ?? [] }
    #expect(counts == [[4, 8], [12, 16]])
    #expect(document["profiles"] == .integer(10))
  }

  @Test func `a worker that is away is named at once, one that goes away while asked too`() throws {
    var imported = try Self.evaluated()
    let query = ClientRequest.page(
      set: imported.name,
      PageQuery(audience: try Self.name(), rowCountMax: 10)
    )
    imported.bench.ask(imported.client, query)
    let owner = imported.set.owners[0]

    let gone = imported.bench.handle(
      .disconnected(try #require(imported.workers[owner]), reason: "reset")
    )
    let refused = imported.bench.reply(to: query)

    #expect(gone.error?.code == .noCopy)
    #expect(refused?.error?.code == .noCopy)
    #expect(refused?.error?.message.string.contains("worker '\(owner)'") == true)
  }

  @Test func `a question that is not answered in time is given up and named`() throws {
    var imported = try Self.evaluated()
    imported.bench.ask(imported.client, .profile(set: imported.name, ProfileKey("ada")))

    var effects: [CoordinatorEffect] = []
    for _ in 0..<30 {
      for peer in imported.workers.values {
        imported.bench.handle(.worker(peer, .heartbeat(.some)))
      }
      effects += imported.bench.pass(1_000)
    }

    #expect(effects.error?.message.string.hasSuffix("did not answer within 30 s") == true)
    #expect(effects.error?.code == .busy)
  }

  @Test func `audiences that were never evaluated are said so`() throws {
    var imported = try ImportedSet()
    let name = try #require(Name("a"))

    let page = imported.bench.reply(
      to: .page(set: imported.name, PageQuery(audience: name, rowCountMax: 5))
    )

    #expect(page?.error?.code == .noSuchAudience)
  }
}
