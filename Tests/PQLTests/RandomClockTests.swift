import Bytes
import Domain
import Glibc
import PQL
import Testing

/// Going on from change to change, held against evaluation at every instant by random programs.
///
/// `COVEY_PROGRAMS` is how many are tried, `COVEY_SEED` the first seed; a failure prints its own.
@Suite struct RandomClockTests {
  private static let seed = setting("COVEY_SEED") ?? 1
  private static let partCount = 4

  @Test(arguments: 0..<partCount)
  func `an answer changes when it is said to and at no other instant`(part: Int) {
    let count = max(1, (Self.setting("COVEY_PROGRAMS") ?? 800) / Self.partCount)
    let first = Self.seed + part * count
    var changing = 0
    var incomplete = 0
    var failures = 0
    for seed in first..<first + count {
      let isAboutTime = seed % 4 != 0
      var programs = RandomPrograms(seed: UInt64(seed), isAboutTime: isAboutTime)
      let query = programs.next()
      guard let checked = try? query.checked() else { continue }
      let clockCase = ClockCase(seed: UInt64(seed))
      let outcome = clockCase.outcome(checked)
      if outcome.changeCount > 0 { changing += 1 }
      if !outcome.isComplete { incomplete += 1 }
      guard let failure = outcome.failure else { continue }
      Self.report(failure, of: query, in: clockCase)
      failures += 1
      if failures == 3 { return }
    }

    #expect(changing >= count / 20, "only \(changing) of \(count) ever change")
    #expect(incomplete <= count / 25, "\(incomplete) of \(count) are not followed to the end")
  }

  private static func report(_ failure: String, of query: Query, in clockCase: ClockCase) {
    func failure(_ query: Query) -> String? {
      (try? query.checked()).flatMap { clockCase.outcome($0).failure }
    }
    let small = ProgramShrinker { failure($0) != nil }.shrunk(query)
    Issue.record(
      """
      seed \(clockCase.seed): \(failure)
      program: \(query.text())
      shrunk:  \(small.text())
      which:   \(failure(small) ?? "")
      zone:    \(clockCase.zone.name)
      profile: \(String(decoding: clockCase.profile.json(), as: UTF8.self))
      """
    )
  }

  private static func setting(_ name: String) -> Int? {
    guard let value = getenv(name) else { return nil }
    return Int(String(cString: value))
  }
}
