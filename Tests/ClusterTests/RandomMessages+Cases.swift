import Bytes
import Cluster
import Domain
import Propensity

extension RandomMessages {
  mutating func clientRequests() -> [ClientRequest] {
    [
      .status, .nodes, .shards(set: name()), .jobs(countMax: number32()), .job(job()),
      .waitJob(job(), seenVersion: number64()), .cancelJob(job()),
      .createSet(name(), shardCount: shardCount(), description: text()), .sets, .set(name()),
      .schema(name()), .dropSet(name()), .beginImport(specification()),
      .storeBatch(importAttempt(), shard(), sequence: number32(), rows: bytes()),
      .finishImport(importAttempt(), totals(), batchCounts: list { $0.number32() }),
      .abortImport(importAttempt(), reason: text()),
      .applySegments(
        list { $0.value() },
        set: optional { $0.name() },
        isDryRun: flag(),
        removesOthers: flag()
      ),
      .segments(set: optional { $0.name() }), .segment(name()),
      .deleteSegments(list { $0.name() }),
      .evaluate(
        EvaluationRequest(
          set: name(),
          segments: optional { $0.list { $0.name() } },
          asOf: optional { $0.instant() },
          token: text(),
          timeoutMilliseconds: optional { $0.number64() }
        )
      ),
      .audiences(set: optional { $0.name() }), .audience(set: name(), name()),
      .page(set: name(), pageQuery()), .overlap(set: name(), list { $0.name() }),
      .profile(set: name(), key()),
      .explain(set: name(), segment: name(), key(), asOf: optional { $0.instant() }),
      .applyInstances(list { $0.bytes() }, isDryRun: flag()), .instances, .instance(name()),
      .deleteInstances(list { $0.name() }),
      .train(trainingRequest()), .model(name()),
      .score(
        ScoringRequest(
          instance: name(),
          set: name(),
          asOf: optional { $0.instant() },
          token: text(),
          isForced: flag()
        )
      ),
      .check(trainingRequest()),
      .insights(name()), .explainScore(set: name(), instance: name(), key()),
    ]
  }

  mutating func clientReplies() -> [ClientReply] {
    [
      .document(value()), .accepted(job()),
      .importOpened(importAttempt(), shardCount: number32()), .importDoneBefore(value()), .stored,
      .page(list { $0.pageRow() }, isDone: flag(), membershipJob: optional { $0.job() }),
      .failed(error()), .model(file: bytes(), features: bytes()),
    ]
  }

  mutating func coordinatorMessages() -> [CoordinatorMessage] {
    [
      .welcome(epoch()), .refuse(text()), .heartbeat, .dropSet(set()),
      .storeBatch(importAttempt(), place(), sequence: number32(), rows: bytes()),
      .prepareImport(importAttempt(), place(), batchCount: number32()),
      .commitImport(importAttempt(), place()), .abortImport(job(), place()), .planJob(plan()),
      .runTask(task()), .commitJob(job(), place()), .abortJob(job(), set()),
      .query(number64(), place(), contents(), .profile(key())), .planRounds(roundPlan()),
      .runRound(roundTask(), work: bytes()), .endRounds(job()), .planScoring(scoringPlan()),
      .scoreShard(shardScoring()),
    ]
  }

  mutating func workerMessages() -> [WorkerMessage] {
    [
      .hello(hello()), .heartbeat(vitals()),
      .batchStored(importAttempt(), place(), sequence: number32()),
      .importPrepared(importAttempt(), place(), contents()),
      .importCommitted(importAttempt(), place(), contents()),
      .importFailed(importAttempt(), place(), failure()), .taskFinished(task(), taskResult()),
      .taskFailed(task(), failure()), .jobCommitted(job(), place()),
      .answer(number64(), .counts(list { $0.number64() })),
      .roundDone(roundTask(), answer: bytes()), .roundFailed(roundTask(), failure()),
      .marginsCounted(importAttempt(), place(), shardMeasure()),
      .scoresPrepared(importAttempt(), place(), contents(), shardFindings()),
      .roundAnswer(roundTask(), index: number32(), answer: bytes()),
    ]
  }

  mutating func queries() -> [Query] {
    [
      .page(pageQuery()), .overlap(list { $0.name() }, membershipJob: optional { $0.job() }),
      .profile(key()), .explain(list { $0.plannedDefinition() }, key(), asOf: instant()),
      .explainScore(scoreQuestion()),
    ]
  }

