import Bytes
import Cluster
import Domain

/// Random payloads for every message and record; a list of messages has each case once, in the
/// order of the tags.
struct RandomMessages {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func text() -> Text {
    let texts: [Text] = ["", "a", "é", "日本", "line\nbreak", "\u{0}", "a somewhat longer text"]
    return texts[random.below(texts.count)]
  }

  mutating func name() -> Name {
    let letters = Array("abcXYZ019._-".utf8)
    var bytes: [UInt8] = []
    for _ in 0...random.below(12) { bytes.append(letters[random.below(letters.count)]) }
    return Text(utf8: bytes).flatMap { Name($0) } ?? RandomMessages.standInName
  }

  private static let standInName: Name = {
    guard let name = Name("a") else { preconditionFailure("'a' is a name") }
    return name
  }()

  /// Numbers of every length, the ends among them.
  mutating func number64() -> UInt64 {
    random.oneIn(6) ? (random.oneIn(2) ? 0 : .max) : random.next() >> UInt64(random.below(64))
  }

  mutating func number32() -> UInt32 { UInt32(truncatingIfNeeded: number64()) }

  mutating func shardCount() -> ShardCount { flag() ? .suited : .exactly(number32()) }

  mutating func flag() -> Bool { random.oneIn(2) }

  mutating func instant() -> Instant {
    Instant(milliseconds: Int64(bitPattern: number64()))
  }

  mutating func optional<T>(_ make: (inout RandomMessages) -> T) -> T? {
    random.oneIn(3) ? nil : make(&self)
  }

  mutating func list<T>(_ make: (inout RandomMessages) -> T) -> [T] {
    (0..<random.below(4)).map { _ in make(&self) }
  }

  mutating func bytes() -> [UInt8] { list { UInt8(truncatingIfNeeded: $0.random.next()) } }

  mutating func value(depth: Int = 0) -> Value {
    switch random.below(depth < 3 ? 7 : 4) {
    case 0: .boolean(flag())
    case 1: .integer(Int64(bitPattern: number64()))
    case 2: .double(random.oneIn(4) ? -0.0 : random.unit() * 1e6)
    case 3, 4: .string(text())
    case 5: .array(list { $0.value(depth: depth + 1) })
    default: .object(object(depth: depth + 1))
    }
  }

  mutating func object(depth: Int = 0) -> ObjectValue {
    ObjectValue(list { .init(name: $0.text(), value: $0.value(depth: depth + 1)) })
  }

  mutating func job() -> JobID { JobID(number64()) }

  mutating func set() -> SetID { SetID(number32()) }

  mutating func shard() -> ShardIndex { ShardIndex(number32()) }

  mutating func key() -> ProfileKey { ProfileKey(text()) }

  mutating func epoch() -> Epoch { Epoch(number64()) }

  mutating func place() -> ShardPlace { ShardPlace(set: set(), shard: shard()) }

  mutating func contents() -> ShardContents {
    ShardContents(lsn: number64(), profileCount: number64(), eventCount: number64())
  }

  mutating func importAttempt() -> ImportAttempt {
    ImportAttempt(job: job(), attempt: number32())
  }

  mutating func task() -> TaskAttempt {
    TaskAttempt(job: job(), place: place(), attempt: number32(), contents: contents())
  }

  mutating func failure() -> WorkFailure {
    WorkFailure(code: text(), message: text(), isRetryable: flag())
  }

  mutating func error() -> ClusterError {
    let codes = ClusterError.Code.allCases
    return ClusterError(
      codes[random.below(codes.count)],
      text().string,
      next: optional { $0.text().string }
    )
  }

  mutating func schemaNode(depth: Int = 0) -> SchemaNode {
    var node = SchemaNode()
    node.kinds = FieldKinds(rawValue: UInt8(random.below(64)))
    node.textForm = TextForm(rawValue: UInt8(random.below(4))) ?? .none
    node.count = number64()
    node.isMap = flag()
    node.samples = list { $0.text() }
    if depth < 2 {
      for _ in 0..<random.below(3) { node.fields[text()] = schemaNode(depth: depth + 1) }
      if flag() { node.element = [schemaNode(depth: depth + 1)] }
    }
    return node
  }

