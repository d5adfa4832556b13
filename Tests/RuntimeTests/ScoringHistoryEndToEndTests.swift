import Bytes
import Cluster
import Domain
import Intake
import Propensity
import Runtime
import Testing

extension ProcessTests {
  /// Scorings whose outcomes are told once their windows have passed, over real sockets and disk.
  @Suite struct ScoringHistoryEndToEndTests {
    private static let customers: Name = makeName("customers")
    private static let orders: Name = makeName("orders")
    private static let windowDays = 10
    /// When events that have not happened yet are imported, in days.
    private static let importDay = 76

    /// Customers who order now and then, some of them until a day on which they stop.
    private struct Customer {
      var key: String
      /// Hours since the first day, ascending.
      var orderHours: [Int]
    }

    private static let everybody: [Customer] = {
      var random = SeededRandom(seed: 9)
      return (0..<1_600).map { number in
        let gap = 24 * (2 + random.below(40))
        let end = random.below(3) == 0 ? 24 * random.below(110) : 24 * 110
        var hours: [Int] = []
        var hour = random.below(24 * 30)
        while hour < end {
          hours.append(hour)
          hour += 1 + gap / 2 + random.below(gap)
        }
        return Customer(key: "c\(number)", orderHours: hours)
      }
    }()

    private static func instant(hour: Int) -> Instant {
      Instant(milliseconds: 1_700_006_400_000 + Int64(hour) * 3_600_000)
    }

    private static func instant(day: Int) -> Instant { instant(hour: 24 * day) }

    private static var instance: [UInt8] {
      Array(
        """
        {"name": "orders", "type": "conversion", "outcomeWindowDays": \(windowDays),
         "goal": {"conditions": ["eventType = \\"order\\""]},
         "exclusions": ["test = true"],
         "eligible": "xEvent[this.timestamp occurs <= 25 days before now].exists()",
         "training": {"treeCountMax": 12, "learningRate": 0.2}}
        """.utf8
      )
    }

    /// Imports the events of some days, and everybody's attributes anew.
    private func importDays(
      _ days: Range<Int>,
      into cluster: TestCluster,
      shards: UInt32,
      beside others: [String] = []
    ) throws {
      let hours = 24 * days.lowerBound..<24 * days.upperBound
      let attributes = Self.everybody.map { customer in
        #"{"_id":"\#(customer.key)","until":\#(days.upperBound)}"# + "\n"
      }
      let events = Self.everybody.flatMap { customer in
        customer.orderHours.filter { hours.contains($0) }.map { hour in
          #"{"_id":"\#(customer.key)","timestamp":"\#(Self.instant(hour: hour).iso)","#
            + #""eventType":"order","test":\#(hour % 11 == 0)}"# + "\n"
        }
      }
      var options = ImportJob.Options(set: Self.customers)
      options.shardCountIfNew = .exactly(shards)
      _ = try ImportJob(
        try IntakeSource(
          [
            .init(
              try cluster.scratch.write(
                "\(days.lowerBound)-a.jsonl",
                (attributes + others).joined()
              ),
              .attributes
            ),
            .init(
              try cluster.scratch.write("\(days.lowerBound)-e.jsonl", events.joined()),
              .event
            ),
          ],
          options: IntakeOptions()
        ),
        options: options,
        connect: { try cluster.connect() },
        progress: { _ in }
      ).run()
    }

    private func makeCluster(workers: Int, shards: UInt32) throws -> TestCluster {
      let cluster = try TestCluster(workerCount: workers)
      try importDays(0..<Self.importDay, into: cluster, shards: shards)
      _ = try cluster.connect().document(.applyInstances([Self.instance], isDryRun: false))
      let job = try EvaluationJob(connect: { try cluster.connect() }).run(
        TrainingRequest(
          instance: Self.orders,
          set: Self.customers,
          asOf: Self.instant(day: 60),
          token: EvaluationJob.makeToken(),
          timeoutMilliseconds: nil
        ),
        progress: { _ in }
      )
      try #require(job["state"]?.text == "done", "\(job)")
      return cluster
    }