  mutating func queryAnswers() -> [QueryAnswer] {
    [
      .page(list { $0.pageRow() }, isDone: flag()), .counts(list { $0.number64() }),
      .document(optional { $0.value() }), .failed(failure()),
    ]
  }

  mutating func catalogueRecords() -> [CatalogueRecord] {
    [
      .clusterCreated(bytes()), .epochRaised(epoch()), .numbersUsed(job: job(), set: set()),
      .workerSeen(name(), capacity: number32()), .set(setRecord()), .setDropped(set()),
      .job(jobRecord(flag() ? importing() : evaluating())), .importAttempted(importAttempt()),
      .importCommitted(importAttempt(), list { $0.contents() }, totals(), at: instant()),
      .evaluationCommitted(
        job(),
        list { $0.definitionResult() },
        at: instant(),
        list { $0.sharedCost() }
      ),
      .jobEnded(job(), jobState(), optional { $0.error() }, at: instant()),
      .segmentsChanged(list { $0.definition() }, deleted: list { $0.name() }),
      .instancesChanged(list { $0.instanceRecord() }, deleted: list { $0.name() }),
      .trainingCommitted(modelRecord()), .model(modelRecord()),
      .checkEnded(job(), value(), at: instant()),
      .scoringCommitted(
        importAttempt(),
        list { $0.contents() },
        totals(),
        at: instant(),
        scoringRecord(),
        outcomeNews()
      ), .scoring(scoringRecord()), .pastScoring(name(), pastScoring()),
    ]
  }

  mutating func jobState() -> JobState { JobState(rawValue: UInt8(1 + random.below(4))) ?? .failed }

  mutating func importing() -> JobWork {
    .importing(ImportSummary(specification(), attempt: number32()))
  }

  mutating func evaluating() -> JobWork {
    .evaluating(plan(), token: text(), timeoutMilliseconds: optional { $0.number64() })
  }

  mutating func trainingRequest() -> TrainingRequest {
    TrainingRequest(
      instance: name(),
      set: name(),
      asOf: optional { $0.instant() },
      token: text(),
      timeoutMilliseconds: optional { $0.number64() }
    )
  }

  mutating func training() -> JobWork { .training(trainingSummary()) }

  mutating func checking() -> JobWork {
    .checking(CheckSummary(trainingSummary(), report: optional { $0.value() }))
  }

  mutating func trainingSummary() -> TrainingSummary {
    var summary = TrainingSummary(
      instance: name(),
      instanceVersion: number64(),
      asOf: instant(),
      token: text(),
      timeoutMilliseconds: optional { $0.number64() },
      file: bytes()
    )
    summary.model = optional {
      TrainedModel(version: $0.number64(), treeCount: $0.number64())
    }
    return summary
  }

  mutating func scoring() -> JobWork {
    var summary = ScoringSummary(
      instance: name(),
      modelVersion: number64(),
      asOf: instant(),
      token: text(),
      warnings: list { $0.text() },
      attempt: number32()
    )
    summary.scoredCount = number64()
    return .scoring(summary)
  }

  mutating func scoringPlan() -> ScoringPlan {
    ScoringPlan(
      job: job(),
      instance: name(),
      modelVersion: number64(),
      asOf: instant(),
      features: bytes(),
      model: bytes(),
      keepsOthers: flag(),
      earlier: list { EarlierScoring(asOf: $0.instant(), outcome: $0.bytes()) }
    )
  }

  mutating func shardScoring() -> ShardScoring {
    ShardScoring(
      attempt: importAttempt(),
      place: place(),
      contents: contents(),
      percentiles: bytes(),
      judged: list { $0.instant() }
    )
  }

  mutating func scoreQuestion() -> ScoreQuestion {
    ScoreQuestion(
      instance: name(),
      key: key(),
      asOf: instant(),
      features: bytes(),
      model: bytes(),
      percentiles: bytes()
    )
  }

  mutating func shardMeasure() -> ShardMeasure {
    ShardMeasure(
      margins: bytes(),
      lastEvent: optional { $0.instant() },
      outcome: optional { PredictedOutcome(windowDays: $0.number32(), plan: $0.bytes()) },
      met: optional { $0.metEvents() }
    )
  }