  mutating func schema() -> Schema {
    var schema = Schema()
    schema.profile = schemaNode()
    schema.event = schemaNode()
    return schema
  }

  mutating func specification() -> ImportSpecification {
    ImportSpecification(
      set: name(),
      shardCountIfNew: optional { $0.shardCount() },
      importID: text(),
      contentHash: bytes(),
      byteCount: number64(),
      sources: list { $0.text() }
    )
  }

  mutating func totals() -> ImportTotals {
    ImportTotals(
      schema: schema(),
      attributeRowCount: number64(),
      eventRowCount: number64(),
      rejectedRowCount: number64()
    )
  }

  mutating func pageQuery() -> PageQuery {
    PageQuery(
      audience: optional { $0.name() },
      statuses: list { $0.flag() ? .realized : .exited },
      isChangedOnly: flag(),
      after: optional { $0.key() },
      rowCountMax: number32(),
      fields: optional { $0.list { $0.text() } },
      membershipJob: optional { $0.job() }
    )
  }

  mutating func pageRow() -> PageRow {
    PageRow(
      key: key(),
      status: optional { $0.flag() ? .realized : .exited },
      lastQualification: optional { $0.instant() },
      fields: object()
    )
  }

  mutating func plannedDefinition() -> PlannedDefinition {
    PlannedDefinition(
      id: name(),
      version: number64(),
      expression: text(),
      timeZone: optional { $0.text() }
    )
  }

  mutating func plan() -> JobPlan {
    JobPlan(
      job: job(),
      set: set(),
      asOf: instant(),
      definitions: list { $0.plannedDefinition() },
      retained: list { $0.name() }
    )
  }

  mutating func definitionResult() -> DefinitionResult {
    DefinitionResult(
      memberCount: number64(),
      realizedCount: number64(),
      exitedCount: number64(),
      own: workCost(),
      share: workCost(),
      failure: optional { DefinitionFailure(key: $0.key(), message: $0.text()) }
    )
  }

  mutating func taskResult() -> TaskResult {
    TaskResult(
      profileCount: number64(),
      eventCount: number64(),
      definitions: list { $0.definitionResult() },
      digest: number32(),
      sharedCosts: list { $0.sharedCost() },
      namedCosts: list { NamedCost(number: $0.number32(), cost: $0.workCost()) }
    )
  }

  mutating func sharedCost() -> SharedCost {
    SharedCost(
      kind: text(),
      part: text(),
      definitions: Bitmap(list { Int($0.number32() % 2_000) }),
      cost: workCost()
    )
  }

  mutating func workCost() -> WorkCost {
    WorkCost(rowCount: number64(), stepCount: number64(), nanoseconds: number64())
  }

  mutating func definition() -> SegmentDefinition {
    SegmentDefinition(
      id: name(),
      name: text(),
      expression: text(),
      timeZone: optional { $0.text() },
      set: optional { $0.name() },
      version: number64(),
      references: list { $0.text() },
      document: value()
    )
  }

  mutating func hello() -> WorkerHello {
    WorkerHello(
      name: name(),
      incarnation: number64(),
      capacity: number32(),
      threadCount: number32(),
      version: text(),
      replicas: list {
        ReplicaInventory(
          place: $0.place(),
          contents: $0.contents(),
          prepared: $0.list { $0.importAttempt() },
          membershipJob: $0.optional { $0.job() },
          stagedJobs: $0.list { $0.job() }
        )
      }
    )
  }

  mutating func vitals() -> WorkerVitals {
    WorkerVitals(
      residentByteCount: number64(),
      memoryByteLimit: number64(),
      diskFreeByteCount: number64(),
      runningCount: number32(),
      queuedCount: number32()
    )
  }
}