    private func score(
      _ cluster: TestCluster,
      day: Int,
      progress: (Value) throws -> Void = { _ in }
    ) throws {
      let job = try EvaluationJob(connect: { try cluster.connect() }).run(
        ScoringRequest(
          instance: Self.orders,
          set: Self.customers,
          asOf: Self.instant(day: day),
          token: EvaluationJob.makeToken(),
          isForced: true
        ),
        progress: progress
      )
      #expect(job["state"]?.text == "done", "\(job)\n\(cluster.lines.all.joined())")
    }

    /// What every profile has of the instance, by key.
    private func fields(_ cluster: TestCluster) throws -> [String: Value] {
      var found: [String: Value] = [:]
      var stream = MemberStream(
        try cluster.connect(),
        set: Self.customers,
        query: PageQuery(audience: nil, rowCountMax: 1_000, fields: ["covey.propensity"])
      )
      while let page = try stream.next() {
        for row in page {
          found[row.key.text.string] = row.fields["covey.propensity"]?["orders"]
        }
      }
      return found
    }

    /// The history as insights tell it, the oldest scoring first, without the numbers of jobs.
    private func history(_ cluster: TestCluster) throws -> [Value] {
      let document = try cluster.connect().document(.insights(Self.orders))
      let scorings = document["history"]?["scorings"]?.elements ?? []
      return scorings.reversed().map { scoring in
        guard case .object(var members) = scoring else { return scoring }
        members["job"] = nil
        return .object(members)
      }
    }

    /// Profiles, sums of probabilities and orders of each bucket, counted from what was written then.
    private func counts(
      _ written: [String: Value],
      day: Int
    ) -> [String: (rows: Int64, probabilities: UInt64, positives: Int64)] {
      let window = 24 * day..<24 * (day + Self.windowDays)
      var counts: [String: (rows: Int64, probabilities: UInt64, positives: Int64)] = [:]
      for customer in Self.everybody {
        guard let scores = written[customer.key], let bucket = scores["bucket"]?.text?.string,
          let probability = scores["probability"]?.number
        else { continue }
        let hasOrdered = customer.orderHours.contains { window.contains($0) && $0 % 11 != 0 }
        var count = counts[bucket] ?? (0, 0, 0)
        count.rows += 1
        count.probabilities += UInt64((probability * 0x1p30).rounded())
        count.positives += hasOrdered ? 1 : 0
        counts[bucket] = count
      }
      return counts
    }

    private func check(_ told: Value, _ written: [String: Value], day: Int) {
      #expect(told["asOf"] == .string(Self.instant(day: day).iso))
      #expect(told["isKnown"] == .boolean(true))
      let counts = counts(written, day: day)
      #expect(counts.count == 3, "\(counts)")
      for bucket in told["buckets"]?.elements ?? [] {
        let count = counts[bucket["bucket"]?.text?.string ?? ""] ?? (0, 0, 0)
        #expect(bucket["profiles"] == .integer(count.rows))
        #expect(bucket["judged"] == .integer(count.rows))
        #expect(bucket["positives"] == .integer(count.positives))
        #expect(bucket["actualRate"] == .double(Double(count.positives) / Double(count.rows)))
        #expect(
          bucket["expectedRate"]
            == .double(Double(count.probabilities) * 0x1p-30 / Double(count.rows))
        )
      }
    }

    private struct Story: Equatable {
      var fields: [String: Value] = [:]
      var history: [Value] = []
    }

