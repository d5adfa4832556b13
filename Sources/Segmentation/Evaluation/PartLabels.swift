import Bytes
import Domain
import Synchronization

/// Says of the parts of a program what they are about and which definitions use them, for all shards
/// of a job.
final class PartLabels: Sendable {
  struct Label: Sendable {
    var kind: SharedPart.Kind
    var description: Text
    var definitions: Bitmap
  }

  /// Labels that are worth the start of a thread.
  private static let labelsOfThread = 32

  private let state = Mutex(State())

  private struct State {
    var maker: LabelMaker?
    var known: [MeterParts.Part: Label] = [:]
    /// Of single pairs, which are many; by their number.
    var ofPairs: [Label?] = []

    func label(of part: MeterParts.Part) -> Label? {
      guard case .pair(let number) = part else { return known[part] }
      return number < ofPairs.count ? ofPairs[number] : nil
    }

    mutating func keep(_ label: Label, of part: MeterParts.Part) {
      guard case .pair(let number) = part else {
        known[part] = label
        return
      }
      for _ in ofPairs.count..<max(ofPairs.count, number + 1) { ofPairs.append(nil) }
      ofPairs[number] = label
    }
  }

  /// The labels of parts, which are made when they are first asked for.
  func labels(of parts: [MeterParts.Part], _ binding: ShardBinding) -> [Label] {
    state.withLock { state in
      var labels = parts.map { state.label(of: $0) }
      let unknown = labels.indices.filter { labels[$0] == nil }
      if !unknown.isEmpty {
        let maker =
          state.maker
          ?? LabelMaker(binding.program, binding.conditions, binding.attributeConditions)
        let made = SegmentProgram.mapped(unknown.count, countOfThread: Self.labelsOfThread) {
          maker.label(of: parts[unknown[$0]])
        }
        for (place, label) in zip(unknown, made) {
          labels[place] = label
          state.keep(label, of: parts[place])
        }
        state.maker = maker
      }
      return labels.compactMap { $0 }
    }
  }
}

/// Makes labels out of a program and its conditions.
private struct LabelMaker: Sendable {
  /// Bytes of a description, and of each half of a pair in it.
  private static let byteCountMax = 160
  private static let halfByteCountMax = 60

  private let program: CompiledProgram
  private let conditions: EventConditions
  private let attributeConditions: AttributeConditions
  private let matches: MatchUses
  private let halves: MatchUses

  init(
    _ program: CompiledProgram,
    _ conditions: EventConditions,
    _ attributeConditions: AttributeConditions
  ) {
    self.program = program
    self.conditions = conditions
    self.attributeConditions = attributeConditions
    matches = MatchUses(
      conditions.marks.map { ($0.match, [$0.node]) }
        + conditions.sums.map { ($0.match, $0.nodes.map(\.node)) },
      program
    )
    halves = MatchUses(
      conditions.pairs.flatMap { pair in
        [pair.test.first, pair.test.second].map { (program.graph.matches[$0].tests, [pair.node]) }
      },
      program
    )
  }

  func label(of part: MeterParts.Part) -> PartLabels.Label {
    switch part {
    case .readying: return ofAll(.readying, "making the program and its shards ready")
    case .program: return ofAll(.program, "putting conditions together")
    case .members: return ofAll(.members, "packing members")
    case .values(let field): return label(.values, ofField: field)
    case .cuts(let field): return label(.cuts, ofField: field)
    case .attributes(let word):
      let bits = attributeConditions.words[word]
      let fields = Set(bits.map(\.field)).sorted().map { program.path(ofField: $0) }
      return label(
        .attributes,
        "profiles: " + fields.joined(separator: ", "),
        bits.map(\.node)
      )
    case .events(let type): return label(.events, "events", ofType: type, matches)
    case .halves(let type):
      return label(.halves, "halves of pairs among events", ofType: type, halves)
    case .sums(let value):
      let sums = conditions.sums.filter { $0.value == value }
      return label(
        .sums,
        "sums of \(conditions.values[value])",
        sums.flatMap { $0.nodes.map(\.node) }
      )
    case .sumsAcross:
      let nodes = conditions.sums.filter { !$0.isOfOneType }.flatMap { $0.nodes.map(\.node) }
      return label(.sums, "sums over several types of events", nodes)
    case .pairs: return label(.pairs, "pairs", conditions.pairs.map(\.node))
    case .pair(let number):
      let test = conditions.pairs[number].test
      let words = [test.first, test.second].map { match in
        let text = Text(program.words(ofMatch: match))
        return Printable.text(text.utf8, byteCountMax: Self.halfByteCountMax)
      }
      return label(
        .pairs,
        "pairs: \(words[0]), then \(words[1])\(program.words(within: test.gap.upperBound))",
        [conditions.pairs[number].node]
      )
    case .residual(let number):
      return PartLabels.Label(
        kind: .asked,
        description: shortened("asked: " + program.graph.residuals[number].text),
        definitions: Bitmap(program.users.ofResiduals[number])
      )
    }
  }

