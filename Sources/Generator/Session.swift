import Bytes

/// A visit to the shop, or a message: events close together in time.
struct Session {
  enum Kind {
    case glance
    case contact
    case email
    case browse
    case cart
    case purchase
    /// Bought at once, as in a store.
    case order
  }

  var kind: Kind
  /// Index of the first event among the customer's events.
  var firstEvent: Int
  var eventCount: Int
  /// Milliseconds since 1970.
  var startedAt: Int
  /// The most milliseconds from one event to the next.
  var pauseMax: Int
  /// Goes on to decide the events.
  var random: SeededRandom

  /// Walks over a customer's sessions in the order of time.
  struct Sessions: Sequence, IteratorProtocol {
    private let member: Population.Member
    private let start: Int
    private let span: Int
    private var event = 0
    private var number = 0

    /// Three minutes.
    private static let pauseMax = 180_000

    init(_ member: Population.Member) {
      self.member = member
      start = Swift.max(member.createdAt, Population.yearStart)
      span = Population.yearEnd - start
    }

    mutating func next() -> Session? {
      guard event < member.eventCount else { return nil }
      var random = SeededRandom(seed: Population.seed(number, member.seed))
      let (kind, length) = Session.draw(&random)
      let count = Swift.min(length, member.eventCount - event)
      // The customer's time is cut evenly among the events, and a session has the part of its own.
      let from = start + scaled(span, by: event, over: member.eventCount)
      let to = start + scaled(span, by: event + count, over: member.eventCount)
      let pauseMax = Swift.min(Sessions.pauseMax, (to - from) / (count + 1))
      let startedAt = from + random.below(Swift.max(1, to - from - count * pauseMax))
      defer {
        event += count
        number += 1
      }
      return Session(
        kind: kind,
        firstEvent: event,
        eventCount: count,
        startedAt: startedAt,
        pauseMax: pauseMax,
        random: random
      )
    }
  }

  private static func draw(_ random: inout SeededRandom) -> (Kind, Int) {
    switch random.below(100) {
    case 0..<14: (.glance, 1)
    case 14..<26: (.contact, 1 + random.below(5))
    case 26..<36: (.email, 1 + random.below(3))
    case 36..<72: (.browse, 2 + Swift.min(random.below(7), random.below(7)))
    case 72..<86: (.cart, 3 + random.below(3))
    case 86..<95: (.purchase, 5 + random.below(3))
    default: (.order, 1)
    }
  }
}
