import Bytes
import Domain

/// Questions about profiles, put to the shards that hold them.
extension Coordinator {
  mutating func askProfile(
    _ key: ProfileKey,
    in name: Name,
    for waiter: Waiter
  ) throws(ClusterError) {
    let set = try self.set(name)
    let place = ShardPlace(set: set.id, shard: key.shard(of: set.shardCount))
    try ask(
      .document(missing: noProfile(key, in: name), members: [("set", .string(name.text))]),
      of: set,
      [(place, .profile(key))],
      for: waiter
    )
  }

  mutating func askExplanation(
    of segment: Name,
    for key: ProfileKey,
    asOf: Instant?,
    in name: Name,
    for waiter: Waiter
  ) throws(ClusterError) {
    let set = try self.set(name)
    let definitions = try plannedDefinitions([segment], for: name)
    let place = ShardPlace(set: set.id, shard: key.shard(of: set.shardCount))
    // Without an instant the explanation is about the audience as it stands.
    let asOf = asOf ?? set.audiences[segment]?.asOf ?? now.wall
    try ask(
      .document(
        missing: noProfile(key, in: name),
        members: [("set", .string(name.text)), ("segment", .string(segment.text))]
      ),
      of: set,
      [(place, .explain(definitions.map { PlannedDefinition($0) }, key, asOf: asOf))],
      for: waiter
    )
  }

  mutating func askOverlap(
    of audiences: [Name],
    in name: Name,
    for waiter: Waiter
  ) throws(ClusterError) {
    let set = try self.set(name)
    guard (1...Coordinator.overlapAudienceCountMax).contains(audiences.count) else {
      throw ClusterError(
        .limit,
        "an overlap is of 1 to \(Coordinator.overlapAudienceCountMax) audiences,"
          + " not \(audiences.count)"
      )
    }
    for audience in audiences { _ = try self.audience(audience, of: set) }
    let query = Query.overlap(audiences, membershipJob: set.lastEvaluation)
    try ask(
      .counts(Array(repeating: 0, count: audiences.count * audiences.count), audiences: audiences),
      of: set,
      set.places.map { ($0, query) },
      for: waiter
    )
  }

  mutating func askPage(
    _ query: PageQuery,
    of name: Name,
    for waiter: Waiter
  ) throws(ClusterError) {
    let set = try self.set(name)
    if let audience = query.audience { _ = try self.audience(audience, of: set) }
    if let job = query.membershipJob, job != set.lastEvaluation { throw changed(name) }
    var query = query
    query.rowCountMax = max(1, min(query.rowCountMax, UInt32(Coordinator.pageRowCountMax)))
    query.membershipJob = set.lastEvaluation
    let collection = PageCollection(query, shardCount: set.shardCount)
    try ask(
      .page(collection),
      of: set,
      set.places.enumerated().map { ($0.element, .page(collection.pull(from: $0.offset))) },
      for: waiter
    )
  }

  /// Puts questions to shards, all of which can be asked, or to none.
  mutating func ask(
    _ collection: ActiveQuery.Collection,
    of set: SetRecord,
    _ questions: [(place: ShardPlace, query: Query)],
    for waiter: Waiter
  ) throws(ClusterError) {
    for question in questions { _ = try session(for: question.place) }
    try hold(waiter)
    questionCount += 1
    let number = questionCount
    queries[number] = ActiveQuery(
      waiter: waiter,
      set: set.id,
      contents: set.contents,
      membershipJob: set.lastEvaluation,
      until: now.monotonic + Coordinator.queryMilliseconds,
      collection: collection
    )
    for question in questions { put(question.query, to: question.place, for: number) }
  }

  private mutating func put(_ query: Query, to place: ShardPlace, for number: UInt64) {
    guard let active = queries[number], let owner = owner(of: place) else { return }
    do throws(ClusterError) {
      let session = try session(for: place)
      questionCount += 1
      queries[number]?.openCount += 1
      questions[questionCount] = Question(query: number, place: place, worker: owner)
      let contents = active.contents[Int(place.shard.number)]
      send(session.peer, .query(questionCount, place, contents, query))
    } catch {
      endQuery(number, .failed(error))
    }
  }

