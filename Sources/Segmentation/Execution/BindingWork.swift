import Bytes
import Domain
import ProfileStore

/// The part of the binding that goes on from shard to shard.
@safe final class BindingWork {
  let program: CompiledProgram
  let conditions: EventConditions
  private let attributeConditions: AttributeConditions
  let classifiers: [FieldClassifier]
  let arena = Arena.ofKernels()
  private var layouts: [LayoutKey: Layout] = [:]
  /// Tests of a field that matter somewhere, by index, and their numbers.
  private(set) var testSets: [Set<Int>] = []
  private var testSetNumbers: [Set<Int>: Int] = [:]
  /// `nil` where each value has to be asked about.
  var cuts: [CutKey: LaneCuts?] = unsafe [:]

  private struct LayoutKey: Hashable {
    /// `nil` for attributes.
    var type: Text??
    var isPresent: [Bool]
  }

  /// A layout with its mask tables.
  @safe final class Layout {
    let layout: TableLayout
    /// By pass and field.
    let tables: [[MaskTable]]
    var masks: [[(start: UnsafePointer<UInt64>, count: Int)]]
    /// What fields are looked at for, in tables without times to compare and in those with such.
    let plans: [[FieldPlan]]

    /// By pass, what its bits are for.
    let bits: [PassBits]

    init(_ layout: TableLayout, plans: [[FieldPlan]], bits: [PassBits]) {
      self.layout = layout
      self.plans = plans
      unsafe self.bits = bits
      tables = layout.passes.map { pass in pass.fields.indices.map { MaskTable(pass, $0) } }
      unsafe masks = []
    }
  }

  /// Tests of one field that have to be known of some rows.
  struct FieldPlan {
    var rows: RowSet
    var field: Int
    /// The number of the set of tests.
    var tests: Int
  }

  /// What cuts depend on.
  struct CutKey: Hashable {
    var field: Int
    var order: ValueOrder
    /// The number of the set of the tests that matter.
    var tests: Int
    /// No value is at a lower place.
    var floor: UInt64
  }

  init(_ program: CompiledProgram) {
    self.program = program
    conditions = EventConditions(program)
    attributeConditions = AttributeConditions(program)
    classifiers = (program.attributeFields + program.eventFields).map { field in
      FieldClassifier(
        field.path,
        tests: field.tests.map { program.tests[$0] },
        numbers: field.tests
      )
    }
  }

  // MARK: A shard

  func bind(_ snapshot: ShardSnapshot) throws(StoreError) -> ShardBinding {
    let shapes = snapshot.shapes
    let binding = ShardBinding(
      program,
      conditions,
      attributeConditions,
      eventTypes: snapshot.eventTypes,
      keeping: arena
    )
    var dictionaries: [[Int]: UnsafePointer<UInt16>] = unsafe [:]
    var used: [(layout: Layout, program: PendingTable)] = unsafe []
    for fields in shapes {
      let layout = self.layout(of: fields, snapshot.eventTypes)
      let pending = try unsafe pendingTable(fields, layout, snapshot, &dictionaries, binding)
      unsafe used.append((layout, pending))
    }
    // By now every class is known that is not met on the way.
    var programs: [TableProgram] = unsafe []
    for index in unsafe used.indices {
      let (layout, pending) = unsafe used[index]
      updateMasks(of: layout)
      unsafe programs.append(table(pending, layout, binding))
    }
    unsafe binding.finish(programs, classifiers)
    return binding
  }

  private func layout(of fields: TableFields, _ eventTypes: [Text]) -> Layout {
    let isOfAttributes = fields.shape.type < 0
    let paths = isOfAttributes ? program.attributeFields : program.eventFields
    let type = eventTypes.indices.contains(fields.shape.type) ? eventTypes[fields.shape.type] : nil
    let key = LayoutKey(
      type: isOfAttributes ? .none : .some(type),
      isPresent: isOfAttributes
        ? [] : paths.map { fields.place(of: $0.path.names) != .nowhere }
    )
    if let known = layouts[key] { return known }
    let made =
      isOfAttributes
      ? TableLayout(attributeConditions, program)
      : TableLayout(conditions, program, type: type, isPresent: key.isPresent)
    let plans = [false, true].map { plan(made, hasTime: $0) }
    let bits = unsafe made.passes.map { unsafe passBits($0) }
    let layout = unsafe Layout(made, plans: plans, bits: bits)
    layouts[key] = layout
    return layout
  }

  private func plan(_ layout: TableLayout, hasTime: Bool) -> [FieldPlan] {
    RowSet.allCases.flatMap { rows in
      let passes = layout.passes.filter { $0.rows(hasTime: hasTime) == rows }
      return Set(passes.flatMap(\.fields)).sorted().map { field in
        let tests = Set(passes.flatMap { $0.tests(of: field) })
        return FieldPlan(rows: rows, field: field, tests: number(of: tests))
      }
    }
  }

  private func number(of tests: Set<Int>) -> Int {
    if let known = testSetNumbers[tests] { return known }
    testSets.append(tests)
    testSetNumbers[tests] = testSets.count - 1
    return testSets.count - 1
  }

  private func updateMasks(of layout: Layout) {
    if unsafe layout.masks.isEmpty {
      unsafe layout.masks = layout.tables.map { tables in
        unsafe tables.map { table in
          unsafe (
            arena.store(table.masks(classifiers[table.field])), classifiers[table.field].classCount
          )
        }
      }
      return
    }
    for (pass, tables) in layout.tables.enumerated() {
      for (index, table) in tables.enumerated() {
        let classifier = classifiers[table.field]
        if unsafe layout.masks[pass][index].count == classifier.classCount { continue }
        unsafe layout.masks[pass][index] = (
          arena.store(table.masks(classifier)), classifier.classCount
        )
      }
    }
  }
}
