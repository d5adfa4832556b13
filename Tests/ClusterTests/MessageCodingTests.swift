import Bytes
import Cluster
import Domain
import Testing

/// Messages and records as bytes: what is written comes back, and no bytes do harm.
@Suite struct MessageCodingTests {
  // MARK: Tags, which stand in logs and travel between versions: a number is never given anew.

  @Test func `requests keep their numbers`() {
    var random = RandomMessages(seed: 1)
    expect(
      random.clientRequests(),
      areNumbered: [
        "status", "nodes", "shards", "jobs", "job", "waitJob", "cancelJob", "createSet", "sets",
        "set", "schema", "dropSet", "beginImport", "storeBatch", "finishImport", "abortImport",
        "applySegments", "segments", "segment", "deleteSegments", "evaluate", "audiences",
        "audience", "page", "overlap", "profile", "explain", "applyInstances", "instances",
        "instance", "deleteInstances", "train", "model", "score", "check", "insights",
        "explainScore",
      ]
    )
  }

  @Test func `replies keep their numbers`() {
    var random = RandomMessages(seed: 2)
    expect(
      random.clientReplies(),
      areNumbered: [
        "document", "accepted", "importOpened", "importDoneBefore", "stored", "page", "failed",
        "model",
      ]
    )
  }

  @Test func `the coordinator's messages keep their numbers`() {
    var random = RandomMessages(seed: 3)
    expect(
      random.coordinatorMessages(),
      areNumbered: [
        "welcome", "refuse", "heartbeat", "dropSet", "storeBatch", "prepareImport", "commitImport",
        "abortImport", "planJob", "runTask", "commitJob", "abortJob", "query", "planRounds",
        "runRound", "endRounds", "planScoring", "scoreShard",
      ]
    )
  }

  @Test func `the worker's messages keep their numbers`() {
    var random = RandomMessages(seed: 4)
    expect(
      random.workerMessages(),
      areNumbered: [
        "hello", "heartbeat", "batchStored", "importPrepared", "importCommitted", "importFailed",
        "taskFinished", "taskFailed", "jobCommitted", "answer", "roundDone", "roundFailed",
        "marginsCounted", "scoresPrepared", "roundAnswer",
      ]
    )
  }

  @Test func `queries and answers keep their numbers`() {
    var random = RandomMessages(seed: 5)
    expect(
      random.queries(),
      areNumbered: ["page", "overlap", "profile", "explain", "explainScore"]
    )
    expect(random.queryAnswers(), areNumbered: ["page", "counts", "document", "failed"])
  }

  @Test func `records of the catalogue keep their numbers`() {
    var random = RandomMessages(seed: 6)
    expect(
      random.catalogueRecords(),
      areNumbered: [
        "clusterCreated", "epochRaised", "numbersUsed", "workerSeen", "set", "setDropped", "job",
        "importAttempted", "importCommitted", "evaluationCommitted", "jobEnded", "segmentsChanged",
        "instancesChanged", "trainingCommitted", "model", "checkEnded",
        "scoringCommitted", "scoring", "pastScoring",
      ],
      skipping: [16, 18, 19]
    )
    expect(
      [
        random.importing(), random.evaluating(), random.training(), random.scoring(),
        random.checking(),
      ],
      areNumbered: ["importing", "evaluating", "training", "scoring", "checking"]
    )
  }

