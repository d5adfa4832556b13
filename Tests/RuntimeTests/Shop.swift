import Bytes
import Cluster
import Domain
import Intake
import Runtime

/// Customers and their purchases, with answers worked out beside Covey.
struct Shop {
  struct Customer {
    var key: String
    var age: Int
    var country: String
    var amounts: [Int]
  }

  let customers: [Customer]

  init(customerCount: Int, seed: UInt64 = 11) {
    var random = SeededRandom(seed: seed)
    customers = (0..<customerCount).map { number in
      Customer(
        key: "c\(number)",
        age: 18 + random.below(60),
        country: ["NO", "SE", "DE"][random.below(3)],
        amounts: (0..<random.below(4)).map { _ in random.below(200) }
      )
    }
  }

  var profileLines: String {
    customers.map { customer in
      #"{"_id":"\#(customer.key)","age":\#(customer.age),"country":"\#(customer.country)"}"# + "\n"
    }.joined()
  }

  var eventLines: String {
    customers.flatMap { customer in
      customer.amounts.enumerated().map { index, amount in
        #"{"_id":"\#(customer.key)","timestamp":"2026-01-0\#(index + 1)T10:00:00Z","#
          + #""eventType":"purchase","amount":\#(amount)}"# + "\n"
      }
    }.joined()
  }

  /// Ids, rules, and who they mean.
  var segments: [(id: String, rule: String, isMember: (Customer) -> Bool)] {
    [
      ("adults", "age >= 30", { $0.age >= 30 }),
      ("nordic", #"country in ["NO", "SE"]"#, { $0.country != "DE" }),
      (
        "spenders", "(select e from xEvent where e.amount > 100).count() >= 1",
        { $0.amounts.contains { $0 > 100 } }
      ),
      (
        "nordic-spenders", #"inSegment("nordic") and inSegment("spenders")"#,
        { $0.country != "DE" && $0.amounts.contains { $0 > 100 } }
      ),
    ]
  }

  var definitions: [Value] {
    segments.map { segment in
      .object([
        ("id", .string(segment.id)), ("name", .string(segment.id)),
        ("expression", .object([("value", .string(segment.rule))])),
      ])
    }
  }

  func members(of id: String) -> [String] {
    guard let segment = segments.first(where: { $0.id == id }) else { return [] }
    return customers.filter(segment.isMember).map(\.key).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }

  func source(in scratch: Scratch, batchByteCount: Int = 256 << 10) throws -> IntakeSource {
    var options = IntakeOptions()
    options.limits.batchByteCount = batchByteCount
    return try IntakeSource(
      [
        .init(try scratch.write("profiles.jsonl", profileLines), .attributes),
        .init(try scratch.write("events.jsonl", eventLines), .event),
      ],
      options: options
    )
  }
}

extension TestCluster {
  static let shop: Name = makeName("shop")

  /// Imports a shop into the set of that name.
  func importShop(
    _ shop: Shop,
    batchByteCount: Int = 256 << 10,
    progress: @escaping (ImportProgress) throws -> Void = { _ in }
  ) throws -> ImportJob.Outcome {
    var options = ImportJob.Options(set: TestCluster.shop)
    options.shardCountIfNew = .exactly(6)
    let source = try shop.source(in: scratch, batchByteCount: batchByteCount)
    return try ImportJob(
      source,
      options: options,
      connect: { try self.connect() },
      progress: progress
    ).run()
  }

  func evaluateShop(progress: (Value) throws -> Void = { _ in }) throws -> Value {
    try EvaluationJob(connect: { try self.connect() }).run(
      EvaluationRequest(
        set: TestCluster.shop,
        segments: nil,
        asOf: TimeText("2026-02-01T00:00:00Z")?.instant,
        token: EvaluationJob.makeToken(),
        timeoutMilliseconds: nil
      ),
      progress: progress
    )
  }

  func applySegments(of shop: Shop) throws -> Value {
    try connect().document(
      .applySegments(shop.definitions, set: nil, isDryRun: false, removesOthers: false)
    )
  }

  func members(of segment: String) throws -> [String] {
    var stream = MemberStream(
      try connect(),
      set: TestCluster.shop,
      query: PageQuery(audience: makeName(segment), rowCountMax: 150)
    )
    var keys: [String] = []
    while let rows = try stream.next() { keys += rows.map(\.key.description) }
    return keys
  }
}

func makeName(_ text: String) -> Name {
  guard let name = Name(text) else { preconditionFailure("'\(text)' is no name") }
  return name
}