  mutating func take(_ answer: QueryAnswer, to number: UInt64, by worker: Name) {
    guard let question = questions[number], question.worker == worker else { return }
    questions[number] = nil
    guard var query = queries[question.query] else { return }
    query.openCount -= 1
    let isLast = query.openCount == 0
    switch (query.collection, answer) {
    case (_, .failed(let failure)):
      endQuery(question.query, .failed(error(for: failure, to: question, in: query)))
    case (.document(let missing, let members), .document(let value)):
      guard case .object(let object) = value else {
        return endQuery(question.query, .failed(missing))
      }
      let fields = object.fields.map { ($0.name, $0.value) }
      endQuery(question.query, .document(.object(fields + members)))
    case (.counts(let sums, let audiences), .counts(let counts)) where counts.count == sums.count:
      let sums = zip(sums, counts).map { $0 &+ $1 }
      query.collection = .counts(sums, audiences: audiences)
      queries[question.query] = query
      guard isLast else { return }
      endQuery(question.query, .document(overlapDocument(of: query, audiences, sums)))
    case (.page(var page), .page(let rows, let isDone)):
      guard page.add(rows, isDone: isDone, from: Int(question.place.shard.number)) else {
        return endQuery(question.query, .failed(nonsense(from: question)))
      }
      query.collection = .page(page)
      queries[question.query] = query
      if isLast { goOn(with: page, of: query, question.query) }
    case (.document, _), (.counts, _), (.page, _):
      endQuery(question.query, .failed(nonsense(from: question)))
    }
  }

  /// Tells the page, or asks the shards that hide its next row.
  private mutating func goOn(
    with page: PageCollection,
    of query: ActiveQuery,
    _ number: UInt64
  ) {
    let wanting = page.wanting
    if wanting.isEmpty {
      let (rows, isDone) = page.page(byteCountMax: Coordinator.pageByteCountMax)
      return endQuery(number, .page(rows, isDone: isDone, membershipJob: query.membershipJob))
    }
    for shard in wanting {
      let place = ShardPlace(set: query.set, shard: ShardIndex(UInt32(shard)))
      put(.page(page.pull(from: shard)), to: place, for: number)
    }
  }

  private mutating func endQuery(_ number: UInt64, _ reply: ClientReply) {
    guard let query = queries.removeValue(forKey: number) else { return }
    if query.openCount > 0 { questions = questions.filter { $0.value.query != number } }
    release(query.waiter, reply)
  }

  /// A worker is away: what it was asked has no answer.
  mutating func failQueries(of worker: Name, reason: Text) {
    for (_, question) in questions.sorted(by: { $0.key < $1.key })
    where question.worker == worker {
      let error = noCopy(question.place, worker, Text("it went away: \(reason)"))
      endQuery(question.query, .failed(error))
    }
  }

  mutating func forgetQueries(of peer: PeerID) {
    for number in queries.keys.sorted() where queries[number]?.waiter.peer == peer {
      queries[number] = nil
      questions = questions.filter { $0.value.query != number }
    }
  }

  mutating func endOverdueQueries() {
    for number in queries.keys.sorted() {
      guard let query = queries[number], query.until <= now.monotonic else { continue }
      let silent = questions.values.filter { $0.query == number }.min { $0.place < $1.place }
      let who = silent.map { "shard \($0.place.shard) on worker '\($0.worker)'" } ?? "a shard"
      let seconds = Coordinator.queryMilliseconds / 1_000
      endQuery(
        number,
        .failed(
          ClusterError(
            .busy,
            "\(who) did not answer within \(seconds) s",
            next: "ask again; 'covey nodes' shows what the workers do"
          )
        )
      )
    }
  }

  private func error(
    for failure: WorkFailure,
    to question: Question,
    in query: ActiveQuery
  ) -> ClusterError {
    guard let set = catalogue.sets[query.set] else {
      return ClusterError(.noSuchSet, "the set was dropped while it was read")
    }
    if set.contents != query.contents || set.lastEvaluation != query.membershipJob {
      return changed(set.name)
    }
    return ClusterError(
      .failed,
      "shard \(question.place.shard) on worker '\(question.worker)': \(failure.message)"
        + " (\(failure.code))"
    )
  }

  private func nonsense(from question: Question) -> ClusterError {
    ClusterError(
      .failed,
      "shard \(question.place.shard) on worker '\(question.worker)' answered something else"
    )
  }

  private func changed(_ set: Name) -> ClusterError {
    ClusterError(.changed, "set '\(set)' has changed while it was read", next: "read it again")
  }

  func noProfile(_ key: ProfileKey, in set: Name) -> ClusterError {
    let key = Printable.text(key.text.utf8, byteCountMax: 200)
    return ClusterError(.noSuchProfile, "set '\(set)' has no profile '\(key)'")
  }
}