  @Test func `states and kinds of errors keep their numbers`() {
    expect(
      [JobState.running, .succeeded, .failed, .cancelled],
      areNumbered: ["running", "succeeded", "failed", "cancelled"]
    )
    expect([MembershipStatus.realized, .exited], areNumbered: ["realized", "exited"])
    let codes = ClusterError.Code.allCases
    #expect(codes.map(\.rawValue) == Array(1...23))
    #expect(
      codes.map { "\($0)" } == [
        "noSuchSet", "noSuchSegment", "noSuchJob", "noSuchProfile", "noSuchAudience", "exists",
        "circle", "badDefinition", "noWorkers", "noCopy", "importConflict", "importInterrupted",
        "busy", "limit", "changed", "notPermitted", "failed", "noSuchInstance", "badInstance",
        "noSuchModel", "notTrainable", "notScored", "otherFields",
      ]
    )
  }

  /// Every case once, in the order of the tags from 1 on, of which some are no longer used.
  private func expect<Message: Coded>(
    _ messages: [Message],
    areNumbered names: [String],
    skipping unused: [UInt8] = []
  ) {
    let end = UInt8(names.count + unused.count + 1)
    #expect(messages.map { String("\($0)".prefix { $0 != "(" }) } == names)
    #expect(messages.map { $0.encoded.first } == (1..<end).filter { !unused.contains($0) })
    for tag in [0, end] + unused {
      #expect(throws: DecodingError.self) { try Message(decoding: [tag]) }
    }
  }

  // MARK: Bytes of every sort

  @Test(arguments: 10..<14 as Range<UInt64>)
  func `requests and replies withstand any change of their bytes`(seed: UInt64) {
    var random = RandomMessages(seed: seed)
    for message in random.clientRequests() { attack(message, seed) }
    for message in random.clientReplies() { attack(message, seed) }
  }

  @Test(arguments: 20..<24 as Range<UInt64>)
  func `messages of coordinator and worker withstand any change of their bytes`(seed: UInt64) {
    var random = RandomMessages(seed: seed)
    for message in random.coordinatorMessages() { attack(message, seed) }
    for message in random.workerMessages() { attack(message, seed) }
  }

  @Test(arguments: 30..<34 as Range<UInt64>)
  func `queries and answers withstand any change of their bytes`(seed: UInt64) {
    var random = RandomMessages(seed: seed)
    for message in random.queries() {
      attack(message, seed)
      attack(CoordinatorMessage.query(7, random.place(), random.contents(), message), seed)
    }
    for message in random.queryAnswers() {
      attack(message, seed)
      attack(WorkerMessage.answer(7, message), seed)
    }
  }

  @Test(arguments: 40..<43 as Range<UInt64>)
  func `records of the catalogue withstand any change of their bytes`(seed: UInt64) {
    var random = RandomMessages(seed: seed)
    for record in random.catalogueRecords() { attack(record, seed) }
    attack(CatalogueRecord.job(random.jobRecord(random.importing())), seed)
    attack(CatalogueRecord.job(random.jobRecord(random.evaluating())), seed)
    attack(CatalogueRecord.job(random.jobRecord(random.training())), seed)
    attack(CatalogueRecord.job(random.jobRecord(random.scoring())), seed)
  }

  @Test func `random bytes give a message or an error`() {
    var random = SeededRandom(seed: 50)
    for _ in 0..<3_000 {
      let bytes =
        [UInt8(1 + random.below(35))]
        + (0..<random.below(120)).map { _ in
          // Small numbers are counts and tags that lead further in.
          UInt8(random.oneIn(2) ? random.below(4) : random.below(256))
        }
      readsStably(ClientRequest.self, bytes)
      readsStably(ClientReply.self, bytes)
      readsStably(CoordinatorMessage.self, bytes)
      readsStably(WorkerMessage.self, bytes)
      readsStably(Query.self, bytes)
      readsStably(QueryAnswer.self, bytes)
      readsStably(CatalogueRecord.self, bytes)
    }
  }

  @Test func `a value nested too deep is an error, not the end of the stack`() {
    // Reply 1 is a document; 6 begins an array of one element.
    let bytes = [1] + [[UInt8]](repeating: [6, 1], count: 100_000).joined()

    #expect(throws: DecodingError.self) { try ClientReply(decoding: bytes) }
  }

  @Test func `a count that the bytes cannot hold is refused at once`() {
    let claim: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]

    #expect(throws: DecodingError.self) { try ClientReply(decoding: [1, 6] + claim) }
    #expect(throws: DecodingError.self) { try ClientReply(decoding: [6] + claim) }
    #expect(throws: DecodingError.self) { try ClientRequest(decoding: [20] + claim) }
    #expect(throws: DecodingError.self) { try QueryAnswer(decoding: [2] + claim) }
    #expect(throws: DecodingError.self) { try CatalogueRecord(decoding: [1] + claim) }
  }

  /// Writes and reads the message whole, cut, extended and with each byte changed.
  private func attack<Message: Coded & Hashable>(
    _ message: Message,
    _ seed: UInt64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bytes = message.encoded
    #expect(
      (try? Message(decoding: bytes)) == message,
      "seed \(seed)",
      sourceLocation: sourceLocation
    )
    for count in bytes.indices where (try? Message(decoding: Array(bytes[..<count]))) != nil {
      Issue.record(
        "seed \(seed): read from \(count) of \(bytes.count) bytes: \(message)",
        sourceLocation: sourceLocation
      )
    }
    // What a later version appends is passed over.
    #expect(
      (try? Message(decoding: bytes + [0, 1, 255])) == message,
      "seed \(seed)",
      sourceLocation: sourceLocation
    )
    for position in bytes.indices {
      for mask: UInt8 in [0x01, 0x04, 0x7F, 0x80, 0xFF] {
        var damaged = bytes
        damaged[position] ^= mask
        readsStably(Message.self, damaged, sourceLocation: sourceLocation)
      }
    }
  }

  /// Reads any bytes: what comes out is no larger than they are, and reads back as it is.
  private func readsStably<Message: Coded>(
    _ type: Message.Type,
    _ bytes: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let message = try? Message(decoding: bytes) else { return }
    let written = message.encoded
    if written.count > bytes.count || (try? Message(decoding: written).encoded) != written {
      Issue.record("\(bytes) is read as \(message)", sourceLocation: sourceLocation)
    }
  }
}
