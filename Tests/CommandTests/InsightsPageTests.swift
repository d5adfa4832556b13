import Bytes
import Domain
import Testing
import covey

/// The page and the tables of insights, from documents.
@Suite struct InsightsPageTests {
  private static let hostile = #"<script>alert("1")</script> & 'x' "# + "\u{202E}\u{0}\u{FFFF}"

  /// A document with every part, and names that would be markup.
  private static func document(name: String = hostile, index: Double = 0.4) -> Document {
    func object(_ members: KeyValuePairs<Text, Value>) -> Value {
      .object(members.map { ($0, $1) })
    }
    let text = Value.string(Text(name))
    let deciles = (0..<10).map { decile in
      object([
        "rows": .double(50), "positives": .double(Double(20 - decile)),
        "lift": .double(2 - Double(decile) / 5),
        "cumulativeGain": .double(min(1, Double(decile + 1) / 8)),
        "cumulativeLift": .double(1.5),
      ])
    }
    let values = [
      object([
        "missing": .boolean(true), "profiles": .integer(1), "share": .double(0.1),
        "shareOfAll": .double(0.2),
      ]),
      object([
        "upTo": .double(45.5), "profiles": .integer(2), "share": .double(0.2),
        "shareOfAll": .double(0.5),
      ]),
      object([
        "category": text, "profiles": .integer(7), "share": .double(0.7),
        "shareOfAll": .double(0.3),
      ]),
    ]
    let factor = object([
      "code": text, "kind": .string("numeric"), "direction": .string("up"),
      "meanContribution": .double(0.4), "meanSize": .double(0.5), "notedShare": .double(0.9),
      "raisedShare": .double(0.8), "coverage": .double(0.9), "values": .array(values),
    ])
    let buckets = [("low", 0, 24), ("medium", 25, 74), ("high", 75, 100)].map { bucket in
      object([
        "bucket": .string(bucket.0), "from": .integer(Int64(bucket.1)),
        "to": .integer(Int64(bucket.2)), "profiles": .integer(10), "share": .double(1.0 / 3),
        "expectedRate": .double(0.2), "factors": .array([factor]),
      ])
    }
    return Document(
      object([
        "instance": text, "type": .string("churn"), "description": text, "goal": text,
        "quality": object([
          "rows": .integer(500), "positives": .integer(155), "baseRate": .double(0.31),
          "areaUnderCurve": .double(0.6), "areaStandardError": .double(0.02),
          "logLoss": .double(0.5), "brierScore": .double(0.2), "calibrationError": .double(0.03),
          "kolmogorovSmirnov": .double(0.3), "gains": .array(deciles),
          "outOfTime": object(["areaUnderCurve": .double(0.58)]),
          "reliability": .array([
            object([
              "rows": .integer(250), "meanProbability": .double(0.2), "actualRate": .double(0.25),
            ]),
            object([
              "rows": .integer(250), "meanProbability": .double(0.5), "actualRate": .double(0.4),
            ]),
          ]),
        ]),
        "scores": .array((0...100).map { .integer($0 % 7) }),
        "buckets": .array(buckets),
        "drift": object([
          "score": object([
            "index": .double(0.02), "chance": .double(0.05), "verdict": .string("stable"),
          ]),
          "features": .array([
            object([
              "code": text, "index": .double(index), "chance": .double(0.05),
              "verdict": .string("shifted"),
              "values": .array([
                object(["category": text, "training": .double(0.5), "now": .double(0.9)])
              ]),
            ])
          ]),
        ]),
        "history": history(scoring: text),
        "warnings": .array([object(["isLoud": .boolean(true), "message": text])]),
      ])
    )
  }

