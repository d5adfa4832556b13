import Bytes
import PQL
import ProfileStore

/// Runs a program over blocks of a shard, one after the other, on one thread.
///
/// For each block it leaves a vector of bits for every condition of the program: first those of
/// attributes and of matches of events, then what the steps make of them; what is lazy is asked for
/// by `LazyConditions`.
final class BlockRun {
  let program: CompiledProgram
  /// A vector for each node of the program, then those of events of pairs.
  let vectors: Scratch<UInt64>
  private let binding: ShardBinding
  private let classes: FieldClasses
  private let attributeWords: WordVectors
  private let eventWords: WordVectors
  private let sums: EventSums
  private let pairs: EventPairs
  /// By field, the classes of the rows that something goes through: all, and those from a floor on.
  private let allClasses: ClassRooms
  private let floorClasses: ClassRooms
  private let allRows: TableRows
  private let floorRows: TableRows
  private let everyNumber: Scratch<UInt32>
  private let masks: Scratch<UInt64>
  private var areAnyZone = true
  private(set) var profileCount = 0
  /// The bits of the block's profiles.
  private(set) var everyone: [UInt64] = []

  /// Makes room for tables of at most `rowCountMax` rows.
  init(_ binding: ShardBinding, _ snapshot: ShardSnapshot, rowCountMax: Int) {
    program = binding.program
    self.binding = binding
    let conditions = binding.conditions
    vectors = Scratch(count: conditions.vectorCount * BlockVector.wordCount)
    classes = FieldClasses(binding, snapshot)
    let attributes = binding.attributeConditions.words
    attributeWords = WordVectors(
      targets: attributes.map { $0.map(\.node) },
      thresholds: attributes.map { _ in [] },
      planeCounts: attributes.map { _ in 0 }
    )
    eventWords = WordVectors(
      targets: conditions.words.map { $0.bits.map(\.vector) },
      thresholds: conditions.words.map { $0.bits.map(\.atLeast) },
      planeCounts: conditions.words.map(\.planeCount)
    )
    let rowCountMax = max(rowCountMax, BlockVector.bitCount)
    sums = EventSums(conditions, rowCountMax: rowCountMax)
    pairs = EventPairs(conditions, rowCountMax: rowCountMax)
    allClasses = ClassRooms(fieldCount: binding.fieldCount, rowCountMax: rowCountMax)
    floorClasses = ClassRooms(fieldCount: binding.fieldCount, rowCountMax: rowCountMax)
    everyNumber = Scratch(count: rowCountMax + 64)
    for index in 0..<everyNumber.count {
      unsafe everyNumber.pointer[index] = UInt32(truncatingIfNeeded: index)
    }
    allRows = unsafe TableRows(rowCountMax: rowCountMax, everyNumber: everyNumber.pointer)
    floorRows = unsafe TableRows(rowCountMax: rowCountMax, everyNumber: everyNumber.pointer)
    masks = Scratch(count: rowCountMax + 64)
  }

  /// Some field has more classes of values than can be told apart: the vectors mean nothing.
  var isFull: Bool { binding.isFull || classes.isFull }

  /// The block as values.
  func blockValues() throws(StoreError) -> ProfileBlock { try classes.blockValues() }

  /// Finds the vectors of a block; `lazy` answers what is in doubt.
  func run(
    _ number: Int,
    _ block: FlatBlock,
    _ lazy: LazyConditions
  ) throws(ShardEvaluationError) {
    begin(number, profileCount: block.profileCount)
    do throws(StoreError) {
      for table in 0..<block.tableCount { try unsafe match(block.tables[table], number: table) }
    } catch {
      throw .store(error)
    }
    attributeWords.finish(into: vectors)
    eventWords.finish(into: vectors)
    pairs.run(areAnyZone: areAnyZone, into: vectors)
    sums.finish(into: vectors)
    lazy.begin()
    for doubt in sums.doubts { try lazy.resolve(doubt) }
    for doubt in pairs.doubts { try lazy.resolve(doubt) }
    unsafe program.steps.withUnsafeBufferPointer { steps in
      guard let start = steps.baseAddress else { return }
      unsafe Segmentation.run(start, count: steps.count, over: vectors.pointer)
    }
  }

  private func begin(_ number: Int, profileCount: Int) {
    if profileCount != self.profileCount {
      self.profileCount = profileCount
      everyone = (0..<BlockVector.wordCount).map { word in
        let rest = profileCount - 64 * word
        return rest >= 64 ? .max : rest <= 0 ? 0 : (1 << UInt64(rest)) - 1
      }
    }
    areAnyZone = true
    classes.begin(number)
    sums.begin()
    pairs.begin()
    unsafe vectors.pointer.update(repeating: .max, count: BlockVector.wordCount)
  }

  // MARK: Tables

