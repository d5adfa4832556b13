import Bytes
import ProfileStore

/// Matches events: writes the vectors of the nodes that ask whether a profile has some, or how many.
final class EventRun {
  private let program: CompiledProgram
  private let eventTypes: [Text]
  private let classifiers: [FieldClassifier]
  private let uses: [TablePlan.Use]
  /// By use: the node of an existence.
  private let nodes: [Int]
  /// By use that counts: at least how many events make each node.
  private let thresholds: [[(count: Int, node: Int)]]
  private var plans: [PlanKey: TablePlan] = [:]

  private let classes: [Scratch<UInt16>]
  private let masks = Scratch<UInt64>(count: 4_096)
  private let united = Scratch<UInt64>(count: BlockVector.bitCount)
  private let profiles = Scratch<UInt16>(count: 4_096)
  private let starts = Scratch<UInt32>(count: BlockVector.bitCount + 1)
  /// Events of each profile, for each use that counts.
  private let counts: Scratch<UInt16>
  private let countPlaces: [Int]

  private struct PlanKey: Hashable {
    var type: Int
    var present: [Bool]
  }

  init(_ program: CompiledProgram, eventTypes: [Text]) {
    self.program = program
    self.eventTypes = eventTypes
    classifiers = program.eventFields.map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.graph.tests[$0] },
        numbers: field.tests
      )
    }
    classes = program.eventFields.map { _ in Scratch(count: 4_096) }
    var uses: [TablePlan.Use] = []
    var nodes: [Int] = []
    var thresholds: [[(count: Int, node: Int)]] = []
    var countPlaces: [Int] = []
    var counting: [Int: Int] = [:]
    for (number, node) in program.graph.nodes.enumerated() {
      switch node {
      case .exists(let match):
        uses.append(TablePlan.Use(match: match, purpose: .exists))
        nodes.append(number)
        thresholds.append([])
        countPlaces.append(-1)
      case .count(let match, let count):
        let use = counting[match] ?? uses.count
        if use == uses.count {
          countPlaces.append(counting.count)
          counting[match] = use
          uses.append(TablePlan.Use(match: match, purpose: .count))
          nodes.append(-1)
          thresholds.append([])
        }
        thresholds[use].append((count, number))
      default: break
      }
    }
    self.uses = uses
    self.nodes = nodes
    self.thresholds = thresholds
    self.countPlaces = countPlaces
    counts = Scratch(count: max(1, counting.count) * BlockVector.bitCount)
  }

  var isFull: Bool { classifiers.contains(where: \.isFull) }

  func run(
    _ columns: BlockColumns,
    _ columnClasses: ColumnClasses,
    into vectors: Scratch<UInt64>
  ) throws(StoreError) {
    if uses.isEmpty { return }
    counts.fill(0, count: counts.count)
    for table in columns.eventTables {
      try run(table, columns, columnClasses, into: vectors)
    }
    for (use, thresholds) in thresholds.enumerated() where !thresholds.isEmpty {
      let counts = unsafe counts.pointer + countPlaces[use] * BlockVector.bitCount
      for (count, node) in thresholds {
        unsafe mark(counts, atLeast: UInt16(count), into: vectors.vector(node))
      }
    }
  }

  private func run(
    _ table: EventTable,
    _ columns: BlockColumns,
    _ columnClasses: ColumnClasses,
    into vectors: Scratch<UInt64>
  ) throws(StoreError) {
    let plan = plan(for: table)
    if plan.words.isEmpty { return }
    var pointers = unsafe classes.map { unsafe $0.pointer }
    for field in plan.fields {
      let room = unsafe classes[field].room(for: table.rowCount + 64)
      unsafe pointers[field] = room
      try unsafe columnClasses.write(
        table.columns,
        classifiers[field].path.names[...],
        by: classifiers[field],
        into: room
      )
    }
    unsafe readStarts(table.starts, from: columns.bytes)
    let profiles = unsafe profiles.room(for: table.rowCount + 64)
    unsafe spreadProfiles(
      starts.pointer,
      profileCount: columns.profileCount,
      rowCount: table.rowCount,
      into: profiles
    )
    let masks = unsafe masks.room(for: table.rowCount + 64)
    for (word, purpose) in zip(plan.words, plan.purposes) {
      word.update(classifiers)
      unsafe word.write(pointers, count: table.rowCount, into: masks)
      switch purpose {
      case .exists:
        united.fill(0, count: BlockVector.bitCount)
        unsafe unite(masks, of: profiles, count: table.rowCount, into: united.pointer)
        unsafe addColumns(of: united.pointer, for: word.uses.map { nodes[$0] }, to: vectors)
      case .count:
        unsafe count(masks, of: profiles, table.rowCount, for: word.uses)
      }
    }
  }

  private func plan(for table: EventTable) -> TablePlan {
    let present = classifiers.map { ColumnClasses.has($0.path.names[...], in: table.columns) }
    let key = PlanKey(type: table.type, present: present)
    if let known = plans[key] { return known }
    let type = table.type < eventTypes.count ? eventTypes[table.type] : nil
    let made = TablePlan(uses, program, type: type, present: present)
    plans[key] = made
    return made
  }

  private func readStarts(_ numbers: PackedNumbers, from bytes: UnsafeRawPointer) {
    let start = unsafe bytes + numbers.offset
    for index in 0..<numbers.count {
      unsafe starts.pointer[index] =
        switch numbers.width {
        case 1: unsafe UInt32(start.load(fromByteOffset: index, as: UInt8.self))
        case 2: unsafe UInt32(start.load(fromByteOffset: 2 * index, as: UInt16.self))
        case 4: unsafe start.load(fromByteOffset: 4 * index, as: UInt32.self)
        default:
          unsafe UInt32(truncatingIfNeeded: start.load(fromByteOffset: 8 * index, as: UInt64.self))
        }
    }
  }

  private func count(
    _ masks: UnsafePointer<UInt64>,
    of profiles: UnsafePointer<UInt16>,
    _ rowCount: Int,
    for uses: [Int]
  ) {
    let places = uses.map { countPlaces[$0] * BlockVector.bitCount }
    let counts = unsafe counts.pointer
    unsafe places.withUnsafeBufferPointer { places in
      for row in 0..<rowCount {
        var bits = unsafe masks[row]
        while bits != 0 {
          let place = unsafe places[bits.trailingZeroBitCount] &+ Int(profiles[row])
          // A count above the largest number is as good as that.
          unsafe counts[place] &+= counts[place] == .max ? 0 : 1
          bits &= bits &- 1
        }
      }
    }
  }

  /// Sets the bits of the profiles with enough events.
  private func mark(
    _ counts: UnsafePointer<UInt16>,
    atLeast count: UInt16,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    for word in 0..<BlockVector.wordCount {
      var bits: UInt64 = 0
      let counts = unsafe counts + 64 * word
      for bit in 0..<64 {
        bits |= unsafe (counts[bit] >= count ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
      }
      unsafe vector[word] = bits
    }
  }
}