  /// Scorings of four months, of which outcomes of the first two are known.
  private static func history(scoring text: Value, isKnown: (Int) -> Bool = { $0 < 2 }) -> Value {
    func rates(_ number: Int, _ rate: Double) -> [(Text, Value)] {
      let expected: [(Text, Value)] = [
        ("profiles", .integer(400)), ("expectedRate", .double(rate)),
      ]
      if !isKnown(number) { return expected }
      return expected + [
        ("judged", .integer(400)), ("positives", .integer(100)), ("actualRate", .double(0.25)),
      ]
    }
    let scorings = (0..<4).reversed().map { number in
      Value.object(
        [
          ("set", text), ("asOf", .string(Text("2026-0\(number + 1)-01T00:00:00Z"))),
          ("modelVersion", .integer(2)),
          ("windowEnd", .string(Text("2026-0\(number + 1)-31T00:00:00Z"))),
          ("isKnown", .boolean(isKnown(number))),
          (
            "buckets",
            .array(
              [("low", 0.1), ("medium", 0.3), ("high", 0.7)].map { bucket, rate in
                .object([("bucket", .string(bucket))] + rates(number, rate))
              }
            )
          ),
        ] + rates(number, 0.3)
      )
    }
    return .object([("hasOutcomeWindow", .boolean(true)), ("scorings", .array(scorings))])
  }

  private static func page(_ document: Document) -> String {
    String(decoding: InsightsPage.html(document), as: UTF8.self)
  }

  @Test func `a page is well-formed, has nothing from elsewhere, and escapes what names say`() {
    let page = Self.page(Self.document())

    #expect(PageCheck.problems(of: page) == [])
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;"))
    #expect(!page.unicodeScalars.contains { ["\u{202E}", "\u{0}", "\u{FFFF}"].contains($0) })
  }

  @Test func `every drawing has a title, a description and its numbers in a table`() {
    let page = Self.page(Self.document(name: "days since last purchase"))

    let drawings = page.components("<svg ").count - 1
    // Four of the model and its scores, drift, three of history, and two a factor of three buckets.
    #expect(drawings == 14)
    #expect(page.components("<desc ").count - 1 == drawings)
    #expect(page.components("<table ").count - 1 >= 9)
    #expect(page.contains("prefers-color-scheme: dark"))
    #expect(page.contains("@media print"))
  }

  @Test func `what is not known is left out, and extreme numbers stay in the picture`() {
    let empty = Document(.object([("instance", .string("churn"))]))
    #expect(PageCheck.problems(of: Self.page(empty)) == [])
    #expect(Self.page(empty).contains("No profile has been scored"))
    for index in [0, 1e-12, 12, 1e300, .infinity, .nan] {
      let page = Self.page(Self.document(name: "a", index: index))
      #expect(PageCheck.problems(of: page) == [], "\(index)")
      #expect(!page.contains("nan") && !page.contains("inf\""), "\(index)")
    }
  }

