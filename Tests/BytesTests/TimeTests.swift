import Bytes
import Testing

@Suite struct TimeTests {
  @Test func `every day of 400 years follows the day before`() {
    var expected = (year: 1899, month: 12, day: 31)
    let first = CivilTime.days(year: 1899, month: 12, day: 31)
    for days in first..<(first + 146_098) {
      let date = CivilTime.date(days: days)
      #expect(date == expected)
      #expect(CivilTime.days(year: date.year, month: date.month, day: date.day) == days)
      expected.day += 1
      if expected.day > CivilTime.dayCount(year: expected.year, month: expected.month) {
        expected = (expected.year, expected.month + 1, 1)
        if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
      }
    }
    #expect(expected == (2300, 1, 1))
  }

  @Test(arguments: [
    (1970, 1, 1, 0, 3), (2000, 3, 1, 11_017, 2), (1, 1, 1, -719_162, 0),
    (9999, 12, 31, 2_932_896, 4), (1969, 12, 31, -1, 2), (-4, 2, 29, -720_930, 3),
  ])
  func `known dates have their number and weekday`(
    year: Int,
    month: Int,
    day: Int,
    days: Int,
    weekday: Int
  ) {
    #expect(CivilTime.days(year: year, month: month, day: day) == days)
    #expect(CivilTime.date(days: days) == (year, month, day))
    #expect(CivilTime.weekday(days: days) == weekday)
  }

  @Test func `a time before 1970 counts down from midnight`() {
    let time = CivilTime(milliseconds: -1)
    #expect(
      time
        == CivilTime(
          year: 1969,
          month: 12,
          day: 31,
          hour: 23,
          minute: 59,
          second: 59,
          millisecond: 999
        )
    )
    #expect(time.milliseconds == -1)
  }

  @Test(
    arguments: [
      ("2026-03-15", 1_773_532_800_000, nil, true),
      ("2026-03-15T12:00", 1_773_576_000_000, nil, false),
      ("2026-03-15T12:00:30", 1_773_576_030_000, nil, false),
      ("2026-03-15T12:00:30.5", 1_773_576_030_500, nil, false),
      ("2026-03-15T12:00:30.123999", 1_773_576_030_123, nil, false),
      ("2026-03-15T12:00Z", 1_773_576_000_000, 0, false),
      ("2026-03-15T12:00:00+01:00", 1_773_576_000_000, 60, false),
      ("2026-03-15T12:00:00-0130", 1_773_576_000_000, -90, false),
      ("2024-02-29", 1_709_164_800_000, nil, true),
    ] as [(String, Int64, Int?, Bool)]
  )
  func `the forms of ISO 8601 are read`(
    text: String,
    wall: Int64,
    offset: Int?,
    isDateOnly: Bool
  ) throws {
    let time = try #require(TimeText(Text(text)))
    #expect(time.wallMilliseconds == wall)
    #expect(time.offsetMinutes == offset)
    #expect(time.isDateOnly == isDateOnly)
    #expect(time.instant.milliseconds == wall - Int64(offset ?? 0) * 60_000)
  }

  @Test(arguments: [
    "", "2026", "2026-03", "2026-3-15", "20260315", "2026-03-15T", "2026-03-15T1", "2026-03-15T12",
    "2026-03-15T12:", "2026-03-15T12:00:", "2026-03-15T12:00:00.", "2026-03-15T12:00:00.5.5Z",
    "2026-03-15T24:00:00Z", "2026-03-15T23:60", "2026-03-15T23:59:60Z", "2026-13-01", "2026-00-01",
    "2026-04-31", "2025-02-29", "2100-02-29", "0000-01-01", "2026-03-15 12:00",
    "2026-03-15t12:00:00Z", "2026-03-15T12:00:00z", "2026-03-15T12:00:00+25:00",
    "2026-03-15T12:00:00+01:60", "2026-03-15T12:00:00+01", "2026-03-15T12:00:00+1:00",
    "2026-03-15T12:00:00 Z", "2026-03-15Z", " 2026-03-15", "2026-03-15 ", "+2026-03-15",
    "２026-03-15", "2026-03-15T12:00:00ZZ", "2026-03-15T12:00.5Z",
  ])
  func `other texts are no times`(text: String) {
    #expect(TimeText(Text(text)) == nil)
  }

  @Test func `the relaxed and the RFC 3339 spellings differ in what they want`() {
    let forms: [(String, Bool, Bool)] = [
      ("2026-03-15 12:00:00Z", true, true),
      ("2026-03-15t12:00:00z", true, true),
      ("2026-03-15 12:00:00 +01:00", true, false),
      ("2026-03-15 12:00:00", true, false),
      ("2026-03-15 12:00", true, false),
      ("2026-03-15", true, false),
      ("2026-03-15T12:00:00+0100", true, false),
      ("2026-03-15T12:00:00.25-01:00", true, true),
      ("2026-03-15  12:00:00Z", false, false),
    ]
    for (text, relaxed, rfc3339) in forms {
      #expect((TimeText(Text(text), style: .relaxed) != nil) == relaxed, "\(text)")
      #expect((TimeText(Text(text), style: .rfc3339) != nil) == rfc3339, "\(text)")
    }
  }

  @Test func `instants are cut to the years 1 to 9999`() throws {
    let before = try #require(TimeText("0001-01-01T00:00:00+23:59"))
    let after = try #require(TimeText("9999-12-31T23:59:59.999-01:00"))
    #expect(before.instant == .earliest)
    #expect(after.instant == .latest)
    #expect(Instant(milliseconds: .min).iso == "0001-01-01T00:00:00Z")
    #expect(Instant(milliseconds: .max).iso == "9999-12-31T23:59:59.999Z")
  }

  @Test func `what is written reads back`() throws {
    #expect(Instant(milliseconds: 0).iso == "1970-01-01T00:00:00Z")
    #expect(Instant(milliseconds: 1).iso == "1970-01-01T00:00:00.001Z")
    var random = SeededRandom(seed: 4)
    for _ in 0..<5_000 {
      let span = Instant.latest.milliseconds - Instant.earliest.milliseconds
      let instant = Instant(
        milliseconds: Instant.earliest.milliseconds + Int64(random.below(Int(span)))
      )
      let time = try #require(TimeText(Text(instant.iso)))
      #expect(time.instant == instant)
      #expect(TimeText(Text(instant.iso), style: .rfc3339) == time)
    }
  }
}