  mutating func metEvents() -> MetEvents {
    MetEvents(
      before: instant(),
      kinds: list { MetEvents.Kind(name: $0.text(), isNamed: $0.flag(), isMet: $0.flag()) }
    )
  }

  mutating func shardFindings() -> ShardFindings {
    ShardFindings(census: bytes(), outcomes: bytes())
  }

  mutating func outcomes() -> ScoredOutcomes {
    var outcomes = ScoredOutcomes()
    for _ in 0..<random.below(5) {
      outcomes.add(score: random.below(101), isPositive: flag())
    }
    return outcomes
  }

  mutating func outcomeNews() -> OutcomeNews {
    OutcomeNews(
      awaited: optional { $0.pastScoring() },
      known: list { OutcomeNews.Known(asOf: $0.instant(), outcomes: $0.outcomes()) }
    )
  }

  mutating func pastScoring() -> PastScoring {
    PastScoring(
      setName: name(),
      asOf: instant(),
      job: job(),
      modelVersion: number64(),
      windowEnd: instant(),
      expected: ScoreBucket.allCases.map { _ in
        BucketExpectation(
          rowCount: UInt64(random.below(1 << 40)),
          probabilitySum: UInt64(random.below(1 << 40))
        )
      },
      fate: flag() ? .awaited(outcome: bytes()) : .known(outcomes(), asOf: instant())
    )
  }

  mutating func scoringRecord() -> ScoringRecord {
    ScoringRecord(
      instance: name(),
      modelVersion: number64(),
      job: job(),
      setName: name(),
      asOf: instant(),
      windowEnd: optional { $0.instant() },
      scoredAt: instant(),
      profileCount: number64(),
      margins: bytes(),
      census: bytes()
    )
  }

  mutating func instanceRecord() -> InstanceRecord {
    InstanceRecord(name: name(), version: number64(), file: bytes())
  }

  mutating func modelRecord() -> ModelRecord {
    ModelRecord(
      instance: name(),
      version: number64(),
      instanceVersion: number64(),
      job: job(),
      setName: name(),
      asOf: instant(),
      trainedAt: instant(),
      report: value(),
      features: bytes(),
      origins: list { $0.featureOrigin() },
      file: bytes()
    )
  }

  private mutating func featureOrigin() -> FeatureOrigin {
    let path = list { $0.text() }
    let reading = FieldReading.allCases[random.below(FieldReading.allCases.count)]
    return switch random.below(4) {
    case 0: .attribute(path: path, reading)
    case 1: .events
    case 2: .eventField(path: path, reading)
    default: .audience
    }
  }

  mutating func roundTask() -> RoundTask {
    RoundTask(
      job: job(),
      set: set(),
      round: number32(),
      attempt: number32(),
      shards: list { $0.shard() }
    )
  }

  mutating func roundPlan() -> RoundPlan {
    RoundPlan(
      job: job(),
      set: set(),
      asOf: instant(),
      contents: list { $0.contents() },
      instance: bytes()
    )
  }

  mutating func jobRecord(_ work: JobWork) -> JobRecord {
    var record = JobRecord(
      id: job(),
      set: set(),
      setName: name(),
      work: work,
      createdAt: instant()
    )
    record.state = jobState()
    record.endedAt = optional { $0.instant() }
    record.failure = optional { $0.error() }
    record.results = list { $0.definitionResult() }
    record.profileCount = number64()
    record.eventCount = number64()
    record.sharedCosts = list { $0.sharedCost() }
    record.contentHash = bytes()
    return record
  }

  mutating func setRecord() -> SetRecord {
    var record = SetRecord(
      id: set(),
      name: name(),
      description: text(),
      createdAt: instant(),
      owners: [name()] + list { $0.name() }
    )
    record.contents = record.contents.map { _ in contents() }
    record.schema = schema()
    for _ in 0..<random.below(3) { record.imports[text()] = importAttempt() }
    record.lastImport = optional { $0.importAttempt() }
    record.lastEvaluation = optional { $0.job() }
    for _ in 0..<random.below(3) {
      record.audiences[name()] = AudienceRecord(
        definitionVersion: number64(),
        job: job(),
        asOf: instant(),
        memberCount: number64(),
        realizedCount: number64(),
        exitedCount: number64(),
        profileCount: number64(),
        lastImport: optional { $0.job() }
      )
    }
    return record
  }
}