  private func ofAll(_ kind: SharedPart.Kind, _ description: String) -> PartLabels.Label {
    PartLabels.Label(
      kind: kind,
      description: Text(description),
      definitions: Bitmap(below: program.users.definitionCount)
    )
  }

  private func label(
    _ kind: SharedPart.Kind,
    _ description: String,
    _ nodes: [Int]
  ) -> PartLabels.Label {
    PartLabels.Label(
      kind: kind,
      description: shortened(description),
      definitions: Bitmap(program.users.ofAny(nodes).sorted())
    )
  }

  private func label(_ kind: SharedPart.Kind, ofField field: Int) -> PartLabels.Label {
    let eventField = field - program.attributeFields.count
    let nodes =
      eventField < 0
      ? attributeConditions.words.joined().filter { $0.field == field }.map(\.node)
      : matches.nodes(ofField: eventField) + halves.nodes(ofField: eventField)
    return label(kind, "\(kind.rawValue) of \(program.path(ofField: field))", nodes)
  }

  private func label(
    _ kind: SharedPart.Kind,
    _ what: String,
    ofType type: Text?,
    _ uses: MatchUses
  ) -> PartLabels.Label {
    let (fields, nodes) = uses.ofType(type, program)
    let paths = fields.map { program.eventFields[$0].path }
      .filter { type == nil || $0.names != [.eventType] }
    let those = type.map { "\(what) '\($0)'" } ?? "\(what) of rare types"
    let read = paths.isEmpty ? "" : ": " + paths.map { "\($0)" }.joined(separator: ", ")
    return label(kind, those + read, nodes)
  }

  private func shortened(_ text: String) -> Text {
    Printable.text(Text(text).utf8, byteCountMax: Self.byteCountMax)
  }
}

/// For which nodes events are looked at, by what they have to fulfil.
private struct MatchUses: Sendable {
  private struct Use {
    /// Of the tests.
    var fields: [Int]
    var nodes: [Int]
    /// The tests of the event's type, where they do not just name some.
    var typeTests: [Int]
  }

  private var uses: [Use] = []
  private var ofTypes: [Text: [Int]] = [:]
  private var ofAnyType: [Int] = []
  private var nodesOfFields: [Int: [Int]] = [:]

  init(_ matches: [(tests: [Int], nodes: [Int])], _ program: CompiledProgram) {
    for (number, (tests, nodes)) in matches.enumerated() {
      let fields = tests.map { program.placeOfTest[$0].field }
      for field in Set(fields) { nodesOfFields[field, default: []] += nodes }
      var typeTests: [Int] = []
      if let types = program.eventTypes(of: tests) {
        for type in types { ofTypes[type, default: []].append(number) }
      } else {
        ofAnyType.append(number)
        typeTests = tests.filter { program.tests[$0].path.names == [.eventType] }
      }
      uses.append(Use(fields: fields, nodes: nodes, typeTests: typeTests))
    }
  }

  func nodes(ofField field: Int) -> [Int] { nodesOfFields[field, default: []] }

  /// What events of a type may be good for, and the fields that tell; `nil` stands for any type.
  func ofType(_ type: Text?, _ program: CompiledProgram) -> (fields: [Int], nodes: [Int]) {
    var fields: Set<Int> = []
    var nodes: [Int] = []
    let chosen =
      type.map { type in
        ofTypes[type, default: []]
          + ofAnyType.filter { use in
            uses[use].typeTests.allSatisfy { program.tests[$0].answer(.string(type)) }
          }
      } ?? Array(uses.indices)
    for number in chosen {
      fields.formUnion(uses[number].fields)
      nodes += uses[number].nodes
    }
    return (fields.sorted(), nodes)
  }
}
