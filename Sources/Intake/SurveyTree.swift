import Bytes
import Domain

/// The places of the schema while the rows of a chunk are being counted.
///
/// Nodes lie in one array and find their fields by guess or in one table, so that counting a row
/// costs a few steps a value.
@safe struct SurveyTree: ~Copyable {
  /// Values of one place that are looked at for samples.
  static var sampledCountMax: UInt64 { 1_000 }

  /// One place.
  struct Node {
    /// As in `FieldKinds`.
    var kinds: UInt8 = 0
    /// As in `TextForm`.
    var textForm: UInt8 = 0
    var isMap = false
    /// Whether more samples are wanted.
    var wantsSamples = true
    var count: UInt64 = 0
    /// Number of the field's name.
    var name: Int32 = -1
    /// The first field, and for a field the one that came up next; -1 where there is none.
    var firstField: Int32 = -1
    var lastField: Int32 = -1
    var nextField: Int32 = -1
    var fieldCount: Int32 = 0
    /// The place of elements, or of the values of a map.
    var element: Int32 = -1
  }

  /// The bits of `FieldKinds`, as numbers for the loops here.
  private enum Kind {
    static var boolean: UInt8 { 1 }
    static var integer: UInt8 { 2 }
    static var double: UInt8 { 4 }
    static var string: UInt8 { 8 }
    static var array: UInt8 { 16 }
    static var object: UInt8 { 32 }
  }

  /// `TextForm.any`.
  private static var anyForm: UInt8 { 3 }

  /// What is special about a name.
  private struct Words {
    var identityMap: Int32
    var segmentMembership: Int32
  }

  private let mapFieldCountMin: Int
  private var nodes: UnsafeMutablePointer<Node>
  private var capacity = 256
  /// Places made so far; folding takes none back.
  private(set) var nodeCount = 0
  /// Of each node.
  private var samples: [[Sample]] = []
  /// Fields by parent and name.
  private var fields: [UInt64: Int32] = [:]
  private var words = Words(identityMap: -1, segmentMembership: -1)
  /// How often objects have become maps; places of their fields are void then.
  private(set) var foldCount = 0

  init(mapFieldCountMin: Int) {
    self.mapFieldCountMin = mapFieldCountMin
    unsafe nodes = .allocate(capacity: 256)
  }

  deinit { unsafe nodes.deallocate() }

  /// Forgets everything; the roots of profiles and of events are nodes 0 and 1.
  mutating func begin(_ names: inout NameTable) {
    nodeCount = 0
    samples.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    words = Words(
      identityMap: names.number("identityMap"),
      segmentMembership: names.number("segmentMembership")
    )
    _ = makeNode(name: -1)
    _ = makeNode(name: -1)
  }

  /// Counts a row's object, whose field `timestamp` may stand beside it.
  mutating func count(_ row: ShapedRow, _ tape: borrowing Tape) {
    let root: Int32 = row.isEvent ? 1 : 0
    countObject(row.root, root, tape, isRow: true)
    guard let timestamp = row.timestamp else { return }
    count(scalar: timestamp, field(timestamp.name, of: root, guess: -1), tape)
  }

  /// Counts the row that was read by its shape.
  ///
  /// Rows of that shape were counted before, so there is nothing new but values.
  mutating func count(_ shapes: borrowing LineShapes, isEvent: Bool, _ tape: borrowing Tape) {
    unsafe nodes[isEvent ? 1 : 0].count &+= 1
    let nodes = unsafe self.nodes
    for index in 0..<shapes.foundCount {
      let found = unsafe shapes.found[index]
      let move = unsafe shapes.moves + Int(found.move)
      let containers = unsafe shapes.containers.base + Int(move.pointee.firstContainer)
      for index in 0..<(unsafe Int(move.pointee.containerCount)) {
        unsafe nodes[Int(containers[index])].count &+= 1
      }
      guard unsafe move.pointee.node >= 0 else { continue }
      let node = unsafe nodes + Int(move.pointee.node)
      unsafe node.pointee.count &+= 1
      let isText = unsafe move.pointee.kind == .string
      if isText, unsafe node.pointee.textForm < SurveyTree.anyForm {
        let form = tape.textForm(found.place)
        unsafe node.pointee.textForm = max(node.pointee.textForm, form)
      }
      if unsafe node.pointee.wantsSamples {
        unsafe sample(found.entry(move.pointee.kind), Int(move.pointee.node), tape)
      }
    }
  }

  /// The place of a field or, under no name, of elements; -1 where no row had it.
  func place(of name: Int32, in node: Int32) -> Int32 {
    if unsafe name < 0 || nodes[Int(node)].isMap { return unsafe nodes[Int(node)].element }
    return fields[SurveyTree.key(name, in: node)] ?? -1
  }

  private static func key(_ name: Int32, in node: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 32 | UInt64(UInt32(bitPattern: name))
  }

