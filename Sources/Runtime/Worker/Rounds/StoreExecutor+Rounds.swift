import Bytes
import Cluster
import Domain
import Platform
import ProfileStore
import Propensity
import Segmentation

// A part of a round: shards' snapshots in their lanes, the work beside them on the threads of
// evaluations.
extension StoreExecutor {
  func runRound(_ plan: RoundPlan, _ task: RoundTask, _ work: [UInt8], _ credit: StoreCredit?) {
    let session = trainings.session(of: plan)
    let report = RoundReport(task) { self.finish($0, $1 ? credit : nil) }
    let start: @Sendable () -> Void = {
      do throws(DecodingError) {
        self.run(try RoundWork(decoding: work), task, session, report)
      } catch {
        report.tell(.failure(.undecodable(error)))
      }
    }
    // Once there are lanes nearly all work is for them: the thread that reads it then goes on with it.
    if let lane = session.lanes.first { lane.add(start) } else { pool.add(start) }
  }

  private func run(
    _ work: RoundWork,
    _ task: RoundTask,
    _ session: TrainingSession,
    _ report: RoundReport
  ) {
    switch work {
    case .surveyData: surveyData(task, session, report)
    case .surveyRows(let plan, let feature):
      withRows(plan, task, session) { result in
        report.tell(
          Result { () throws(RoundProblem) in
            try self.survey(try result.get(), from: feature, session)
          }
        )
      }
    case .begin(let plan, let bins, let orders, let answerCount):
      withRows(plan, task, session) { result in
        switch result {
        case .success(let rows):
          self.begin(rows, bins, session, report) { lanes in
            self.carryOut(orders, answerCount: answerCount, lanes, session, report)
          }
        case .failure(let problem): report.tell(.failure(problem))
        }
      }
    case .next(let orders):
      carryOut(orders, answerCount: orders.count, session.lanes, session, report)
    }
  }

  /// Does something with each shard of a part.
  private func forEachShard<Value: Sendable>(
    _ task: RoundTask,
    _ session: TrainingSession,
    _ body: @escaping @Sendable (ShardSnapshot) throws(RoundProblem) -> Value,
    then: @escaping @Sendable ([Result<Value, RoundProblem>]) -> Void
  ) {
    let gathering = Gathering<Result<Value, RoundProblem>>(task.shards.count, goOn: then)
    for (index, shard) in task.shards.enumerated() {
      let place = ShardPlace(set: task.set, shard: shard)
      guard Int(shard.number) < session.plan.contents.count else {
        gathering.put(.failure(.noShard(shard)), at: index)
        continue
      }
      let wanted = session.plan.contents[Int(shard.number)]
      know(place)
      lanes.add(
        {
          do throws(RoundProblem) {
            let snapshot = try self.snapshot(of: place, wanted)
            self.pool.add {
              gathering.put(
                Result { () throws(RoundProblem) in
                  guard !session.isCancelled else { throw .cancelled }
                  return try body(snapshot)
                },
                at: index
              )
            }
          } catch {
            gathering.put(.failure(error), at: index)
          }
        },
        to: place
      )
    }
  }

  func snapshot(
    of place: ShardPlace,
    _ wanted: ShardContents
  ) throws(RoundProblem) -> ShardSnapshot {
    let found: (contents: ShardContents, isWaiting: Bool, snapshot: ShardSnapshot?)
    do throws(StoreError) {
      found = try shelf.use(place) { store throws(StoreError) in
        let contents = ShardContents(store.contents)
        guard contents == wanted else { return (contents, !store.prepared.isEmpty, nil) }
        return (contents, false, try store.snapshot())
      }
    } catch {
      throw .store(error)
    }
    guard let snapshot = found.snapshot else {
      throw .otherContents(found.contents, wanted: wanted, mayCome: found.isWaiting)
    }
    return snapshot
  }

  private func surveyData(
    _ task: RoundTask,
    _ session: TrainingSession,
    _ report: RoundReport
  ) {
    forEachShard(task, session, ShardRows.survey) { results in
      report.tell(
        Result { () throws(RoundProblem) in
          var events: EventSpan?
          var features = FeatureSurvey()
          for result in results {
            let (span, survey) = try result.get()
            if let span { events = events?.union(span) ?? span }
            features = features.merging(survey)
          }
          var writer = ByteWriter()
          features.encode(into: &writer)
          return DataSurvey(events: events, features: writer.bytes).encoded
        }
      )
    }
  }