    /// Scores on several days, with new events in between, and sees that all outcomes are right.
    private func tell(workers: Int, shards: UInt32, isRestarted: Bool) throws -> Story {
      let cluster = try makeCluster(workers: workers, shards: shards)
      try score(cluster, day: 70)
      let first = try fields(cluster)
      try score(cluster, day: 75)
      let second = try fields(cluster)
      #expect(try history(cluster).map { $0["isKnown"] } == [.boolean(false), .boolean(false)])
      // The window of the first has passed, but nobody knows the events of it.
      try score(cluster, day: 81)
      #expect(
        try history(cluster).map { $0["isKnown"] } == Array(repeating: .boolean(false), count: 3)
      )

      try importDays(Self.importDay..<120, into: cluster, shards: shards)
      var wasRestarted = !isRestarted
      try score(cluster, day: 81) { document in
        guard !wasRestarted, document["done"]?.integer ?? 0 >= 1 else { return }
        wasRestarted = true
        cluster.stopWorker(2)
        try cluster.startWorker(2)
      }
      let third = try fields(cluster)
      var told = try history(cluster)
      #expect(told.map { $0["isKnown"] } == [true, false, false].map { .boolean($0) })
      check(told[0], first, day: 70)
      // Who is not eligible any more has no score, and still waits for the outcome of an earlier one.
      let waiting = third.values.filter { $0["score"] == nil }
      #expect(!waiting.isEmpty)
      let date = Value.string(Self.instant(day: 75).iso)
      #expect(waiting.allSatisfy { $0["history"]?.elements?.map { $0["scoreDate"] } == [date] })
      #expect(third.values.allSatisfy { $0["history"]?.elements?.count ?? 0 <= 1 })

      try score(cluster, day: 95)
      told = try history(cluster)
      #expect(told.map { $0["isKnown"] } == [true, true, true, false].map { .boolean($0) })
      check(told[0], first, day: 70)
      check(told[1], second, day: 75)
      check(told[2], third, day: 81)
      #expect(try fields(cluster).values.allSatisfy { $0["history"] == nil && $0["score"] != nil })
      let story = Story(fields: try fields(cluster), history: told)
      #expect(cluster.failures == [])
      cluster.stop()
      return story
    }

    @Test(.timeLimit(.minutes(3)))
    func `who has other fields than were written is not judged, and that is told`() throws {
      let cluster = try makeCluster(workers: 2, shards: 5)
      try score(cluster, day: 70)
      let written = try fields(cluster)
      let date = Self.instant(day: 70).iso
      let fields = [
        #""x""#, #"{"score":"high","scoreDate":5}"#, #"{"score":101,"scoreDate":"\#(date)"}"#,
        #"{"history":[7,{"scoreDate":"\#(date)"},{"scoreDate":"\#(date)","score":-1}]}"#,
        #"{"score":1e300,"scoreDate":"\#(date)","history":{"scoreDate":"\#(date)"}}"#,
        // The first one counts, and only once.
        #"{"history":[{"scoreDate":"\#(date)","score":1},{"scoreDate":"\#(date)","score":2}]}"#,
      ]
      let changed = Self.everybody.filter { written[$0.key] != nil }.prefix(fields.count)
      let others = zip(changed, fields).map { customer, fields in
        #"{"_id":"\#(customer.key)","covey":{"propensity":{"orders":\#(fields)}}}"# + "\n"
      }

      try importDays(Self.importDay..<120, into: cluster, shards: 5, beside: others)
      try score(cluster, day: 95)

      let told = try #require(try history(cluster).first)
      #expect(told["isKnown"] == .boolean(true))
      #expect(told["profiles"] == .integer(Int64(written.count)))
      #expect(told["judged"] == .integer(Int64(written.count - fields.count + 1)))
      #expect(cluster.failures == [])
      cluster.stop()
    }

    @Test(.timeLimit(.minutes(3)))
    func `actual rates are what a plain count gives, for any number of workers and shards`() throws
    {
      let alone = try tell(workers: 1, shards: 1, isRestarted: false)
      let many = try tell(workers: 3, shards: 16, isRestarted: true)

      #expect(many.history == alone.history)
      #expect(many.fields == alone.fields)
    }
  }
}