  private mutating func count(_ index: Int, _ node: Int32, _ tape: borrowing Tape) {
    let entry = tape.entries[index]
    switch entry.tag {
    case .dead: return
    case .object: countObject(index, node, tape, isRow: false)
    case .array:
      unsafe nodes[Int(node)].count &+= 1
      unsafe nodes[Int(node)].kinds |= Kind.array
      var child = index &+ 1
      while child < Int(entry.extent) {
        if tape.entries[child].tag != .dead { count(child, element(of: node), tape) }
        child = tape.next(after: child)
      }
    default: count(scalar: entry, node, tape)
    }
  }

  private mutating func countObject(
    _ index: Int,
    _ node: Int32,
    _ tape: borrowing Tape,
    isRow: Bool
  ) {
    unsafe nodes[Int(node)].count &+= 1
    unsafe nodes[Int(node)].kinds |= Kind.object
    let end = tape.end(of: index)
    var child = index &+ 1
    var guess = unsafe nodes[Int(node)].firstField
    while child < end {
      let entry = tape.entries[child]
      if entry.tag != .dead {
        if unsafe nodes[Int(node)].isMap {
          count(child, element(of: node), tape)
        } else {
          let field = field(entry.name, of: node, guess: guess)
          guess = unsafe nodes[Int(field)].nextField
          switch entry.tag {
          case .object, .array: count(child, field, tape)
          default: count(scalar: entry, field, tape)
          }
          if !isRow, unsafe nodes[Int(node)].fieldCount > mapFieldCountMin { fold(node) }
        }
      }
      child = tape.next(after: child)
    }
  }

  @inline(__always)
  private mutating func count(scalar entry: Tape.Entry, _ node: Int32, _ tape: borrowing Tape) {
    let place = unsafe nodes + Int(node)
    unsafe place.pointee.count &+= 1
    switch entry.tag {
    case .boolean: unsafe place.pointee.kinds |= Kind.boolean
    case .integer: unsafe place.pointee.kinds |= Kind.integer
    case .double: unsafe place.pointee.kinds |= Kind.double
    case .string:
      unsafe place.pointee.kinds |= Kind.string
      if unsafe place.pointee.textForm < SurveyTree.anyForm {
        let form = tape.textForm(tape.place(entry))
        unsafe place.pointee.textForm = max(place.pointee.textForm, form)
      }
    case .cell, .dead, .array, .object: break
    }
    if unsafe place.pointee.wantsSamples { sample(entry, Int(node), tape) }
  }

  @inline(never)
  private mutating func sample(_ entry: Tape.Entry, _ node: Int, _ tape: borrowing Tape) {
    let number = unsafe nodes[node].count
    guard number <= SurveyTree.sampledCountMax else {
      unsafe nodes[node].wantsSamples = false
      return
    }
    switch entry.tag {
    case .string, .cell:
      unsafe tape.withBytes(tape.place(entry)) { bytes in
        for known in samples[node] where unsafe known.isWritten(as: bytes) { return }
        add(unsafe Sample(bytes, number: number), node)
      }
    case .boolean, .integer, .double:
      for known in samples[node] where known.isMade(of: entry) { return }
      let text: Text =
        switch entry.tag {
        case .boolean: entry.bits == 1 ? "true" : "false"
        case .integer: Text(Int64(bitPattern: entry.bits).description)
        default: Text(NumberText.format(Double(bitPattern: entry.bits)))
        }
      add(Sample(text, entry, number: number), node)
    case .dead, .array, .object: break
    }
  }

  private mutating func add(_ sample: Sample, _ node: Int) {
    guard samples[node].count < SchemaNode.sampleCountMax,
      !samples[node].contains(where: { $0.text == sample.text })
    else { return }
    samples[node].append(sample)
    let isFull = samples[node].count == SchemaNode.sampleCountMax
    if isFull { unsafe nodes[node].wantsSamples = false }
  }

  /// The field of that name, most likely the guess: rows tend to have the same fields in order.
  @inline(__always)
  private mutating func field(_ name: Int32, of node: Int32, guess: Int32) -> Int32 {
    // Fields that a row leaves out are passed over.
    var field = guess
    for _ in 0..<4 where field >= 0 {
      if unsafe nodes[Int(field)].name == name { return field }
      unsafe field = nodes[Int(field)].nextField
    }
    return findField(name, of: node)
  }

  private mutating func findField(_ name: Int32, of node: Int32) -> Int32 {
    let key = SurveyTree.key(name, in: node)
    if let known = fields[key] { return known }
    let field = makeNode(name: name)
    if name == words.identityMap { unsafe nodes[Int(field)].isMap = true }
    if name == words.segmentMembership {
      // Memberships by namespace, then by segment.
      unsafe nodes[Int(field)].isMap = true
      let inner = element(of: field)
      unsafe nodes[Int(inner)].isMap = true
    }
    fields[key] = field
    append(field, to: node)
    return field
  }

