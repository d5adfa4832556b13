import Bytes
import Domain

/// A place of the schema while rows are being counted.
final class SurveyNode {
  /// Values of one place that are looked at for samples.
  private static let sampledCountMax: UInt64 = 1_000
  /// Longest sample, in bytes.
  private static let sampleByteCountMax = 40

  var kinds: FieldKinds = []
  var textForm = TextForm.none
  var count: UInt64 = 0
  var isMap = false
  var samples: [Text] = []
  /// Numbers of the fields' names, in the order they came up.
  private var names: [Int32] = []
  private var fields: [SurveyNode] = []
  private var places: [Int32: Int] = [:]
  private var element: SurveyNode?

  /// What all nodes of a survey share.
  final class Tally {
    let mapFieldCountMin: Int
    /// Places made so far; folding takes none back.
    var nodeCount = 0
    var identityMap: Int32 = -1
    var segmentMembership: Int32 = -1

    init(mapFieldCountMin: Int) { self.mapFieldCountMin = mapFieldCountMin }

    func number(_ names: inout NameTable) {
      identityMap = names.number("identityMap")
      segmentMembership = names.number("segmentMembership")
    }
  }

  /// Counts the row's object, whose field `timestamp` may stand beside it.
  func count(row: ShapedRow, _ tape: borrowing Tape, _ tally: Tally) {
    count(row.root, tape, tally, isRow: true)
    guard let timestamp = row.timestamp else { return }
    field(timestamp.name, at: names.count, tally).count(scalar: timestamp, tape)
  }

  private func count(
    _ index: Int,
    _ tape: borrowing Tape,
    _ tally: Tally,
    isRow: Bool = false
  ) {
    let entry = tape.entries[index]
    switch entry.tag {
    case .dead: return
    case .object:
      count += 1
      kinds.insert(.object)
      let end = Int(entry.extent)
      var child = index &+ 1
      var place = 0
      while child < end {
        let entry = tape.entries[child]
        if entry.tag != .dead {
          if isMap {
            mapElement(tally).count(child, tape, tally)
          } else {
            field(entry.name, at: place, tally).count(child, tape, tally)
            place &+= 1
            if !isRow, fields.count > tally.mapFieldCountMin { fold(tally) }
          }
        }
        child = tape.next(after: child)
      }
    case .array:
      count += 1
      kinds.insert(.array)
      let end = Int(entry.extent)
      var child = index &+ 1
      while child < end {
        if tape.entries[child].tag != .dead { mapElement(tally).count(child, tape, tally) }
        child = tape.next(after: child)
      }
    default: count(scalar: entry, tape)
    }
  }

  private func count(scalar entry: Tape.Entry, _ tape: borrowing Tape) {
    count += 1
    switch entry.tag {
    case .boolean: kinds.insert(.boolean)
    case .integer: kinds.insert(.integer)
    case .double: kinds.insert(.double)
    case .string:
      kinds.insert(.string)
      if textForm != .any { textForm = max(textForm, tape.textForm(tape.textRange(entry))) }
    case .cell, .dead, .array, .object: break
    }
    if samples.count < SchemaNode.sampleCountMax, count <= SurveyNode.sampledCountMax {
      sample(entry, tape)
    }
  }

  private func sample(_ entry: Tape.Entry, _ tape: borrowing Tape) {
    let limit = SurveyNode.sampleByteCountMax
    let text: Text
    switch entry.tag {
    case .string, .cell:
      text = Printable.text(tape.text[tape.textRange(entry)], byteCountMax: limit)
    case .boolean: text = entry.bits == 1 ? "true" : "false"
    case .integer: text = Text(Int64(bitPattern: entry.bits).description)
    case .double: text = Text(NumberText.format(Double(bitPattern: entry.bits)))
    case .dead, .array, .object: return
    }
    if !samples.contains(text) { samples.append(text) }
  }

  /// The field of that name, most likely at `guess`: rows tend to have the same fields in order.
  private func field(_ name: Int32, at guess: Int, _ tally: Tally) -> SurveyNode {
    if guess < names.count, names[guess] == name { return fields[guess] }
    if let place = places[name] { return fields[place] }
    let node = SurveyNode()
    tally.nodeCount += 1
    if name == tally.identityMap { node.isMap = true }
    if name == tally.segmentMembership {
      // Memberships by namespace, then by segment.
      node.isMap = true
      node.mapElement(tally).isMap = true
    }
    places[name] = fields.count
    names.append(name)
    fields.append(node)
    return node
  }

  private func mapElement(_ tally: Tally) -> SurveyNode {
    if let element { return element }
    let node = SurveyNode()
    tally.nodeCount += 1
    element = node
    return node
  }

  /// Makes a map of an object whose names turned out to be data.
  private func fold(_ tally: Tally) {
    isMap = true
    let folded = fields
    names = []
    fields = []
    places = [:]
    let target = mapElement(tally)
    for node in folded { target.merge(node, tally) }
  }

  private func merge(_ other: SurveyNode, _ tally: Tally) {
    kinds.formUnion(other.kinds)
    textForm = max(textForm, other.textForm)
    count += other.count
    for sample in other.samples
    where samples.count < SchemaNode.sampleCountMax && !samples.contains(sample) {
      samples.append(sample)
    }
    if other.isMap, !isMap { fold(tally) }
    for (name, node) in zip(other.names, other.fields) {
      if isMap {
        mapElement(tally).merge(node, tally)
      } else {
        field(name, at: 0, tally).merge(node, tally)
      }
    }
    if let theirs = other.element { mapElement(tally).merge(theirs, tally) }
  }

  /// Takes new numbers for the names, from a table that has forgotten the old ones.
  func renumber(from old: NameTable, _ names: inout NameTable) {
    self.names = self.names.map { names.number(old.text($0)) }
    places = [:]
    for (place, name) in self.names.enumerated() { places[name] = place }
    for field in fields { field.renumber(from: old, &names) }
    element?.renumber(from: old, &names)
  }

  /// The place as the schema keeps it.
  func schema(_ table: NameTable) -> SchemaNode {
    var node = SchemaNode()
    node.kinds = kinds
    node.textForm = textForm
    node.count = count
    node.isMap = isMap
    node.samples = samples
    for (name, field) in zip(names, fields) { node.fields[table.text(name)] = field.schema(table) }
    if let element { node.element = [element.schema(table)] }
    return node
  }
}

extension Tape {
  /// What a text was written as.
  func textForm(_ range: Range<Int>) -> TextForm {
    guard let time = time(range) else { return .any }
    return time.isDateOnly ? .date : .instant
  }
}
