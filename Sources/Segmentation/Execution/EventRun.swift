import Bytes
import ProfileStore

/// Matches events: writes the vectors of the nodes that are about them.
final class EventRun {
  private let program: CompiledProgram
  private let eventTypes: [Text]
  private let uses: EventUses
  private let classifiers: [FieldClassifier]
  private var plans: [PlanKey: Int] = [:]
  private var planList: [TablePlan] = []
  private var slots: [TableSlot] = []

  private let masks = Scratch<UInt64>(count: 4_096)
  private let united = Scratch<UInt64>(count: BlockVector.bitCount)
  private let counts: EventCounts
  private let sums: EventSums
  private let pairs: EventPairs

  /// By type of events, then by field.
  private var finders: [[FieldFinder]]

  private struct PlanKey: Hashable {
    var type: Int
    /// By field, whether the table has values of it.
    var present: [UInt64]
  }

  init(_ program: CompiledProgram, eventTypes: [Text]) {
    self.program = program
    self.eventTypes = eventTypes
    uses = EventUses(program)
    classifiers = program.eventFields.map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.tests[$0] },
        numbers: field.tests
      )
    }
    finders = (0...eventTypes.count).map { _ in
      program.eventFields.map { FieldFinder($0.path.names) }
    }
    counts = EventCounts(uses)
    sums = EventSums(uses)
    pairs = EventPairs(uses)
  }

  var isFull: Bool { classifiers.contains(where: \.isFull) }

  /// Profiles for which some node has to be asked otherwise.
  var doubts: [EventDoubt] { sums.doubts + pairs.doubts }

  func run(
    _ columns: BlockColumns,
    _ columnClasses: ColumnClasses,
    into vectors: Scratch<UInt64>
  ) throws(StoreError) {
    if uses.isEmpty { return }
    sums.begin(columns)
    pairs.begin()
    for (index, table) in columns.eventTables.enumerated() {
      try prepare(table, at: index, columns, columnClasses)
    }
    let slots = slots[..<columns.eventTables.count]
    for slot in slots { match(slot, into: vectors) }
    pairs.run(slots, classifiers, columns.profileCount, into: vectors)
    counts.finish(into: vectors)
    sums.finish(into: vectors)
  }

  /// Finds the plan of a table and the classes of its rows.
  private func prepare(
    _ table: EventTable,
    at index: Int,
    _ columns: BlockColumns,
    _ columnClasses: ColumnClasses
  ) throws(StoreError) {
    let located = finders[table.type].map { $0.find(in: table.columns) }
    let number = plan(for: table, located)
    let plan = planList[number]
    if index == slots.count {
      slots.append(TableSlot(table, plan, number, fieldCount: classifiers.count))
    }
    let slot = slots[index]
    slot.table = table
    slot.plan = plan
    slot.planNumber = number
    if plan.words.isEmpty, plan.firsts.isEmpty, plan.seconds.isEmpty { return }
    for field in plan.fields {
      guard let located = located[field] else { continue }
      let classes = unsafe slot.classes[field].room(for: table.rowCount + 64)
      try unsafe columnClasses.write(located, by: classifiers[field], into: classes)
    }
    unsafe slot.readRows(columns.bytes, profileCount: columns.profileCount)
    if !plan.firsts.isEmpty || !plan.seconds.isEmpty { unsafe slot.readInstants(columns.bytes) }
  }

  private func plan(for table: EventTable, _ located: [LocatedColumn?]) -> Int {
    var key = PlanKey(
      type: table.type,
      present: Array(repeating: 0, count: (located.count + 63) / 64)
    )
    for (field, column) in located.enumerated() where column != nil {
      key.present[field / 64] |= 1 << UInt64(field % 64)
    }
    if let known = plans[key] { return known }
    let type = table.type < eventTypes.count ? eventTypes[table.type] : nil
    plans[key] = planList.count
    planList.append(
      TablePlan(uses, program, type: type, present: located.map { $0 != nil })
    )
    return planList.count - 1
  }

  private func match(_ slot: TableSlot, into vectors: Scratch<UInt64>) {
    let rowCount = slot.table.rowCount
    let pointers = unsafe slot.pointers()
    let masks = unsafe masks.room(for: rowCount + 64)
    for word in slot.plan.words {
      word.masks.update(classifiers)
      unsafe word.masks.write(pointers, count: rowCount, into: masks)
      switch word.purpose {
      case .exists:
        united.fill(0, count: BlockVector.bitCount)
        unsafe unite(masks, of: slot.places.pointer, count: rowCount, into: united.pointer)
        unsafe addColumns(of: united.pointer, for: word.nodes, to: vectors)
      case .count: unsafe counts.add(masks, slot, for: word.masks.uses)
      case .sum(let value): unsafe sums.add(masks, slot, value, for: word.masks.uses)
      }
    }
  }
}

/// Profiles of a block for which a node's vector says nothing; a residual has the answer.
struct EventDoubt {
  var node: Int
  var residual: Int
  /// A vector.
  var profiles: [UInt64]
}
