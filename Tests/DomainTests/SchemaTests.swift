import Bytes
import Domain
import Testing

@Suite struct SchemaTests {
  private func leaf(_ kinds: FieldKinds, form: TextForm = .none, count: UInt64 = 1) -> SchemaNode {
    var node = SchemaNode()
    node.kinds = kinds
    node.textForm = form
    node.count = count
    return node
  }

  private static let typeNames: [(FieldKinds, TextForm, String)] = [
    (.integer, .none, "integer"), ([.integer, .double], .none, "double"),
    ([.integer, .string], .any, "variant"), (.string, .date, "date"),
    (.string, .instant, "instant"), (.string, .any, "string"), (.boolean, .none, "boolean"),
    ([], .none, "unknown"),
  ]

  @Test(arguments: typeNames)
  func `a place is named after what was seen`(kinds: FieldKinds, form: TextForm, name: String) {
    let node = leaf(kinds, form: form)

    #expect(node.typeName == name)
  }

  @Test func `merging widens, adds counts and keeps the first samples`() {
    var left = leaf(.string, form: .date, count: 2)
    left.samples = ["a", "b"]
    var right = leaf([.string, .integer], form: .instant, count: 3)
    right.samples = ["b", "c", "d"]

    left.merge(right)

    #expect(left.kinds == [.string, .integer])
    #expect(left.textForm == .instant)
    #expect(left.count == 5)
    #expect(left.samples == ["a", "b", "c"])
  }

  @Test func `counts beyond all bounds stay at the bound`() {
    var left = leaf(.integer, count: .max)

    left.merge(leaf(.integer, count: 5))

    #expect(left.count == .max)
  }

  @Test func `an object merged with a map is a map`() {
    var object = leaf(.object)
    object.fields = ["x": leaf(.integer), "y": leaf(.double)]
    var map = leaf(.object)
    map.isMap = true

    object.merge(map)

    #expect(object.fields.isEmpty)
    #expect(object.element.first?.kinds == [.integer, .double])
    #expect(object.element.first?.count == 2)
  }

  private func sample() -> Schema {
    var schema = Schema()
    schema.profile = leaf(.object, count: 9)
    schema.profile.fields["person"] = leaf(.object, count: 4)
    schema.profile.fields["person"]?.fields["age"] = leaf([.integer, .double], count: 3)
    schema.profile.fields["colours"] = leaf(.array, count: 2)
    schema.profile.fields["colours"]?.element = [leaf(.string, form: .any, count: 7)]
    schema.event.fields["timestamp"] = leaf(.string, form: .instant, count: 30)
    schema.event.fields["timestamp"]?.samples = ["2026-01-01"]
    return schema
  }

  @Test func `a schema comes back as it was written`() throws {
    var writer = ByteWriter()
    sample().encode(into: &writer)

    var reader = ByteReader(writer.bytes)
    let read = try Schema(from: &reader)

    try reader.finish()
    #expect(read == sample())
  }

  @Test func `a schema cut at any length is an error`() {
    var writer = ByteWriter()
    sample().encode(into: &writer)

    for count in 0..<writer.count {
      #expect(throws: DecodingError.self) {
        var reader = ByteReader(Array(writer.bytes[..<count]))
        _ = try Schema(from: &reader)
      }
    }
  }

  @Test func `flipped and random bytes give a schema that reads back, or an error`() {
    var writer = ByteWriter()
    sample().encode(into: &writer)
    var random = SeededRandom(seed: 5)

    for position in writer.bytes.indices {
      for mask: UInt8 in [0x01, 0x04, 0x7F, 0x80, 0xFF] {
        var damaged = writer.bytes
        damaged[position] ^= mask
        readsStably(damaged)
      }
    }
    for _ in 0..<3_000 {
      readsStably(
        (0..<random.below(60)).map { _ in UInt8(random.below(random.oneIn(2) ? 4 : 256)) }
      )
    }
  }

  private func readsStably(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let schema = try? Schema(from: &reader) else { return }
    var writer = ByteWriter()
    schema.encode(into: &writer)
    var again = ByteReader(writer.bytes)
    #expect(writer.count <= bytes.count, "\(bytes)")
    #expect((try? Schema(from: &again)) == schema, "\(bytes)")
  }

  @Test func `a schema nested too deep is an error`() {
    // A node of no kind with one element, which is the next node.
    let bytes = [[UInt8]](repeating: [16, 0, 0, 0, 0, 0, 1], count: 100_000).joined()

    #expect(throws: DecodingError.self) {
      var reader = ByteReader(Array(bytes))
      _ = try Schema(from: &reader)
    }
  }
}
