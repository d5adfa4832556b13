import Bytes
import PQL
import ProfileStore

/// Runs a program over blocks of a shard, one after the other, on one thread.
///
/// For each block it leaves a vector of bits for every condition of the program: first those of
/// attributes and of matches of events, then what the steps make of them; what is lazy is asked for
/// by `LazyConditions`.
@safe final class BlockRun {
  let program: CompiledProgram
  /// A vector for each node of the program, then a spare one and those of halves of pairs.
  let vectors: Scratch<UInt64>
  private let binding: ShardBinding
  private let classes: FieldClasses
  private let attributeWords: WordVectors
  private let eventWords: WordVectors
  private let sums: EventSums
  private let pairs: EventPairs
  private let order: PairOrder
  private let all: RowRoom
  private let fromFloor: RowRoom
  private let ofHalves: RowRoom
  private let everyNumber: Scratch<UInt32>
  private let passMasks: PassMasks
  private let digits = Scratch<UInt64>(count: 64)
  /// Notes what is done for each part of the program.
  private(set) var meter: CostMeter
  private var areAnyZone = true
  /// Told of the masks that events of a table have for a word, and of the rows they are of.
  var noteMasks: ((_ word: Int, UnsafePointer<UInt64>, TableRows, _ table: Int) -> Void)?
  /// The table that is matched.
  private var table = 0
  private(set) var profileCount = 0
  /// The bits of the block's profiles.
  private(set) var everyone: [UInt64] = []

  /// Makes room for tables of at most `rowCountMax` rows.
  init(_ binding: ShardBinding, _ snapshot: ShardSnapshot, rowCountMax: Int) {
    program = binding.program
    self.binding = binding
    meter = CostMeter(partCount: binding.meterParts.parts.count)
    let conditions = binding.conditions
    vectors = Scratch(count: conditions.vectorCount * BlockVector.wordCount)
    let attributes = binding.attributeConditions.words
    attributeWords = WordVectors(attributes.map { WordVectors.Word(targets: $0.map(\.node)) })
    eventWords = WordVectors(
      conditions.words.map { WordVectors.Word($0, spare: conditions.nodeCount) }
    )
    let rowCountMax = max(rowCountMax, BlockVector.bitCount)
    classes = FieldClasses(binding, snapshot, rowCountMax: rowCountMax)
    sums = EventSums(conditions, rowCountMax: rowCountMax)
    pairs = EventPairs(conditions, rowCountMax: rowCountMax)
    order = PairOrder(binding)
    everyNumber = Scratch(count: rowCountMax + 64)
    for index in 0..<everyNumber.count {
      unsafe everyNumber.pointer[index] = UInt32(truncatingIfNeeded: index)
    }
    let fieldCount = binding.fieldCount
    all = unsafe RowRoom(fieldCount, rowCountMax, everyNumber.pointer)
    fromFloor = unsafe RowRoom(fieldCount, rowCountMax, everyNumber.pointer)
    ofHalves = unsafe RowRoom(fieldCount, rowCountMax, everyNumber.pointer)
    passMasks = PassMasks(classes, rowCountMax: rowCountMax)
  }

  /// Some field has more classes of values than can be told apart: the vectors mean nothing.
  var isFull: Bool { binding.isFull || classes.isFull }

