import Bytes

/// One customer's attributes, as indices and numbers.
struct Customer {
  var number: Int
  var firstName: Int
  var lastName: Int
  var domain: Int
  /// Days since 1970; `nil` where it was never asked.
  var birthDay: Int?
  /// `nil` is written as JSON's null.
  var gender: Int?
  var place: Int?
  /// 0 is no member of the programme.
  var tier: Int
  var points: Int
  var pointsRedeemed: Int
  var joinDay: Int
  var createdAt: Int
  var acceptsEmail: Bool
  /// `nil` where the customer was not asked.
  var acceptsPush: Bool?
  /// Hundredths; spread over five powers of ten.
  var lifetimeSpend: Int
  var householdSize: Int?
  /// 0…10.
  var satisfaction: Int?
  /// One bit an interest.
  var interests: UInt8

  init(_ member: Population.Member, _ words: Words) {
    var random = SeededRandom(seed: member.seed ^ 0x4355_5354_4F4D_4552)
    number = member.number
    createdAt = member.createdAt
    firstName = random.below(words.firstNames.count)
    lastName = random.below(words.lastNames.count)
    domain = random.below(words.domains.count)
    birthDay = random.oneIn(8) ? nil : Customer.birthDay(&random)
    gender = random.oneIn(5) ? nil : random.below(words.genders.count)
    // Of two draws the smaller: places at the front of the list are more frequent.
    place =
      random.oneIn(12)
      ? nil : min(random.below(words.places.count), random.below(words.places.count))
    let joined = member.eventCount > 0 && !random.oneIn(3)
    let rank = member.eventCount + random.below(12)
    tier = !joined ? 0 : rank < 8 ? 1 : rank < 16 ? 2 : rank < 40 ? 3 : 4
    points = tier == 0 ? 0 : Customer.skewed(&random, over: 6) * tier
    pointsRedeemed = tier == 0 ? 0 : points * random.below(14) / 10
    let day = Int(CivilTime.millisecondsPerDay)
    let createdDay = member.createdAt / day
    joinDay = createdDay + random.below(max(1, Population.yearEnd / day - createdDay))
    acceptsEmail = random.below(100) < 62
    acceptsPush = random.oneIn(4) ? nil : random.oneIn(3)
    lifetimeSpend = Customer.skewed(&random, over: 14) * 100 + random.below(100)
    householdSize = random.oneIn(3) ? nil : 1 + min(random.below(6), random.below(6))
    satisfaction = random.below(5) < 2 ? nil : max(random.below(11), random.below(11))
    interests = UInt8(truncatingIfNeeded: random.next() & random.next())
  }

  /// A whole number from 0 to about `2^bits * 64`, half as frequent with each doubling.
  private static func skewed(_ random: inout SeededRandom, over bits: Int) -> Int {
    random.below(64 << random.below(bits + 1))
  }

  /// A day that makes the customer 18 to 89 years old at the end of the year of the events.
  private static func birthDay(_ random: inout SeededRandom) -> Int {
    let year = 1936 + max(random.below(72), random.below(72))
    return CivilTime.days(year: year, month: 1, day: 1) + random.below(365)
  }
}
