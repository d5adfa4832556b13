import Bytes
import Domain
import PQL
import Testing

@Suite struct AdviceTests {
  @Test(arguments: TextFixture.all("advice.txt"))
  func `what a schema makes doubtful is remarked`(page: TextFixture) throws {
    let advice = try CheckedQuery(page.definition).advice(for: Self.schema)

    page.expect(advice.isEmpty ? ["nothing to remark"] : advice.map(\.description))
  }

  @Test(arguments: TextFixture.all("authoring.txt"))
  func `large definitions are remarked`(page: TextFixture) throws {
    page.expect(try CheckedQuery(page.definition).authoringAdvice.map(\.description))
  }

  @Test(arguments: TextFixture.all("eligibility.txt"))
  func `the method and what prevents a better one are named`(page: TextFixture) throws {
    let eligibility = try CheckedQuery(page.definition).eligibility { $0 == "profile-only" }

    page.expect([eligibility.method.rawValue] + eligibility.obstacles.map(\.description))
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error == nil })
  func `an empty schema makes nothing doubtful about fields`(testCase: ConformanceCase) throws {
    let advice = try CheckedQuery(testCase.definition).advice(for: Schema())

    for remark in advice.map(\.remark) {
      if case .unknownField = remark { Issue.record("\(remark)") }
    }
  }

  @Test func `remarks on one definition are limited`() throws {
    let terms = Array(repeating: "nmae = 1", count: 500).joined(separator: " and ")

    #expect(try CheckedQuery(Text(terms)).advice(for: Self.schema).count == Advice.countMax)
  }

  /// ```
  /// profile: name, age, isVip, born (date), tags [text], person {first, last}, scores [number],
  ///          orders [{sku, price, at, items [{sku, quantity}]}], limits {* number}
  /// event:   timestamp, eventType, amount, page {url}, items [{sku, quantity}]
  /// ```
  static let schema: Schema = {
    func leaf(_ kinds: FieldKinds, _ form: TextForm = .none) -> SchemaNode {
      var node = SchemaNode()
      node.kinds = kinds
      node.textForm = form
      return node
    }
    func record(_ fields: [Text: SchemaNode]) -> SchemaNode {
      var node = leaf(.object)
      node.fields = fields
      return node
    }
    func array(_ element: SchemaNode) -> SchemaNode {
      var node = leaf(.array)
      node.element = [element]
      return node
    }
    let text = leaf(.string, .any)
    let number = leaf([.integer, .double])
    let items = array(record(["sku": text, "quantity": number]))
    var limits = leaf(.object)
    limits.isMap = true
    limits.element = [number]
    var schema = Schema()
    schema.profile = record([
      "name": text, "age": leaf(.integer), "isVip": leaf(.boolean), "born": leaf(.string, .date),
      "tags": array(text), "person": record(["first": text, "last": text]),
      "scores": array(number), "limits": limits, "anything": leaf([.string, .integer], .any),
      "orders": array(
        record(["sku": text, "price": number, "at": leaf(.string, .instant), "items": items])
      ),
    ])
    schema.event = record([
      "timestamp": leaf(.string, .instant), "eventType": text, "amount": number,
      "page": record(["url": text]), "items": items,
    ])
    return schema
  }()
}
