import Bytes
import Domain
import ProfileStore

/// The part of the binding that goes on from shard to shard.
@safe final class BindingWork {
  let program: CompiledProgram
  let conditions: EventConditions
  private let attributeConditions: AttributeConditions
  let classifiers: [FieldClassifier]
  let arena = Arena()
  private var layouts: [LayoutKey: Layout] = [:]
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

    init(_ layout: TableLayout) {
      self.layout = layout
      tables = layout.passes.map { pass in pass.fields.indices.map { MaskTable(pass, $0) } }
      unsafe masks = []
    }
  }

  /// What cuts depend on.
  struct CutKey: Hashable {
    var field: Int
    var order: ValueOrder
    /// The tests of the field that matter, by index.
    var tests: Set<Int>
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
      keeping: arena
    )
    var dictionaries: [[Int]: UnsafePointer<UInt16>] = unsafe [:]
    var used: [(layout: Layout, program: PendingTable)] = unsafe []
    for fields in shapes {
      let layout = self.layout(of: fields, snapshot.eventTypes)
      let pending = try unsafe pendingTable(fields, layout.layout, snapshot, &dictionaries, binding)
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
    let made = Layout(
      isOfAttributes
        ? TableLayout(attributeConditions, program)
        : TableLayout(conditions, program, type: type, isPresent: key.isPresent)
    )
    layouts[key] = made
    return made
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
