import Bytes
import Domain
import Testing
import covey

@Suite struct DataViewTests {
  private static let schema = """
    {"set":"shop","profiles":2,"events":3,"profile":[
     {"path":"address","depth":0,"type":"object","count":2,"fillRate":1,"samples":[]},
     {"path":"address.city","depth":1,"type":"string","count":1,"fillRate":0.5,"samples":["Bern"]},
     {"path":"address.tags","depth":1,"type":"array","count":1,"fillRate":0.5,"samples":[]},
     {"path":"address.tags[]","depth":2,"type":"variant","count":4,"fillRate":1,"samples":["1","x"]}],
     "event":[]}
    """

  @Test func `a schema is a tree of fields with types, fill rates and samples`() throws {
    let lines = SchemaView.lines(try document(Self.schema), noon)

    #expect(
      lines == [
        "set shop: 2 profiles", "FIELD    TYPE     FILLED  SAMPLES", "address  object   100.0%",
        "  city   string    50.0%  Bern", "  tags   array     50.0%",
        "    []   variant  100.0%  1, x", "", "events (xEvent): 3", "  no events",
      ]
    )
  }

  @Test func `on a terminal the tree has its lines`() throws {
    let wide = ViewContext(style: Style(hasColour: false, width: 200), now: noon.now)

    let lines = SchemaView.lines(try document(Self.schema), wide)

    #expect(lines[3].hasPrefix("├─ city"))
    #expect(lines[4].hasPrefix("└─ tags"))
    #expect(lines[5].hasPrefix("   └─ []"))
  }

  @Test func `audiences have counts, shares and what changed`() throws {
    let audiences = try document(
      """
      {"audiences":[{"segment":"big","name":"Big spenders","set":"shop","members":1178,
       "profiles":23570,"realized":20,"exited":3,"existing":1158,"asOf":"1998-07-01T00:00:00Z",
       "isCurrent":false}]}
      """
    )

    #expect(
      AudiencesView.lines(audiences, noon) == [
        "AUDIENCE  MEMBERS  SHARE  NEW  STAYED  LEFT  AS-OF                 NAME          NOTE",
        "big         1,178   5.0%   20   1,158     3  1998-07-01T00:00:00Z  Big spenders  stale",
      ]
    )
    #expect(
      AudiencesView.lines(try document("{}"), noon) == [
        "no audience has been evaluated yet", "NEXT covey evaluate SET",
      ]
    )
  }

  @Test func `an overlap is a matrix with shares of the row's audience`() throws {
    let overlap = try document(
      """
      {"set":"shop","audiences":["big","late"],"counts":[[200,50],[50,1000]],"profiles":5000,
       "asOf":"1998-07-01T00:00:00Z"}
      """
    )

    #expect(
      AudiencesView.overlap(overlap, noon) == [
        "set shop, 5,000 profiles, as of 1998-07-01T00:00:00Z",
        "MEMBERS OF BOTH          1           2", "1 big                  200  50 (25.0%)",
        "2 late           50 (5.0%)       1,000", "percentages are of the audience of the row",
      ]
    )
  }

  @Test func `a profile shows attributes by path, its newest events and memberships`() throws {
    let profile = try document(
      """
      {"set":"shop","key":"00042","attributes":{"person":{"name":"Ann\\u0007","age":40},"tags":["a"]},
       "events":[{"timestamp":"1997-01-01","amount":3},{"timestamp":"1997-02-01","eventType":"buy",
       "order":{"total":9.5}}],"memberships":{"ups":{"big":{"status":"realized",
       "lastQualificationTime":"1998-07-01T00:00:00Z","version":2}}}}
      """
    )

    #expect(
      ProfileView.lines(profile, eventCountMax: 1, noon) == [
        "profile 00042 of set shop", "", "ATTRIBUTES", "person.age   40",
        "person.name  Ann\\u{7}", "tags         [\"a\"]", "", "EVENTS 2",
        "  1 earlier ones; '--events N' shows more", "TIMESTAMP   TYPE  FIELDS",
        "1997-02-01  buy   order.total=9.5", "", "MEMBERSHIPS",
        "SEGMENT  STATUS    SINCE                 VERSION",
        "big      realized  1998-07-01T00:00:00Z        2",
      ]
    )
  }

  @Test func `an explanation says in or out, then the rule with its values`() throws {
    let explanation = try document(
      """
      {"set":"shop","segment":"big","profile":"00042","isMember":true,"asOf":"1998-07-01T00:00:00Z",
       "nextChange":{"at":"1998-07-04T10:00:00Z","isMember":false},
       "lines":["total >= 500 → true","  total → 512"],
       "membership":{"status":"realized","lastQualificationTime":"1998-07-01T00:00:00Z"}}
      """
    )

    #expect(
      ProfileView.explanation(explanation, noon) == [
        "00042 is IN big as of 1998-07-01T00:00:00Z",
        "until 1998-07-04T10:00:00Z if nothing happens, then it leaves", "",
        "  total >= 500 → true", "    total → 512", "",
        "stored: realized since 1998-07-01T00:00:00Z",
      ]
    )
  }

  @Test(arguments: [
    (
      #"{"at":"1998-07-04T00:00:00Z","isMember":true}"#,
      "until 1998-07-04T00:00:00Z if nothing happens, then it enters"
    ),
    (#"{"never":true}"#, "for ever if nothing happens"),
    (
      #"{"notBefore":"2008-07-01T00:00:00Z"}"#,
      "until 2008-07-01T00:00:00Z at least if nothing happens"
    ),
  ])
  func `an explanation says until when the answer stays`(change: String, line: String) throws {
    let explanation = try document(
      """
      {"set":"shop","segment":"big","profile":"00042","isMember":false,
       "asOf":"1998-07-01T00:00:00Z","nextChange":\(change),"lines":[]}
      """
    )

    let lines = ProfileView.explanation(explanation, noon)

    #expect(lines.prefix(2) == ["00042 is NOT IN big as of 1998-07-01T00:00:00Z", line])
  }

  @Test func `applying definitions shows what changes and no more`() throws {
    let changes = try document(
      """
      {"isDryRun":true,"changes":[{"id":"a","change":"added"},{"id":"b","change":"unchanged"},
       {"id":"c","change":"removed"},{"id":"d","change":"changed"}],
       "added":1,"changed":1,"removed":1,"unchanged":1}
      """
    )

    #expect(
      SegmentsView.changes(changes, noon) == [
        "+ a", "- c", "~ d",
        "1 added, 1 changed, 1 removed, 1 unchanged; nothing was changed, this was a dry run",
      ]
    )
  }

  @Test func `an import tells rows, pace and what the set holds`() throws {
    let done = try document(
      """
      {"importId":"ab12","job":"job-1","set":"shop","attributeRows":1000,"eventRows":3000,
       "rejected":0,"profiles":1000,"events":3000,"isRepeated":false}
      """
    )

    #expect(
      ImportView.lines(done, elapsedMilliseconds: 2_000, fileByteCount: 8_000_000) == [
        "imported 1,000 profile rows and 3,000 event rows into shop, 0 rejected",
        "shop holds 1,000 profiles and 3,000 events", "took 2.0s: 2,000 rows/s, 4.0 MB/s",
        "import id ab12",
      ]
    )
  }
}
