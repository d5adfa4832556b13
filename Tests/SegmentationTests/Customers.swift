import Bytes
import Domain
import PQL
import Segmentation

/// Random customers and definitions that tell them apart.
struct Customers {
  /// What the customers' history ends with.
  static let now = Instant(milliseconds: 1_770_000_000_000)
  static let dayMilliseconds: Int64 = 86_400_000

  var random: SeededRandom
  /// Attributes by key.
  private(set) var attributes: [ProfileKey: ObjectValue] = [:]
  /// Events by key, in the order in which they came.
  private(set) var events: [ProfileKey: [Value]] = [:]

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// A row that came in: attributes replace those of their names, an event is one more.
  struct Row {
    var key: ProfileKey
    var kind: RowKind
    var object: ObjectValue
  }

  /// The profile as the language sees it.
  func profile(_ key: ProfileKey) -> Value {
    var object = attributes[key] ?? ObjectValue()
    if let events = events[key] { object[.xEvent] = .array(events) }
    return ReferenceInterpreter.ordered(.object(object))
  }

  var keys: [ProfileKey] { Set(attributes.keys).union(events.keys).sorted() }

  // MARK: Data

  /// New rows, which the customers have from now on.
  mutating func arrive(rowCount: Int, customerCount: Int) -> [Row] {
    (0..<rowCount).map { _ in
      let key = ProfileKey(
        Text(["c", "Ü", "c-0"][random.below(3)] + "\(random.below(customerCount))")
      )
      if random.oneIn(2) {
        let event = event()
        events[key, default: []].append(.object(event))
        return Row(key: key, kind: .event, object: event)
      }
      let object = someAttributes()
      var all = attributes[key] ?? ObjectValue()
      for field in object.fields { all[field.name] = field.value }
      attributes[key] = all
      return Row(key: key, kind: .attributes, object: object)
    }
  }

  private mutating func someAttributes() -> ObjectValue {
    var fields: [ObjectValue.Field] = []
    if !random.oneIn(3) {
      fields.append(.init(name: "age", value: .integer(Int64(random.below(90)))))
    }
    if !random.oneIn(3) {
      let city: Text = ["Oslo", "Wien", "日本"][random.below(3)]
      let home = Value.object([("city", .string(city)), ("zip", .integer(7))])
      fields.append(.init(name: "home", value: home))
    }
    if random.oneIn(4) {
      let status: Text = random.oneIn(2) ? "realized" : "exited"
      let entry = Value.object([("status", .string(status)) as (Text, Value)])
      let namespace = Value.object([("elsewhere", entry) as (Text, Value)])
      let map = Value.object([("ups", namespace) as (Text, Value)])
      fields.append(.init(name: "segmentMembership", value: map))
    }
    return ObjectValue(fields)
  }

  private mutating func event() -> ObjectValue {
    var fields: [ObjectValue.Field] = [
      .init(name: "kind", value: .string(["view", "buy"][random.below(2)] as Text)),
      .init(name: "amount", value: .double(Double(random.below(400)) / 4)),
    ]
    if !random.oneIn(10) {
      let age = Int64(random.below(60)) * Customers.dayMilliseconds
      let instant = Customers.now.advanced(byMilliseconds: -age)
      fields.append(.init(name: "timestamp", value: .string(Text(instant.iso))))
    }
    return ObjectValue(fields)
  }

  // MARK: Definitions

  /// Definitions `s0`, `s1` … of which each asks about earlier ones only.
  mutating func definitions(count: Int, version: UInt64 = 1) -> [ProgramDefinition] {
    (0..<count).compactMap { index in
      guard let id = Name("s\(index)") else { return nil }
      return ProgramDefinition(
        id: id,
        version: version,
        expression: expression(before: index),
        timeZone: random.oneIn(3) ? "Europe/Oslo" : nil
      )
    }
  }

  private mutating func expression(before index: Int) -> Text {
    let days = random.below(60)
    var choices = [
      "age > \(random.below(90))",
      "home.city = \"Oslo\"",
      "exists E from xEvent where E.timestamp occurs <= \(days) days before now",
      "xEvent[kind = \"buy\"].count() >= \(random.below(4))",
      "(sum E.amount over E from xEvent where E.timestamp occurs <= \(days) days before today) > 90",
      "chain(xEvent, timestamp, [a: what(kind = \"view\"), b: what(kind = \"buy\")])",
      "inSegment(\"elsewhere\")",
      "not inSegment(\"nowhere\")",
    ]
    if index > 0 {
      let earlier = "inSegment(\"s\(random.below(index))\")"
      choices += [earlier, "\(earlier) and age > 30", "not \(earlier) or home.city = \"Wien\""]
      choices += choices.suffix(3)
    }
    return Text(choices[random.below(choices.count)])
  }
}
