import Testing
import covey

@Suite struct TerminalTests {
  @Test func `a table aligns text left and numbers right`() {
    var table = Table([.text("NAME"), .number("COUNT"), .text("EMPTY"), .elastic("REASON")])
    table.add(["shop", "12", "", "ok"])
    table.add(["日本", "1,234", "", ""])

    #expect(
      table.lines(.plain) == [
        "NAME  COUNT  REASON",
        "shop     12  ok",
        "日本  1,234",
      ]
    )
  }

  @Test func `a narrow terminal cuts the elastic column and nothing else`() {
    var table = Table([.text("NAME"), .elastic("REASON")])
    table.add(["w1", "no heartbeat for 42 seconds"])

    let lines = table.lines(Style(hasColour: false, width: 22))

    #expect(lines == ["NAME  REASON", "w1    no heartbeat fo…"])
  }

  @Test func `states have colours on a terminal only`() {
    var table = Table([.text("STATE"), .text("NAME")])
    table.add([.state("lost"), "w1"])

    #expect(table.lines(.plain)[1] == "lost   w1")
    #expect(table.lines(Style(hasColour: true))[1] == "\u{1B}[31mlost\u{1B}[0m   w1")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
    (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `counts have their thousands apart`(number: Int, text: String) {
    #expect(Human.count(number) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (9_949, "9.9 kB"), (9_951, "10 kB"),
    (999_499, "999 kB"), (999_500, "1.0 MB"), (412_000_000, "412 MB"), (Int.max, "9.2 EB"),
  ])
  func `sizes are in the largest unit`(bytes: Int, text: String) {
    #expect(Human.size(bytes: bytes) == text)
  }

  @Test(arguments: [
    (0, 10, "0.0%"), (1, 3, "33.3%"), (3, 3, "100.0%"), (1, 1_000_000, "<0.1%"),
    (999_999, 1_000_000, ">99.9%"), (0, 0, "–"),
  ])
  func `a share that is not all or nothing does not look like it`(
    part: Int,
    whole: Int,
    text: String
  ) {
    #expect(Human.percentage(part, of: whole) == text)
  }

  @Test(arguments: [
    (0, "0ms", "0s"), (999, "999ms", "0s"), (4_240, "4.2s", "4s"), (192_000, "3m 12s", "3m"),
    (7_500_000, "2h 05m", "2h"), (530_000_000, "147h 13m", "6d"),
  ])
  func `times are told in their largest units`(milliseconds: Int, elapsed: String, age: String) {
    #expect(DurationText.elapsed(milliseconds: milliseconds) == elapsed)
    #expect(DurationText.age(milliseconds: milliseconds) == age)
  }

  @Test func `progress is written anew on a terminal, not too often, and taken away`() {
    let recording = RecordingTerminal(messagesAreLive: true)
    let line = ProgressLine(recording.terminal, isWanted: false)

    line.show("early")
    recording.clock.advance(milliseconds: 300)
    line.show("one")
    line.show("too soon")
    recording.clock.advance(milliseconds: 100)
    line.show("two")
    line.clear()
    line.clear()

    #expect(recording.messages == "\r\u{1B}[Kone\r\u{1B}[Ktwo\r\u{1B}[K")
  }

  @Test func `progress in a file comes in lines for who asks for it`() {
    let recording = RecordingTerminal()
    let wanted = ProgressLine(recording.terminal, isWanted: true)
    let unwanted = ProgressLine(recording.terminal, isWanted: false)

    for step in 0..<12 {
      recording.clock.advance(milliseconds: 1_000)
      wanted.show("step \(step)")
      unwanted.show("nobody asked")
    }

    #expect(recording.messages == "step 0\nstep 5\nstep 10\n")
  }

  @Test func `progress tells share, pace and time left`() {
    let early = ProgressLine.text("reading", bytes: 1_000, of: 100_000, elapsedMilliseconds: 100)
    let later = ProgressLine.text(
      "reading",
      bytes: 50_000_000,
      of: 200_000_000,
      elapsedMilliseconds: 1_000
    )

    #expect(early == "reading 1.0 kB of 100 kB, 1%, 10 kB/s")
    #expect(later == "reading 50 MB of 200 MB, 25%, 50 MB/s, 3s left")
  }

  @Test func `what destroys needs a yes where nobody can be asked`() {
    let terminal = RecordingTerminal().terminal

    #expect(
      throws: CommandFailure(
        .usage,
        "this needs a person's yes; add '--yes' to go on without asking"
      )
    ) { try terminal.confirm("drop it?", isConfirmed: false) }
    #expect(throws: Never.self) { try terminal.confirm("drop it?", isConfirmed: true) }
  }

  @Test func `the first signal is handled, without handler or a second time it ends`() {
    let plain = Termination()
    plain.signal("SIGINT")
    #expect(plain.wait() == .interrupted)

    let tidy = Termination()
    tidy.onSignal { name in if name == "SIGTERM" { tidy.end(.success) } }
    tidy.signal("SIGTERM")
    tidy.signal("SIGTERM")
    #expect(tidy.wait() == .success)
    #expect(tidy.wait() == .interrupted)
    #expect(tidy.isRequested)
  }
}
