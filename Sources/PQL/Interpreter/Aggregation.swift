import Bytes
import Domain

/// `sum`, `average`, `min` and `max` of values; what is no number is skipped.
///
/// Where no value is a number, `min` and `max` are the earliest and latest time or ISO text as it
/// was written, the first of equals.
struct Aggregation {
  private let relations: ValueRelations
  private let clock: ClockWatch?
  private var count = 0
  private var sum = ExactSum()
  private var least: (number: Double, value: RuntimeValue)?
  private var greatest: (number: Double, value: RuntimeValue)?
  private var earliest: (moment: Instant, value: RuntimeValue)?
  private var latest: (moment: Instant, value: RuntimeValue)?

  init(_ relations: ValueRelations, _ clock: ClockWatch? = nil) {
    self.relations = relations
    self.clock = clock
  }

  mutating func add(_ value: RuntimeValue?) {
    guard let value else { return }
    if let number = value.number {
      count += 1
      sum.add(number)
      if least.map({ number < $0.number }) ?? true { least = (number, value) }
      if greatest.map({ number > $0.number }) ?? true { greatest = (number, value) }
    } else if count == 0, let moment = relations.moment(value) {
      for other in [earliest, latest] {
        if let other { clock?.noteOrder(value, other.value, relations) }
      }
      if earliest.map({ moment < $0.moment }) ?? true { earliest = (moment, value) }
      if latest.map({ moment > $0.moment }) ?? true { latest = (moment, value) }
    }
  }

  func result(of aggregate: Aggregate) -> RuntimeValue? {
    switch aggregate {
    case .sum: sum.rounded.flatMap(RuntimeValue.number)
    case .average:
      count == 0 ? nil : sum.rounded.flatMap { RuntimeValue.number($0 / Double(count)) }
    case .min: least?.value ?? earliest?.value
    case .max: greatest?.value ?? latest?.value
    }
  }
}
