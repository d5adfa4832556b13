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
      {"segment":"cheap","members":1,"milliseconds":0,"nanoseconds":0,"rows":0,"steps":0},
      {"segment":"dear","members":2,"milliseconds":1500,"nanoseconds":1500000000,"rows":4000,"steps":800000},
      {"segment":"fair","members":3,"milliseconds":3,"nanoseconds":3300000,"rows":70,"steps":900}],
     "sharedCosts":[{"name":"columns","rows":1000,"nanoseconds":496700000}]}
    """

  @Test func `the costliest segments come first, then what all share`() throws {
    let costs = CostView.document(try document(Self.job).value, countMax: 2)

    #expect(
      CostView.lines(Document(costs), noon) == [
        "job-3  evaluate of shop  DONE",
        "3 segments in 1.2s; threads worked 2.0s, 496ms of it for all together",
        "SEGMENT     TIME  SHARE   ROWS    STEPS",
        "dear        1.5s  75.0%  4,000  800,000",
        "fair       3.3ms   0.2%     70      900",
        "(columns)  496ms  24.8%  1,000",
        "  1 cheaper one; '--top N' shows more",
      ]
    )
  }

  @Test func `as data there are all segments with their shares`() throws {
    let costs = CostView.document(try document(Self.job).value, countMax: nil)

    #expect(costs["job"]?.text == "job-3")
    #expect(costs["nanoseconds"] == .integer(2_000_000_000))
    #expect(costs["sharedNanoseconds"] == .integer(496_700_000))
    #expect(costs["segments"]?.elements?.map { $0["segment"]?.text } == ["dear", "fair", "cheap"])
    #expect(costs["segments"]?.elements?.first?["share"] == .double(0.75))
    #expect(costs["segments"]?.elements?.first?["steps"] == .integer(800_000))
    #expect(costs["shared"]?.elements?.first?["rows"] == .integer(1_000))
  }

  @Test func `a job names the costliest of its segments`() throws {
    let lines = JobsView.page(try document(Self.job), noon)

    #expect(
      lines.last
        == "cost: 24.8% for all segments together, 75.0% for 'dear' alone; 'covey segments cost job-3' tells more"
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