  @Test(
    "a goal is told in words",
    arguments: [
      ("left", "left"),
      (#"{"occurs":false,"match":"all","conditions":["a"]}"#, "does not happen: a, within 7 days"),
      (#"{"match":"any","conditions":["a","b"]}"#, "happens: a or b, within 7 days"),
      (
        #"{"match":"all","scope":"same-event","conditions":["a","b"]}"#,
        "happens: a and b, in one event, within 7 days"
      ),
      (
        #"{"match":"all","scope":"within-window","conditions":["a","b"]}"#,
        "happens: a and b, in any events, within 7 days"
      ),
    ]
  )
  func goals(goal: String, words: String) throws {
    let isText = !goal.hasPrefix("{")
    let value: Value =
      isText ? .string(Text(goal)) : try #require(try Value.parse(json: Array(goal.utf8)))
    let members: [(Text, Value)] = [
      ("instance", .string("a")), ("goal", value), ("outcomeWindowDays", .integer(7)),
    ]
    let page = Self.page(Document(.object(members)))
    #expect(page.contains("<dd>\(words)</dd>"), "\(page)")
  }

  @Test func `history tells what came, and of the rest when it will be known`() {
    let context = ViewContext(now: Instant(milliseconds: 0))
    let document = Self.document(name: "customers")
    let page = Self.page(document)
    let text = InsightsView.lines(document, context).joined(separator: "\n")

    #expect(page.contains("<h2>What came of earlier scores</h2>"))
    #expect(page.contains("known from 2026-04-31"))
    #expect(page.contains("70.0% were expected to reach the goal and 25.0% did"))
    #expect(text.contains("HISTORY of scorings"))
    let lines = text.split(separator: "\n").filter { $0.contains("2026-0") }.map(String.init)
    #expect(lines.count(where: { $0.contains("high") }) == 4, "\(text)")
    #expect(lines.first?.contains("known from 2026-04-31") == true, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("2026-01-01") && $0.contains("25.0%") }, "\(lines)")

    let remark = Value.object([
      ("instance", .string("a")),
      (
        "history",
        .object([("hasOutcomeWindow", .boolean(false)), ("remark", .string("no window"))])
      ),
    ])
    #expect(Self.page(Document(remark)).contains("no window"))
    #expect(PageCheck.problems(of: Self.page(Document(remark))) == [])
    #expect(InsightsView.lines(Document(remark), context).contains("no window"))
  }

  @Test func `the tables say loudly what is bad and tell factors with their values`() {
    let context = ViewContext(now: Instant(milliseconds: 0))
    let lines = InsightsView.lines(Self.document(name: "days since last purchase"), context)
    let text = lines.joined(separator: "\n")

    #expect(text.contains("WARNING days since last purchase"))
    #expect(text.contains("area under the curve 0.600 ± 0.020"))
    #expect(text.contains("out of time: area under the curve 0.580"))
    #expect(text.contains("FACTORS of bucket high"))
    #expect(text.contains("raises"))
    #expect(text.contains("days since last purchase: 70.0% (all 30.0%)"), "\(text)")
    #expect(text.contains("shifted"))
  }

  @Test func `a score is told with everything that moved it, or why there is none`() {
    let context = ViewContext(now: Instant(milliseconds: 0))
    func document(_ json: String) throws -> Document {
      Document(try #require(try Value.parse(json: Array(json.utf8))))
    }
    let known = try? document(
      #"""
      {"key": "c1", "instance": "churn", "set": "shop", "asOf": "2026-01-01T00:00:00Z",
       "isEligible": true, "modelVersion": 2, "score": 91, "probability": 0.183, "percentile": 97,
       "bucket": "high", "margin": -1.5, "base": -2.4, "factors": [
         {"code": "days since last purchase", "value": "203", "direction": "up", "shap": 1.0,
          "share": 0.9, "features": [
            {"code": "days since last purchase", "value": "203", "shap": 1.2},
            {"code": "count of purchase", "shap": -0.2}]},
         {"code": "tenure", "direction": "down", "shap": -0.1, "share": 0.1,
          "features": [{"code": "tenure", "shap": -0.1}]}],
       "stored": {"score": 40, "probability": 0.1, "percentile": 50, "bucket": "medium",
                  "modelVersion": 2, "scoreDate": "2026-01-01T00:00:00Z"}}
      """#
    )
    let absent = try? document(
      #"{"key": "c2", "instance": "churn", "asOf": "2026-01-01T00:00:00Z", "isEligible": false}"#
    )

    let told = known.map { ScoreView.lines($0, context) } ?? []
    let text = told.joined(separator: "\n")
    #expect(told.first?.hasPrefix("c1 scores 91 (high), probability 18.3%, percentile 97") == true)
    #expect(text.contains("stored is 40 (medium)") && text.contains("has changed since"), "\(text)")
    #expect(text.contains("days since last purchase = 203"), "\(text)")
    #expect(text.contains("+1.000"), "\(text)")
    #expect(text.contains("  count of purchase = unknown"), "\(text)")
    #expect(text.contains("tenure = unknown"), "\(text)")
    #expect(text.contains("base -2.400 and all factors make a margin of -1.500"), "\(text)")
    let none = absent.map { ScoreView.lines($0, context) } ?? []
    #expect(none.first?.contains("c2 is not eligible") == true, "\(none)")
    #expect(none.last == "NEXT covey propensity show churn")
  }
}

extension String {
  fileprivate func components(_ part: String) -> [Substring] {
    split(separator: part, omittingEmptySubsequences: false)
  }
}