  /// Gives what was noted since this was last asked.
  func takeTally() -> PartTally {
    defer { meter = CostMeter(partCount: binding.meterParts.parts.count) }
    return PartTally(
      rowCounts: meter.rowCounts,
      sampledNanoseconds: meter.sampledNanoseconds,
      searchedCounts: pairs.takeSearchedCounts()
    )
  }

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
      try unsafe matchAttributes(block.tables[0])
      let tables = order.tables(of: block)
      for place in tables.indices {
        try unsafe match(block.tables[tables[place]], number: tables[place], at: place)
      }
    } catch {
      throw .store(error)
    }
    attributeWords.finish(into: vectors)
    eventWords.finish(into: vectors)
    meter.note(MeterParts.program)
    pairs.finish(areAnyZone: areAnyZone, into: vectors)
    meter.note(MeterParts.pairs)
    sums.finish(into: vectors)
    meter.note(MeterParts.sumsAcross)
    lazy.begin()
    for doubt in sums.doubts { try lazy.resolve(doubt) }
    for doubt in pairs.doubts { try lazy.resolve(doubt) }
    unsafe program.steps.withUnsafeBufferPointer { steps in
      guard let start = steps.baseAddress else { return }
      unsafe Segmentation.run(start, count: steps.count, over: vectors.pointer)
    }
    meter.note(MeterParts.program, rows: profileCount)
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
    meter.begin(number)
    classes.begin(number)
    sums.begin(vectors)
    pairs.begin()
    unsafe vectors.pointer.update(repeating: .max, count: BlockVector.wordCount)
  }

  // MARK: Tables

  private func matchAttributes(_ table: FlatTable) throws(StoreError) {
    let program = unsafe binding.tables[table.shape]
    unsafe all.rows.takeProfiles(table.rowCount)
    for index in 0..<(unsafe program.fieldCount) {
      let step = unsafe program.fields[index]
      try unsafe classes.write(step, table, number: 0, all.rows, into: all.classes(step.field))
      unsafe meter.note(step.meterPart, rows: all.rows.count)
    }
    for index in 0..<(unsafe program.passCount) { unsafe passAttributes(program.passes[index]) }
  }

  private func match(_ table: FlatTable, number: Int, at place: Int) throws(StoreError) {
    self.table = number
    let program = unsafe binding.tables[table.shape]
    if unsafe !program.isInstantInAnyZone { areAnyZone = false }
    if unsafe program.passCount == 0 { return }
    if unsafe program.usesAllRows { unsafe all.rows.takeAll(table) }
    if unsafe program.usesFloor {
      let times = unsafe table.lanes[program.timeLane]
      unsafe fromFloor.rows.take(table, from: program.floor, in: times)
      unsafe meter.note(program.passes[0].meterPart)
    }
    if unsafe program.usesHalves {
      unsafe order.choose(
        ofHalves.rows,
        of: table,
        at: place,
        program,
        pairs,
        profileCount: profileCount
      )
      unsafe meter.note(program.passes[program.passCount - 1].meterPart)
    }
    // Rooms are named one by one: what is chosen among objects is retained.
    for index in 0..<(unsafe program.fieldCount) {
      let step = unsafe program.fields[index]
      switch unsafe step.rows {
      case .all: try unsafe classify(step, table, all)
      case .floor: try unsafe classify(step, table, fromFloor)
      case .halves: try unsafe classify(step, table, ofHalves)
      }
    }
    for index in 0..<(unsafe program.passCount) {
      let step = unsafe program.passes[index]
      switch unsafe step.rows {
      case .all: unsafe pass(step, table, all)
      case .floor: unsafe pass(step, table, fromFloor)
      case .halves: unsafe pass(step, table, ofHalves)
      }
    }
  }

  /// Writes the classes of a field of a table's events.
  private func classify(
    _ step: FieldStep,
    _ table: FlatTable,
    _ room: RowRoom
  ) throws(StoreError) {
    if room.rows.count == 0 { return }
    try unsafe classes.write(
      step,
      table,
      number: self.table,
      room.rows,
      into: room.classes(step.field)
    )
    unsafe meter.note(step.meterPart, rows: room.rows.count)
  }

  private func pass(_ step: PassStep, _ table: FlatTable, _ room: RowRoom) {
    if room.rows.count == 0 { return }
    switch unsafe step.target {
    case .attributes: break
    case .word:
      unsafe passMasks.write(step, room)
      unsafe take(step, table, room.rows)
    case .halves:
      unsafe passMasks.write(step, room)
      let masks = unsafe passMasks.masks.pointer
      unsafe pairs.keep(masks, step, table, room.rows, profileCount: profileCount)
      unsafe meter.note(step.meterPart, rows: room.rows.count)
    }
  }

  /// Brings the masks of a table's events to their profiles.
  private func take(_ step: PassStep, _ table: FlatTable, _ rows: TableRows) {
    let number = unsafe step.number
    let (masks, profiles, rowCount) = unsafe (passMasks.masks.pointer, rows.profiles, rows.count)
    unsafe noteMasks?(number, masks, rows, self.table)
    let united = unsafe eventWords.masks(number)
    if unsafe step.marked != 0 {
      unsafe unite(masks, of: profiles, count: rowCount, keeping: step.marked, into: united)
    }
    if unsafe step.counted != 0 {
      unsafe count(
        masks,
        of: profiles,
        count: rowCount,
        keeping: step.counted,
        eventWords.counters(number),
        digits: digits.pointer,
        into: united
      )
    }
    if unsafe step.countedAcross != 0 {
      unsafe count(
        masks,
        of: profiles,
        count: rowCount,
        keeping: step.countedAcross,
        allDigits: eventWords.allDigits(number),
        digitCount: eventWords.counters(number).digitCount,
        into: united
      )
    }
    unsafe meter.note(step.meterPart, rows: rowCount)
    for index in 0..<(unsafe step.sumCount) {
      unsafe sums.add(masks, step.sums[index], word: number, table, rows, into: vectors)
      unsafe meter.note(step.sums[index].meterPart, rows: rowCount)
    }
  }

  private func passAttributes(_ step: PassStep) {
    let united = unsafe attributeWords.masks(step.number)
    if unsafe step.constant != 0 {
      for place in 0..<BlockVector.bitCount { unsafe united[place] |= step.constant }
    }
    unsafe passMasks.unite(step, all, profileCount: profileCount, into: united)
    unsafe meter.note(step.meterPart, rows: profileCount)
  }
}

extension Scratch<UInt64> {
  /// The words of a node's vector.
  func vector(_ node: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe pointer + node * BlockVector.wordCount
  }
}
