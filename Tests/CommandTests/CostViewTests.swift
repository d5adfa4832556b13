import Bytes
import Domain
import Testing
import covey

/// What segments took, as a listing and as data.
@Suite struct CostViewTests {
  private static let job = """
    {"id":"job-3","kind":"evaluate","set":"shop","state":"done","asOf":"1998-07-01T00:00:00Z",
     "elapsedMilliseconds":1234,"profiles":100,"events":900,"segments":3,
     "results":[
      {"segment":"cheap","members":1,"milliseconds":0,"nanoseconds":100000,"rows":300,"steps":0,
       "ownNanoseconds":0,"ownRows":0,"ownSteps":0},
      {"segment":"dear","members":2,"milliseconds":1500,"nanoseconds":1700000000,"rows":4350,
       "steps":800000,"ownNanoseconds":1500000000,"ownRows":4000,"ownSteps":800000},
      {"segment":"fair","members":3,"milliseconds":299,"nanoseconds":299900000,"rows":420,
       "steps":900,"ownNanoseconds":3300000,"ownRows":70,"ownSteps":900}],
     "sharedCosts":[
      {"kind":"program","part":"putting conditions together","segments":3,"nanoseconds":300000,
       "rows":100,"steps":0},
      {"kind":"events","part":"events 'view': sku","segments":2,"resultNumbers":[1,2],
       "nanoseconds":400000000,"rows":700,"steps":0},
      {"kind":"values","part":"values of age","segments":1,"resultNumbers":[2],
       "nanoseconds":96400000,"rows":200,"steps":0}]}
    """

  @Test func `the costliest segments come first, then what they share`() throws {
    let costs = CostView.document(try document(Self.job).value, countMax: 2)

    #expect(
      CostView.lines(Document(costs), noon) == [
        "job-3  evaluate of shop  DONE",
        "3 segments in 1.2s; threads worked 2.0s: 1.5s for single segments, 496ms for what they share",
        "SEGMENT               TIME   SHARE  ALONE   ROWS    STEPS",
        "dear                  1.7s   85.0%   1.5s  4,350  800,000",
        "fair                 299ms   15.0%  3.3ms    420      900",
        "(1 cheaper segment)  100us   <0.1%      0    300        0",
        "(all)                 2.0s  100.0%   1.5s  5,070  800,900",
        "SHARED               TIME   SHARE  SEGMENTS   ROWS    STEPS",
        "events 'view': sku  400ms   20.0%         2    700        0",
        "values of age        96ms    4.8%         1    200        0",
        "(1 cheaper part)    300us   <0.1%              100        0",
        "(single segments)    1.5s   75.2%            4,070  800,900",
        "(all)                2.0s  100.0%            5,070  800,900",
        "'--top N' shows more",
      ]
    )
  }

  @Test func `as data there is everything, and each table's rows are together the whole`() throws {
    let costs = CostView.document(try document(Self.job).value, countMax: nil)

    #expect(costs["job"]?.text == "job-3")
    let segments = try #require(costs["segments"]?.elements)
    let parts = try #require(costs["shared"]?.elements)
    #expect(segments.map { $0["segment"]?.text } == ["dear", "fair", "cheap"])
    #expect(segments[0]["share"] == .double(0.85))
    #expect(segments[0]["ownSteps"] == .integer(800_000))
    #expect(parts.map { $0["kind"]?.text } == ["events", "values", "program"])
    #expect(
      parts.map { $0["segmentIds"]?.elements?.compactMap(\.text) } == [
        ["dear", "fair"], ["fair"], ["cheap", "dear", "fair"],
      ]
    )
    for (name, own) in [
      ("nanoseconds", "ownNanoseconds"), ("rows", "ownRows"), ("steps", "ownSteps"),
    ] as [(Text, Text)] {
      let whole = try #require(costs[name]?.integer)
      #expect(segments.compactMap { $0[name]?.integer }.reduce(0, +) == whole)
      let alone = try #require(costs[own]?.integer)
      #expect(parts.compactMap { $0[name]?.integer }.reduce(alone, +) == whole)
    }
    #expect(costs["otherSegments"] == nil && costs["otherShared"] == nil)
  }

  @Test func `what is left out is told together`() throws {
    let costs = CostView.document(try document(Self.job).value, countMax: 1)

    #expect(costs["otherSegments"]?["count"] == .integer(2))
    #expect(costs["otherSegments"]?["nanoseconds"] == .integer(300_000_000))
    #expect(costs["otherSegments"]?["ownRows"] == .integer(70))
    #expect(costs["otherShared"]?["count"] == .integer(2))
    #expect(costs["otherShared"]?["rows"] == .integer(300))
  }

  @Test func `a job names the costliest of its segments`() throws {
    let lines = JobsView.page(try document(Self.job), noon)

    #expect(
      lines.last
        == "cost: segments share 24.8%; 'dear' took most, 85.0%; 'covey segments cost job-3' tells more"
    )
  }

  @Test func `a segment that used up its steps is named`() throws {
    let failed = try document(
      """
      {"id":"job-4","kind":"evaluate","set":"shop","state":"failed","next":"covey segments explain slow 00042",
       "error":{"code":"FAILED","message":"segment 'slow' has no answer for profile '00042': it takes more than 50000000 steps"}}
      """
    )

    let costs = CostView.document(failed.value, countMax: 5)

    #expect(
      CostView.lines(Document(costs), noon) == [
        "job-4  evaluate of shop  FAILED",
        "error FAILED: segment 'slow' has no answer for profile '00042': it takes more than 50000000 steps",
        "NEXT covey segments explain slow 00042",
      ]
    )
  }

  @Test func `a job that runs has no costs yet`() throws {
    let running = try document(
      #"{"id":"job-5","kind":"evaluate","set":"shop","state":"running"}"#
    )

    let costs = CostView.document(running.value, countMax: 5)

    #expect(
      CostView.lines(Document(costs), noon) == [
        "job-5  evaluate of shop  RUNNING", "no costs are known until it is done",
      ]
    )
  }
}
