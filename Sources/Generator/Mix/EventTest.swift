import Bytes

/// What an event has to be: of a type, and with fields that meet conditions.
struct EventTest: Hashable {
  var type: Text
  /// At most two.
  var tests: [FieldTest]

  /// Fields that conditions are about.
  static let fields: [(name: Text, kind: FieldTest.Kind)] = [
    ("product.SKU", .text), ("product.category", .text), ("product.quantity", .number),
    ("product.priceTotal", .number), ("commerce.order.priceTotal", .number),
    ("web.webPageDetails.name", .text), ("search.keywords", .text), ("device.type", .text),
    ("marketing.trackingCode", .text),
  ]

  /// Draws a type, a frequent one rather, and none to two conditions on fields that it has.
  init(_ sample: MixSample, _ random: inout SeededRandom) {
    let count = sample.types.count
    let drawn = sample.types[min(random.below(count), random.below(count), random.below(count))]
    type = drawn.name
    tests = []
    let fields = EventTest.fields.filter { field in
      drawn.events.columns[field.name]?.distinct.count ?? 0 > 1
    }
    guard !fields.isEmpty else { return }
    for _ in 0..<[0, 0, 1, 1, 1, 1, 1, 2, 2, 2][random.below(10)] {
      let field = fields[random.below(fields.count)]
      guard tests.allSatisfy({ $0.field != field.name }) else { continue }
      tests.append(FieldTest(field.name, field.kind, drawn.events, &random))
    }
  }
}