  private func match(_ table: FlatTable, number: Int) throws(StoreError) {
    let program = unsafe binding.tables[table.shape]
    if unsafe number > 0 && !program.isInstantInAnyZone { areAnyZone = false }
    if unsafe program.passCount == 0 { return }
    if number == 0 {
      unsafe allRows.takeProfiles(table.rowCount)
    } else {
      if unsafe program.usesAllRows { unsafe allRows.takeAll(table) }
      if unsafe program.usesFloor {
        unsafe floorRows.take(
          table,
          from: program.floor,
          in: table.lanes[program.timeLane]
        )
      }
    }
    for index in 0..<(unsafe program.fieldCount) {
      let step = unsafe program.fields[index]
      let rows = unsafe step.hasFloor ? floorRows : allRows
      if rows.count == 0 { continue }
      let rooms = unsafe step.hasFloor ? floorClasses : allClasses
      try unsafe classes.write(step, table, number: number, rows, into: rooms[step.field])
    }
    for index in 0..<(unsafe program.passCount) {
      unsafe pass(program.passes[index], table)
    }
  }

  private func pass(_ step: PassStep, _ table: FlatTable) {
    let rows = unsafe step.hasFloor ? floorRows : allRows
    if rows.count == 0 { return }
    let rooms = unsafe step.hasFloor ? floorClasses : allClasses
    let number = unsafe step.number
    switch unsafe step.target {
    case .attributes: unsafe passAttributes(step, rooms)
    case .exists:
      unsafe writeMasks(step, rows, rooms, into: masks.pointer)
      unsafe unite(
        masks.pointer,
        of: rows.places.pointer,
        count: rows.count,
        into: eventWords.masks(number)
      )
    case .count:
      unsafe writeMasks(step, rows, rooms, into: masks.pointer)
      let united = unsafe eventWords.masks(number)
      guard let counters = unsafe eventWords.counters(number) else { return }
      unsafe count(
        masks.pointer,
        of: rows.places.pointer,
        count: rows.count,
        planes: counters,
        planeCount: step.planeCount,
        into: united
      )
    case .pair:
      let kept = unsafe pairs.nextMasks()
      unsafe writeMasks(step, rows, rooms, into: kept)
      unsafe unite(
        kept,
        of: rows.places.pointer,
        count: rows.count,
        into: eventWords.masks(number)
      )
      unsafe pairs.keep(rows, step, table, profileCount: profileCount)
    case .sums:
      unsafe writeMasks(step, rows, rooms, into: masks.pointer)
      unsafe sums.add(masks.pointer, step, table, rows)
    }
  }

  private func passAttributes(_ step: PassStep, _ rooms: ClassRooms) {
    let united = unsafe attributeWords.masks(step.number)
    if unsafe step.constant != 0 {
      for place in 0..<BlockVector.bitCount { unsafe united[place] |= step.constant }
    }
    for index in 0..<(unsafe step.fieldCount) {
      unsafe uniteInPlace(
        rooms[step.fields[index]],
        classes.masks[step.maskTable + index],
        count: profileCount,
        into: united
      )
    }
  }

  /// Writes for each row the conditions of a pass that it fulfils.
  private func writeMasks(
    _ step: PassStep,
    _ rows: TableRows,
    _ rooms: ClassRooms,
    into masks: UnsafeMutablePointer<UInt64>
  ) {
    let fieldCount = unsafe step.fieldCount
    let tables = unsafe classes.masks + step.maskTable
    let fields = unsafe step.fields
    if fieldCount == 0 {
      return unsafe masks.update(repeating: step.bits, count: rows.count)
    }
    if fieldCount == 1 {
      return unsafe Segmentation.masks(rooms[fields[0]], tables[0], count: rows.count, into: masks)
    }
    unsafe Segmentation.masks(
      (UnsafePointer(rooms[fields[0]]), tables[0]),
      (UnsafePointer(rooms[fields[1]]), tables[1]),
      count: rows.count,
      into: masks
    )
    var index = 2
    while index + 1 < fieldCount {
      unsafe intersect(
        masks,
        (UnsafePointer(rooms[fields[index]]), tables[index]),
        (UnsafePointer(rooms[fields[index + 1]]), tables[index + 1]),
        count: rows.count
      )
      index += 2
    }
    if index < fieldCount {
      unsafe intersect(masks, rooms[fields[index]], tables[index], count: rows.count)
    }
  }
}

/// Room for the classes of a table's rows, by field.
@safe private final class ClassRooms {
  private let rooms: Scratch<UInt16>
  private let stride: Int

  init(fieldCount: Int, rowCountMax: Int) {
    stride = (rowCountMax + 127) / 64 * 64
    rooms = Scratch(count: max(1, fieldCount) * stride)
  }

  subscript(field: Int) -> UnsafeMutablePointer<UInt16> {
    unsafe rooms.pointer + field * stride
  }
}

extension Scratch<UInt64> {
  /// The words of a node's vector.
  func vector(_ node: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe pointer + node * BlockVector.wordCount
  }
}