  private func append(_ field: Int32, to node: Int32) {
    let last = unsafe nodes[Int(node)].lastField
    if last < 0 {
      unsafe nodes[Int(node)].firstField = field
    } else {
      unsafe nodes[Int(last)].nextField = field
    }
    unsafe nodes[Int(node)].lastField = field
    unsafe nodes[Int(node)].fieldCount += 1
  }

  private mutating func element(of node: Int32) -> Int32 {
    let known = unsafe nodes[Int(node)].element
    if known >= 0 { return known }
    let element = makeNode(name: -1)
    unsafe nodes[Int(node)].element = element
    return element
  }

  private mutating func makeNode(name: Int32) -> Int32 {
    if nodeCount == capacity {
      let larger = UnsafeMutablePointer<Node>.allocate(capacity: 2 * capacity)
      unsafe larger.update(from: nodes, count: nodeCount)
      unsafe nodes.deallocate()
      unsafe nodes = larger
      capacity *= 2
    }
    var node = Node()
    node.name = name
    unsafe nodes[nodeCount] = node
    samples.append([])
    nodeCount += 1
    return Int32(truncatingIfNeeded: nodeCount - 1)
  }

  /// Makes a map of an object whose names turned out to be data.
  private mutating func fold(_ node: Int32) {
    foldCount &+= 1
    unsafe nodes[Int(node)].isMap = true
    var field = unsafe nodes[Int(node)].firstField
    unsafe nodes[Int(node)].firstField = -1
    unsafe nodes[Int(node)].lastField = -1
    unsafe nodes[Int(node)].fieldCount = 0
    let target = element(of: node)
    while field >= 0 {
      merge(field, into: target)
      unsafe field = nodes[Int(field)].nextField
    }
  }

  private mutating func merge(_ other: Int32, into node: Int32) {
    let theirs = unsafe nodes[Int(other)]
    unsafe nodes[Int(node)].kinds |= theirs.kinds
    unsafe nodes[Int(node)].textForm = max(nodes[Int(node)].textForm, theirs.textForm)
    unsafe nodes[Int(node)].count += theirs.count
    for sample in samples[Int(other)] { add(sample, Int(node)) }
    if theirs.isMap, unsafe !nodes[Int(node)].isMap { fold(node) }
    var field = theirs.firstField
    while field >= 0 {
      if unsafe nodes[Int(node)].isMap {
        merge(field, into: element(of: node))
      } else {
        let name = unsafe nodes[Int(field)].name
        let target = findField(name, of: node)
        merge(field, into: target)
      }
      unsafe field = nodes[Int(field)].nextField
    }
    if theirs.element >= 0 {
      let target = element(of: node)
      merge(theirs.element, into: target)
    }
  }

  /// Takes new numbers for the names, from a table that has forgotten the old ones.
  mutating func renumber(from old: borrowing NameTable, _ names: inout NameTable) {
    fields.removeAll(keepingCapacity: true)
    for index in 0..<nodeCount where unsafe nodes[index].name >= 0 {
      unsafe nodes[index].name = names.number(old.text(nodes[index].name))
    }
    for parent in 0..<nodeCount {
      var field = unsafe nodes[parent].firstField
      while field >= 0 {
        let name = unsafe nodes[Int(field)].name
        fields[SurveyTree.key(name, in: Int32(truncatingIfNeeded: parent))] = field
        unsafe field = nodes[Int(field)].nextField
      }
    }
    words = Words(
      identityMap: names.number("identityMap"),
      segmentMembership: names.number("segmentMembership")
    )
  }

  /// What was counted, free of this tree and its numbers; of profiles and of events.
  func parts(_ names: borrowing NameTable) -> (profile: SurveyPart, event: SurveyPart) {
    (part(0, names), part(1, names))
  }

  private func part(_ index: Int32, _ names: borrowing NameTable) -> SurveyPart {
    let node = unsafe nodes[Int(index)]
    var part = SurveyPart()
    part.kinds = FieldKinds(rawValue: node.kinds)
    part.textForm = TextForm(rawValue: node.textForm) ?? .any
    part.count = node.count
    part.isMap = node.isMap
    part.samples = samples[Int(index)].map { ($0.text, $0.number) }
    var field = node.firstField
    while field >= 0 {
      let child = unsafe nodes[Int(field)]
      part.append(names.text(child.name), self.part(field, names))
      field = child.nextField
    }
    if node.element >= 0 { part.element = [self.part(node.element, names)] }
    return part
  }
}

extension Tape {
  /// What a text was written as, as in `TextForm`.
  fileprivate func textForm(_ place: Place) -> UInt8 {
    if unsafe withBytes(place, { unsafe TimeText.isPlainInstant($0) }) {
      return TextForm.instant.rawValue
    }
    guard let time = time(place) else { return TextForm.any.rawValue }
    return time.isDateOnly ? TextForm.date.rawValue : TextForm.instant.rawValue
  }
}
