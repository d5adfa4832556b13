import Bytes
import Domain

/// Random profiles with events around the cut-off, with everything in them that is hard to measure.
enum RandomHistories {
  private static let day: Int64 = 86_400_000

  static func profiles(_ count: Int, _ random: inout SeededRandom) -> [(key: Text, profile: Value)]
  {
    (0..<count).map { number in (Text("p\(number)"), profile(&random)) }
  }

  private static func profile(_ random: inout SeededRandom) -> Value {
    var fields: [(Text, Value)] = []
    if !random.oneIn(4) { fields.append(("age", .integer(Int64(random.below(80))))) }
    if random.oneIn(2) { fields.append(("spend", .double(Double(random.below(9_000)) / 7))) }
    if !random.oneIn(5) {
      let city: Text = ["Oslo", "Wien", "日本", "Kraków"][random.below(4)]
      var home: [(Text, Value)] = [("city", .string(city))]
      if random.oneIn(2) { home.append(("size", .integer(Int64(random.below(5))))) }
      fields.append(("home", .object(home)))
    }
    if random.oneIn(2) { fields.append(("vip", .boolean(random.oneIn(2)))) }
    if random.oneIn(2) {
      let time = Instant(milliseconds: FeatureCase.cutOff.milliseconds - between(0, 900, &random))
      let text = random.oneIn(2) ? String(time.iso.prefix(10)) : time.iso
      fields.append(("joined", .string(Text(text))))
    }
    switch random.below(6) {
    case 0: fields.append(("odd", .array([.integer(1), .integer(2)])))
    case 1: fields.append(("odd", .string("text")))
    case 2: fields.append(("odd", .integer(Int64(random.below(9)))))
    case 3: fields.append(("odd", .object([("inner", .integer(4))])))
    default: break
    }
    let eventCount = random.oneIn(5) ? 0 : random.oneIn(12) ? 70 : random.below(14)
    if eventCount > 0 {
      // Some instants come more than once.
      let instants = (0..<(1 + eventCount / 2)).map { _ in instant(&random) }
      let events = (0..<eventCount).map { _ in
        event(random.oneIn(2) ? instant(&random) : instants[random.below(instants.count)], &random)
      }
      fields.append(("xEvent", .array(events)))
    }
    return .object(fields)
  }

  /// Mostly before the cut-off, now and then exactly at it or at the edge of a window.
  private static func instant(_ random: inout SeededRandom) -> Int64 {
    let cutOff = FeatureCase.cutOff.milliseconds
    switch random.below(12) {
    case 0: return cutOff
    case 1: return cutOff - day * Int64([1, 3, 7, 14, 30, 60, 90, 28][random.below(8)])
    case 2: return cutOff - day * Int64([1, 7, 30][random.below(3)]) - 1
    case 3, 4: return cutOff + between(0, 60, &random)
    case 5: return cutOff - 1
    default: return cutOff - between(0, random.oneIn(2) ? 40 : 400, &random)
    }
  }

  private static func between(_ low: Int, _ high: Int, _ random: inout SeededRandom) -> Int64 {
    let milliseconds = Int64(random.below(Int(day)))
    return Int64(low + random.below(high - low)) * day + milliseconds
  }

  private static func event(_ instant: Int64, _ random: inout SeededRandom) -> Value {
    var fields: [(Text, Value)] = []
    switch random.below(20) {
    case 0: break
    case 1: fields.append(("timestamp", .integer(instant)))
    case 2: fields.append(("timestamp", .string("some day")))
    case 3:
      let text = Instant(milliseconds: instant).iso.prefix(10)
      fields.append(("timestamp", .string(Text(String(text)))))
    default: fields.append(("timestamp", .string(Text(Instant(milliseconds: instant).iso))))
    }
    switch random.below(12) {
    case 0: break
    case 1: fields.append(("eventType", .integer(4)))
    case 2: fields.append(("eventType", .string(Text("rare\(random.below(90))"))))
    case 3, 4, 5: fields.append(("eventType", .string("buy")))
    case 6, 7: fields.append(("eventType", .string("search")))
    default: fields.append(("eventType", .string("view")))
    }
    var order: [(Text, Value)] = []
    if random.oneIn(2) {
      let total: Value =
        switch random.below(4) {
        case 0: .integer(Int64(random.below(60)))
        case 1: .double(Double(random.below(6_000)) / 100)
        default: .double(random.unit() * 50)
        }
      order.append(("total", random.oneIn(15) ? .string("free") : total))
    }
    if random.oneIn(3) {
      let name: Text = ["shoes", "hats", "tents", "boats"][random.below(4)]
      order.append(("category", random.oneIn(20) ? .array([.string(name)]) : .string(name)))
    }
    if random.oneIn(4) { order.append(("word", .string(Text("w\(random.below(500))")))) }
    if random.oneIn(10) { order.append(("gift", .boolean(random.oneIn(2)))) }
    if !order.isEmpty { fields.append(("order", .object(order))) }
    if random.oneIn(15) { fields.append(("test", .boolean(true))) }
    return .object(fields)
  }
}
