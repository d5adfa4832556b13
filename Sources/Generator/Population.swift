import Bytes

/// Who there is, and how the events are dealt out: a few customers have most of them.
///
/// Every customer is known by the seed and a number alone, so nothing is kept of those written.
struct Population {
  /// The year of the events, in milliseconds since 1970: 2025, to the start of 2026.
  static let yearStart = 1_735_689_600_000
  static let yearEnd = 1_767_225_600_000

  let seed: UInt64
  let profileCount: Int
  let eventCount: Int
  /// The sum of all customers' weights, at least 1.
  private let weightTotal: Int

  init(seed: UInt64, profileCount: Int, eventCount: Int) {
    self.seed = seed
    self.profileCount = profileCount
    self.eventCount = eventCount
    var total = 0
    if eventCount > 0 {
      for number in 0..<profileCount { total += Population.weight(number, Self.seed(number, seed)) }
    }
    weightTotal = max(1, total)
  }

  /// A customer as far as the events need to know them.
  struct Member {
    var number: Int
    var seed: UInt64
    var eventCount: Int
    /// When the profile was created, in milliseconds; no event is earlier.
    var createdAt: Int
  }

  /// Walks over all customers in order.
  struct Members: Sequence, IteratorProtocol {
    fileprivate let population: Population
    private var number = 0
    /// Events of all customers so far: `eventCount * weight / weightTotal`, cut to whole.
    private var dealt = 0
    private var weight = 0

    fileprivate init(_ population: Population) { self.population = population }

    mutating func next() -> Member? {
      guard number < population.profileCount else { return nil }
      let seed = Population.seed(number, population.seed)
      var eventCount = 0
      if population.eventCount > 0 {
        weight += Population.weight(number, seed)
        let target = scaled(population.eventCount, by: weight, over: population.weightTotal)
        eventCount = target - dealt
        dealt = target
      }
      defer { number += 1 }
      return Member(
        number: number,
        seed: seed,
        eventCount: eventCount,
        createdAt: Population.creation(seed)
      )
    }
  }

  var members: Members { Members(self) }

  /// A seed of its own for each number under one seed.
  static func seed(_ number: Int, _ seed: UInt64) -> UInt64 {
    var random = SeededRandom(seed: seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
    return random.next()
  }

  /// A share of the events: none for one customer in ten, else Pareto with exponent 1, cut where it
  /// is about a hundred times the average.
  private static func weight(_ number: Int, _ seed: UInt64) -> Int {
    var random = SeededRandom(seed: seed ^ 0x5745_4947_4854)
    if number > 0, random.oneIn(10) { return 0 }
    return 1 << 20 / (64 + random.below(1 << 16))
  }

  /// Three customers in ten are new in the year, the rest came in the six years before.
  private static func creation(_ seed: UInt64) -> Int {
    var random = SeededRandom(seed: seed ^ 0x4352_4541_5445)
    let day = Int(CivilTime.millisecondsPerDay)
    if random.below(10) < 3 { return yearStart + random.below(yearEnd - day - yearStart) }
    return yearStart - 1 - random.below(6 * 365 * day)
  }
}

/// `value * numerator / denominator`, cut to whole, without overflow between.
///
/// All are at least 0, and the numerator is at most the denominator.
func scaled(_ value: Int, by numerator: Int, over denominator: Int) -> Int {
  let product = value.magnitude.multipliedFullWidth(by: numerator.magnitude)
  return Int(denominator.magnitude.dividingFullWidth(product).quotient)
}
