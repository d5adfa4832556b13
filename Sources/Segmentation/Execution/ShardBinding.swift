import Bytes
import ProfileStore

/// A program made ready for one shard: what every thread reads on its way through the blocks.
@safe final class ShardBinding: @unchecked Sendable {
  let program: CompiledProgram
  let conditions: EventConditions
  let attributeConditions: AttributeConditions
  let meterParts: MeterParts
  /// Owns what pointers here refer to, beside the program's own.
  let arena = Arena.ofKernels()
  private let programArena: Arena
  /// By shape.
  private(set) var tables: UnsafePointer<TableProgram>
  private(set) var tableCount = 0
  private(set) var maskTables: [MaskTable] = []
  /// By mask table, by class.
  private(set) var masks: [UnsafePointer<UInt64>] = unsafe []
  /// Fields of which values are met that have no class yet, with the classes there are.
  private(set) var openFields: [Int: FieldClassifier] = [:]
  private var openNumbers: Set<Int> = []
  /// Some field has more classes of values than can be told apart: the vectors mean nothing.
  private(set) var isFull = false

  init(
    _ program: CompiledProgram,
    _ conditions: EventConditions,
    _ attributeConditions: AttributeConditions,
    eventTypes: [Text],
    keeping programArena: Arena
  ) {
    self.programArena = programArena
    self.program = program
    self.conditions = conditions
    self.attributeConditions = attributeConditions
    meterParts = MeterParts(
      fieldCount: program.attributeFields.count + program.eventFields.count,
      attributes: attributeConditions,
      conditions,
      eventTypes: eventTypes
    )
    unsafe tables = arena.store([])
  }

  func add(_ table: MaskTable) { maskTables.append(table) }

  func meetsNewValues(of field: Int) { openNumbers.insert(field) }

  /// Takes the programs; by now every class is known that is not met on the way.
  func finish(_ programs: [TableProgram], _ classifiers: [FieldClassifier]) {
    unsafe masks = maskTables.map { unsafe arena.store($0.masks(classifiers[$0.field])) }
    unsafe tables = arena.store(programs)
    tableCount = unsafe programs.count
    for field in openNumbers { openFields[field] = FieldClassifier(copy: classifiers[field]) }
    isFull = classifiers.contains(where: \.isFull)
  }
}
