import Bytes
import Domain

/// A place of the schema and what the rows of one chunk, or of several in order, had there.
struct SurveyPart {
  var kinds: FieldKinds = []
  var textForm = TextForm.none
  var count: UInt64 = 0
  var isMap = false
  /// The first different values with the number of each among all values of the place, from 1.
  var samples: [(text: Text, number: UInt64)] = []
  /// The fields in the order they came up.
  private(set) var names: [Text] = []
  private(set) var fields: [SurveyPart] = []
  private var places: [Text: Int] = [:]
  /// No or one place: of elements, or of the values of a map.
  var element: [SurveyPart] = []

  mutating func append(_ name: Text, _ field: SurveyPart) {
    places[name] = fields.count
    names.append(name)
    fields.append(field)
  }

  /// Adds what the following rows had, as if they had been counted here.
  ///
  /// - Parameters:
  ///   - next: of the rows that follow.
  ///   - mapFieldCountMin: names that an object may have before it is a map.
  ///   - isRow: whether this is a root, which is never a map.
  mutating func add(_ next: SurveyPart, mapFieldCountMin: Int, isRow: Bool = false) {
    for sample in next.samples {
      guard samples.count < SchemaNode.sampleCountMax,
        count + sample.number <= SurveyTree.sampledCountMax
      else { break }
      if !samples.contains(where: { $0.text == sample.text }) {
        samples.append((sample.text, count + sample.number))
      }
    }
    kinds.formUnion(next.kinds)
    textForm = max(textForm, next.textForm)
    count += next.count
    if next.isMap, !isMap { fold(mapFieldCountMin) }
    for (name, field) in zip(next.names, next.fields) {
      if isMap {
        addElement(field, mapFieldCountMin)
      } else if let place = places[name] {
        fields[place].add(field, mapFieldCountMin: mapFieldCountMin)
      } else {
        append(name, field)
      }
      if !isRow, fields.count > mapFieldCountMin { fold(mapFieldCountMin) }
    }
    for inner in next.element { addElement(inner, mapFieldCountMin) }
  }

  private mutating func addElement(_ next: SurveyPart, _ mapFieldCountMin: Int) {
    if element.isEmpty {
      element = [next]
    } else {
      element[0].add(next, mapFieldCountMin: mapFieldCountMin)
    }
  }

  private mutating func fold(_ mapFieldCountMin: Int) {
    isMap = true
    let folded = fields
    names = []
    fields = []
    places = [:]
    for field in folded { addElement(field, mapFieldCountMin) }
  }

  /// Places in this one, itself included.
  var nodeCount: Int {
    fields.reduce(1 + (element.first?.nodeCount ?? 0)) { $0 + $1.nodeCount }
  }

  /// The place as the schema keeps it.
  var schema: SchemaNode {
    var node = SchemaNode()
    node.kinds = kinds
    node.textForm = textForm
    node.count = count
    node.isMap = isMap
    node.samples = samples.map(\.text)
    for (name, field) in zip(names, fields) { node.fields[name] = field.schema }
    node.element = element.map(\.schema)
    return node
  }
}