  /// Makes the part's rows, unless they are there.
  private func withRows(
    _ plan: RowPlan,
    _ task: RoundTask,
    _ session: TrainingSession,
    _ then: @escaping @Sendable (Result<TrainingSession.Rows, RoundProblem>) -> Void
  ) {
    if let rows = session.rows(of: plan) { return then(.success(rows)) }
    let maker: ShardRows
    do throws(RoundProblem) { maker = try ShardRows(plan) } catch { return then(.failure(error)) }
    forEachShard(task, session) { snapshot throws(RoundProblem) in
      try maker.part(of: snapshot) { session.isCancelled }
    } then: { results in
      then(
        Result { () throws(RoundProblem) in
          var parts: [ShardRows.Part] = []
          for result in results { parts.append(try result.get()) }
          let rows = TrainingSession.Rows(plan: plan, names: maker.names, parts: parts)
          session.keep(rows)
          return rows
        }
      )
    }
  }

  /// Summarises features from one on, as many as fit in an answer.
  private func survey(
    _ rows: TrainingSession.Rows,
    from first: Int,
    _ session: TrainingSession
  ) throws(RoundProblem) -> [UInt8] {
    let settings = try session.settings()
    var survey = RowSurvey(
      featureCount: rows.names.count,
      labels: LabelCounts(),
      outcomes: rows.outcomes,
      features: []
    )
    for part in rows.parts.map(\.learned) {
      survey.labels = survey.labels.adding(
        LabelCounts(labels: part.labels, keys: part.keys, settings: settings)
      )
    }
    var byteCount = 0
    for feature in rows.names.indices.dropFirst(first) {
      guard !session.isCancelled else { throw .cancelled }
      let summary = try rows.summary(of: feature)
      var writer = ByteWriter()
      summary.encode(into: &writer)
      byteCount += writer.count
      survey.features.append(RowSurvey.Feature(name: rows.names[feature], summary: summary))
      if byteCount > RoundLimits.surveyByteCount { break }
    }
    return survey.encoded
  }

  /// Puts rows into lanes.
  private func begin(
    _ rows: TrainingSession.Rows,
    _ bins: [FeatureBins],
    _ session: TrainingSession,
    _ report: RoundReport,
    _ then: @escaping @Sendable ([TrainingLane]) -> Void
  ) {
    let settings: TrainingSettings
    do throws(RoundProblem) { settings = try session.settings() } catch {
      return report.tell(.failure(error))
    }
    let shares = rows.shares(count: laneCount)
    let gathering = Gathering<Result<TrainingLane, RoundProblem>>(shares.count) { results in
      do throws(RoundProblem) {
        var lanes: [TrainingLane] = []
        for result in results { lanes.append(try result.get()) }
        session.keep(lanes)
        then(lanes)
      } catch {
        report.tell(.failure(error))
      }
    }
    for (index, share) in shares.enumerated() {
      pool.add {
        gathering.put(
          Result { () throws(RoundProblem) in
            guard !session.isCancelled else { throw .cancelled }
            let processor = self.laneProcessor.map { $0 + index }
            return try TrainingLane(share, bins, settings, processor: processor)
          },
          at: index
        )
      }
    }
  }

  /// Has every lane carry out orders, and adds up the answers to each of the last ones.
  private func carryOut(
    _ orders: [TrainingOrder],
    answerCount: Int,
    _ lanes: [TrainingLane],
    _ session: TrainingSession,
    _ report: RoundReport
  ) {
    guard !lanes.isEmpty else {
      let error = TrainingError.unexpectedOrder(what: "the rows are not here")
      return report.tell(.failure(session.isCancelled ? .cancelled : .training(error)))
    }
    // The last lane to give an answer has given those before, so they are told in their order.
    let gatherings = (0..<answerCount).map { index in
      Gathering<Result<TrainingAnswer, RoundProblem>>(lanes.count) { results in
        report.tell(
          Result { () throws(RoundProblem) in try Self.merge(results) },
          index,
          of: answerCount
        )
      }
    }
    for (number, lane) in lanes.enumerated() {
      lane.add {
        let silent = orders.dropLast(answerCount)
        var problem: RoundProblem?
        do throws(RoundProblem) { for order in silent { _ = try lane.answer(order) } } catch {
          problem = error
        }
        for (order, gathering) in zip(orders.suffix(answerCount), gatherings) {
          let result = Result { () throws(RoundProblem) in
            // What comes after an order that was not carried out has no meaning.
            if let problem { throw problem }
            return try lane.answer(order)
          }
          if case .failure(let error) = result { problem = error }
          gathering.put(result, at: number)
          // What sends the answer, and lanes of other workers that are behind, go first.
          Processors.yield()
        }
      }
    }
  }

  /// The answer of all lanes as bytes.
  private static func merge(
    _ results: consuming [Result<TrainingAnswer, RoundProblem>]
  ) throws(RoundProblem) -> [UInt8] {
    var answers: [TrainingAnswer] = []
    while let result = results.popLast() { answers.append(try result.get()) }
    let merged: TrainingAnswer
    do throws(TrainingError) { merged = try TrainingAnswer(merging: answers) } catch {
      throw .training(error)
    }
    var writer = ByteWriter(capacity: merged.histograms.reduce(0) { $0 + 4 * $1.sums.count })
    merged.encode(into: &writer)
    return writer.bytes
  }
}
