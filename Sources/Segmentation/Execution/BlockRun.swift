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
  /// A vector for each node of the program, then those of halves of pairs.
  let vectors: Scratch<UInt64>
  private let binding: ShardBinding
  private let classes: FieldClasses
  private let tests: RowTests
  private let owners: RowOwners
  private let marks: EventMarks
  private let sums: EventSums
  private let pairs: EventPairs
  /// Notes what is done for each part of the program.
  private(set) var meter: CostMeter
  private var areAnyZone = true
  /// Told of the rows of a table with which a node can hold by one event.
  var noteRows: ((_ node: Int, UnsafePointer<UInt64>, _ rowCount: Int, _ table: Int) -> Void)?
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
    let rowCountMax = max(rowCountMax, BlockVector.bitCount)
    classes = FieldClasses(binding, snapshot)
    tests = RowTests(binding, classes, rowCountMax: rowCountMax)
    owners = RowOwners(rowCountMax: rowCountMax)
    marks = EventMarks(conditions, binding.attributeConditions)
    sums = EventSums(conditions, rowCountMax: rowCountMax)
    pairs = EventPairs(conditions)
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
      for number in 1..<block.tableCount { try unsafe match(block.tables[number], number) }
    } catch {
      throw .store(error)
    }
    marks.finish(into: vectors)
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
    marks.begin()
    sums.begin(vectors)
    pairs.begin()
    unsafe vectors.pointer.update(repeating: .max, count: BlockVector.wordCount)
  }

  // MARK: Tables

  private func matchAttributes(_ table: FlatTable) throws(StoreError) {
    let program = unsafe binding.tables[table.shape]
    try unsafe tests.write(program, table, number: 0, meter)
    for index in 0..<(unsafe program.markCount) {
      let step = unsafe program.marks[index]
      if let rows = unsafe tests.rows(of: step.match) {
        unsafe marks.take(step, rows.words, wordCount: tests.wordCount, into: vectors)
      }
    }
    for (word, bits) in binding.attributeConditions.words.enumerated() where !bits.isEmpty {
      meter.note(binding.meterParts.attributes(word: word), rows: profileCount)
    }
  }

  private func match(_ table: FlatTable, _ number: Int) throws(StoreError) {
    let program = unsafe binding.tables[table.shape]
    if unsafe !program.isInstantInAnyZone { areAnyZone = false }
    if unsafe program.isIdle { return }
    try unsafe tests.write(program, table, number: number, meter)
    unsafe owners.begin(table, profileCount: profileCount)
    unsafe tests.takeRecent(program, table, owners)
    let rowCount = unsafe table.rowCount
    for index in 0..<(unsafe program.markCount) {
      let step = unsafe program.marks[index]
      guard let rows = unsafe tests.rows(of: step.match) else { continue }
      if let noteRows = unsafe noteRows, unsafe step.atLeast == 1 {
        unsafe noteRows(step.node, owners.expand(rows), rowCount, number)
      }
      unsafe marks.take(step, rows, owners, into: vectors)
    }
    if unsafe program.markCount > 0 { unsafe meter.note(program.meterPart, rows: rowCount) }
    if unsafe program.sumCount > 0 { unsafe add(program, table) }
    if unsafe program.halfCount > 0 { unsafe keepHalves(program, table) }
  }

  private func add(_ program: TableProgram, _ table: FlatTable) {
    unsafe sums.begin(table)
    for index in 0..<(unsafe program.sumCount) {
      let step = unsafe program.sums[index]
      if let rows = unsafe tests.rows(of: step.match) {
        unsafe sums.add(owners.list(rows), step, table, into: vectors)
      }
      unsafe meter.note(step.meterPart, rows: table.rowCount)
    }
  }

  private func keepHalves(_ program: TableProgram, _ table: FlatTable) {
    unsafe pairs.begin(table, halfCount: program.halfCount)
    for index in 0..<(unsafe program.halfCount) {
      let step = unsafe program.halves[index]
      guard let rows = unsafe tests.rows(of: step.match) else { continue }
      unsafe pairs.keep(step.half, rows, owners, into: vectors)
    }
    unsafe meter.note(program.halvesMeterPart, rows: table.rowCount)
  }
}

extension Scratch<UInt64> {
  /// The words of a node's vector.
  func vector(_ node: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe pointer + node * BlockVector.wordCount
  }
}
