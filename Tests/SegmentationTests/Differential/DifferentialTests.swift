import Bytes
import Domain
import Glibc
import PQL
import ProfileStore
import Segmentation
import Testing

/// The program of many definitions held against the reference interpreter on random data.
///
/// `COVEY_PAIRS` is how many pairs of a definition and a profile are tried, `COVEY_SEED` the first
/// seed; a failure prints its own.
@Suite struct DifferentialTests {
  private static let seed = setting("COVEY_SEED") ?? 1
  private static let pairCount = setting("COVEY_PAIRS") ?? 24_000
  private static let partCount = 4
  private static let definitionCount = 12
  private static let profileCount = 50
  /// One of so many definitions is evaluated alone too.
  private static let aloneInterval = 3
  private static let stepCountMax = 20_000
  private static let now = Instant(milliseconds: 1_773_576_000_000)

  @Test(arguments: 0..<partCount)
  func `a program says of every profile what the reference interpreter says`(part: Int) throws {
    let count = max(1, Self.pairCount / Self.partCount / Self.definitionCount / Self.profileCount)
    let first = Self.seed + part * count
    var failureCount = 0
    for seed in first..<first + count {
      let data = try ProgramData(
        seed: UInt64(seed),
        profileCount: Self.profileCount,
        blockProfileCount: [9, 20, 50][seed % 3]
      )
      let definitions = try Self.definitions(seed: UInt64(seed))
      for failure in try Self.failures(of: definitions, data, seed: seed) {
        Issue.record("\(failure)")
        failureCount += 1
        if failureCount == 3 { return }
      }
    }
  }

  @Test(arguments: 0..<2)
  func `a program of halves that were compiled side by side says the same`(part: Int) throws {
    let seed = Self.seed + 1_000 + part
    let data = try ProgramData(seed: UInt64(seed), profileCount: 20, blockProfileCount: 9)
    let definitions = try Self.definitions(seed: UInt64(seed), count: 140)
    let failures = try Self.failures(of: definitions, data, seed: seed)
    #expect(failures.isEmpty, "\(failures.prefix(3).joined(separator: "\n"))")
  }

  @Test(arguments: [2_048, StoreOptions.blockProfileCountMax])
  func `large blocks, the last one not full, say the same`(blockProfileCount: Int) throws {
    let seed = Self.seed + 2_000
    let data = try ProgramData(
      seed: UInt64(seed),
      profileCount: 2_701,
      blockProfileCount: blockProfileCount
    )
    let definitions = try Self.definitions(seed: UInt64(seed), count: 6)
    let failures = try Self.failures(of: definitions, data, seed: seed)
    #expect(failures.isEmpty, "\(failures.prefix(3).joined(separator: "\n"))")
  }

  // MARK: What has to hold

  /// What is wrong with the definitions on some data, with the smallest case that shows it.
  private static func failures(
    of definitions: [ProgramDefinition],
    _ data: ProgramData,
    seed: Int
  ) throws -> [String] {
    let program = try self.program(definitions)
    let wanted = try program.referenceMembers(data.snapshot, asOf: now)
    let together = try program.members(data.snapshot, asOf: now)
    let byTwo = try program.members(data.snapshot, asOf: now, threadCount: 2)
    var failures: [String] = []
    if together.members != byTwo.members || together.failures != byTwo.failures {
      failures.append("seed \(seed): two threads find other members than one")
    }
    for (index, definition) in definitions.enumerated() {
      if wanted.failures[index] != nil || Self.lacksGround(index, definitions, wanted) { continue }
      if together.failures[index] == nil, together.members[index] == wanted.members[index] {
        if index % aloneInterval == 0, differsAlone(definition, data) {
          failures.append(shown(definition, data, seed, alone: true))
        }
        continue
      }
      failures.append(shown(definition, data, seed, alone: differsAlone(definition, data)))
    }
    return failures
  }

  /// Whether it asks about a definition without answers.
  private static func lacksGround(
    _ index: Int,
    _ definitions: [ProgramDefinition],
    _ wanted: ShardMembers
  ) -> Bool {
    definitions[..<index].indices.contains { earlier in
      let isAsked = definitions[index].expression.string.contains("\"\(definitions[earlier].id)\"")
      return isAsked
        && (wanted.failures[earlier] != nil || lacksGround(earlier, definitions, wanted))
    }
  }

  private static func shown(
    _ definition: ProgramDefinition,
    _ data: ProgramData,
    _ seed: Int,
    alone: Bool
  ) -> String {
    guard alone, let query = try? Query.parse(definition.expression) else {
      return "seed \(seed), among others: \(definition.expression)"
    }
    let shrinker = ProgramShrinker { query in
      var smaller = definition
      smaller.expression = query.text()
      return differsAlone(smaller, data)
    }
    let small = shrinker.shrunk(query)
    var smaller = definition
    smaller.expression = small.text()
    return """
      seed \(seed), zone \(definition.timeZone?.string ?? "UTC")
      program: \(definition.expression)
      shrunk:  \(small.text())
      which:   \(difference(smaller, data) ?? "")
      """
  }

  private static func differsAlone(_ definition: ProgramDefinition, _ data: ProgramData) -> Bool {
    difference(definition, data) != nil
  }

  /// A profile of which a definition alone says something else.
  private static func difference(
    _ definition: ProgramDefinition,
    _ data: ProgramData
  ) -> String? {
    guard let program = try? program([definition]),
      let wanted = try? program.referenceMembers(data.snapshot, asOf: now),
      wanted.failures[0] == nil
    else { return nil }
    guard let found = try? program.members(data.snapshot, asOf: now) else { return "an error" }
    if let failure = found.failures[0] { return "\(failure)" }
    for ordinal in 0..<Int(data.snapshot.contents.profileCount) {
      let isWanted = wanted.members[0].contains(ordinal)
      guard found.members[0].contains(ordinal) != isWanted else { continue }
      let (block, row) = data.snapshot.locate(ordinal)
      let profile = try? data.snapshot.block(block).profile(row)
      let text = profile.map { String(decoding: $0.json(), as: UTF8.self) } ?? ""
      return "\(isWanted ? "no member" : "a member"): \(text)"
    }
    return nil
  }

  // MARK: Definitions

  private static func program(_ definitions: [ProgramDefinition]) throws -> SegmentProgram {
    try SegmentProgram(
      definitions,
      zones: DefinitionDocumentTests.zones,
      stepCountMax: stepCountMax
    )
  }

  /// Definitions of both kinds, each of which is accepted alone.
  private static func definitions(
    seed: UInt64,
    count: Int = definitionCount
  ) throws -> [ProgramDefinition] {
    var plain = SegmentPrograms(seed: seed)
    var wild = RandomPrograms(seed: seed)
    var random = SeededRandom(seed: seed)
    var definitions: [ProgramDefinition] = []
    while definitions.count < count {
      let number = definitions.count
      let expression = random.oneIn(3) ? wild.next().text() : Text(plain.next())
      let definition = ProgramDefinition(
        id: try #require(Name(number < 2 ? "s\(number + 1)" : "d\(number)")),
        version: 1,
        expression: expression,
        timeZone: random.oneIn(4) ? "Europe/Oslo" : nil
      )
      // The first two are asked about by the others.
      if number < 2, expression.string.contains("inSegment") { continue }
      if (try? program([definition])) != nil { definitions.append(definition) }
    }
    return definitions
  }

  private static func setting(_ name: String) -> Int? {
    guard let value = getenv(name) else { return nil }
    return Int(String(cString: value))
  }
}
