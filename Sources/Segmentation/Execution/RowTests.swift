import ProfileStore

/// Finds the rows of a table that pass each test: a vector with a bit for each row.
@safe final class RowTests {
  /// Conditions on recent events from which on these get vectors of their own.
  private static let recentCountMin = 4

  private let classified: ClassVectors
  /// The vectors, first that of every row.
  private let vectors = Scratch<UInt64>(count: 0)
  private let bounds = BoundVectors()
  private let everyValue: Scratch<UInt64>
  private let present: Scratch<UInt64>
  private let part: Scratch<UInt64>
  private let rows = TableRows()
  private let matched: Scratch<UInt64>
  /// The recent rows, and vectors with a bit for each of them, by the same numbers.
  private let recentRows: Scratch<UInt64>
  private let recentVectors = Scratch<UInt64>(count: 0)
  private var recentWordCount: Int?
  /// What was read in advance, so that it is read at all.
  private var touched = 0
  private var rowCount = 0
  /// Words of each vector.
  private(set) var wordCount = 0

  init(_ binding: ShardBinding, _ classes: FieldClasses, rowCountMax: Int) {
    classified = ClassVectors(binding, classes, rowCountMax: rowCountMax)
    let wordCount = rowVectorWordCount(rowCountMax)
    everyValue = Scratch(count: wordCount)
    present = Scratch(count: wordCount)
    part = Scratch(count: wordCount)
    matched = Scratch(count: wordCount)
    recentRows = Scratch(count: wordCount)
  }

  /// Finds the vectors of a table.
  ///
  /// - Parameters:
  ///   - program: what is wanted of it.
  ///   - table: the table.
  ///   - number: its number in the block.
  ///   - meter: notes what is done.
  /// - Throws: damage that was found.
  func write(
    _ program: TableProgram,
    _ table: FlatTable,
    number: Int,
    _ meter: CostMeter
  ) throws(StoreError) {
    rowCount = unsafe table.rowCount
    wordCount = rowVectorWordCount(rowCount)
    recentWordCount = nil
    rows.take(rowCount: rowCount)
    let start = unsafe vectors.room(for: program.vectorCount * wordCount)
    unsafe writeEveryRow(rowCount, into: start)
    unsafe touch(program, table)
    for index in 0..<(unsafe program.fieldCount) {
      let step = unsafe program.fields[index]
      let own = unsafe start + step.firstVector * wordCount
      switch unsafe step.form {
      case .compared: unsafe compare(step, table, into: own)
      case .classified, .within:
        try unsafe classified.write(
          step,
          table,
          number: number,
          rows,
          wordCount: wordCount,
          into: own
        )
      }
      unsafe meter.note(step.meterPart, rows: rowCount)
    }
  }

  /// Reads a little of every lane that is wanted, so that the processor waits for all of them at once
  /// and not for one after the other.
  private func touch(_ program: TableProgram, _ table: FlatTable) {
    var sum = 0
    for index in 0..<(unsafe program.fieldCount) {
      let step = unsafe program.fields[index]
      if unsafe step.laneCount == 0 { continue }
      let lane = unsafe table.lanes + step.firstLane
      if unsafe lane.pointee.count == 0 { continue }
      let parts = unsafe lane.pointee.highParts.map { unsafe UnsafeRawPointer($0.numbers) }
      let values = unsafe parts ?? lane.pointee.rowNumbers ?? lane.pointee.values
      sum &+= Int(unsafe values.load(as: UInt8.self))
    }
    touched = sum
  }

  /// Gives the recent rows of the table vectors of their own, if that pays.
  func takeRecent(_ program: TableProgram, _ table: FlatTable, _ owners: RowOwners) {
    if unsafe program.recentCount < Self.recentCountMin { return }
    let rows = unsafe recentRows.pointer
    unsafe rows.update(repeating: 0, count: wordCount)
    for index in 0..<(unsafe program.floors.count) {
      let floor = unsafe vectors.pointer + Int(program.floors.vectors[index]) &* wordCount
      for word in 0..<wordCount { unsafe rows[word] |= floor[word] }
    }
    guard let count = unsafe owners.takeRecent(rows, ends: table.ends) else { return }
    let recentWordCount = rowVectorWordCount(count)
    let start = unsafe recentVectors.room(for: program.vectorCount * recentWordCount)
    let used = count / 64 + 1
    for index in 0..<(unsafe program.recentTests.count) {
      let number = Int(unsafe program.recentTests.vectors[index])
      let own = unsafe start + number &* recentWordCount
      unsafe compress(
        vectors.pointer + number &* wordCount,
        by: rows,
        wordCount: (rowCount + 63) / 64,
        into: own
      )
      unsafe (own + used).update(repeating: 0, count: recentWordCount - used)
    }
    self.recentWordCount = recentWordCount
  }

  /// The rows that pass all tests of a match, valid until the next call; `nil` when there are none.
  @inline(__always)
  func rows(of match: MatchStep) -> MatchedRows? {
    var (start, wordCount, areRecent) = unsafe (UnsafePointer(vectors.pointer), wordCount, false)
    if unsafe match.isRecent, let recentWordCount {
      unsafe (start, wordCount, areRecent) = unsafe (
        UnsafePointer(recentVectors.pointer), recentWordCount, true
      )
    }
    switch unsafe match.count {
    case 0: return unsafe MatchedRows(words: start, wordCount: wordCount, areRecent: false)
    case 1:
      let only = unsafe start + Int(match.vectors[0]) &* wordCount
      return unsafe MatchedRows(words: only, wordCount: wordCount, areRecent: areRecent)
    default:
      let isAny = unsafe intersect(
        start,
        match.vectors,
        count: match.count,
        wordCount: wordCount,
        into: matched.pointer
      )
      let words = unsafe UnsafePointer(matched.pointer)
      if !isAny { return nil }
      return unsafe MatchedRows(words: words, wordCount: wordCount, areRecent: areRecent)
    }
  }

  // MARK: Comparing

  private func compare(
    _ step: FieldStep,
    _ table: FlatTable,
    into own: UnsafeMutablePointer<UInt64>
  ) {
    let lanes = unsafe table.lanes + step.firstLane
    if unsafe step.laneCount == 1 && (lanes[0].presence == nil || lanes[0].rowNumbers != nil) {
      return unsafe compareAll(step, lanes[0], into: own)
    }
    unsafe own.update(repeating: 0, count: step.testCount * wordCount)
    let (every, present, part) = unsafe (vectors.pointer, present.pointer, part.pointer)
    unsafe present.update(repeating: 0, count: wordCount)
    for index in 0..<(unsafe step.laneCount) {
      let (lane, laneStep) = unsafe (lanes[index], step.lanes[index])
      guard let presence = unsafe lane.presence else {
        unsafe bounds.write(laneStep, lane, lane.values, count: rowCount, wordCount: wordCount)
        unsafe present.update(from: every, count: wordCount)
        unsafe addChoices(laneStep, step.testCount, into: own)
        continue
      }
      let presenceWordCount = (rowCount + 63) / 64
      for word in 0..<presenceWordCount { unsafe present[word] |= presence[word] }
      unsafe bounds.write(laneStep, lane, lane.values, count: lane.count, wordCount: wordCount)
      unsafe writeEveryRow(lane.count, into: everyValue.pointer)
      unsafe clearRows(everyValue.pointer, from: lane.count, wordCount: wordCount)
      for test in 0..<(unsafe step.testCount) {
        unsafe bounds.choose(laneStep.choices[test], every: everyValue.pointer, into: part)
        unsafe spread(
          part,
          over: presence,
          wordCount: presenceWordCount,
          into: own + test &* wordCount
        )
      }
    }
    for test in 0..<(unsafe step.testCount) where unsafe step.ofMissing[test] {
      let vector = unsafe own + test &* wordCount
      for word in 0..<wordCount { unsafe vector[word] |= every[word] & ~present[word] }
    }
  }

  /// Of a field whose only lane has a number or code for every row.
  private func compareAll(
    _ step: FieldStep,
    _ lane: FlatLane,
    into own: UnsafeMutablePointer<UInt64>
  ) {
    let laneStep = unsafe step.lanes[0]
    unsafe bounds.write(
      laneStep,
      lane,
      lane.rowNumbers ?? lane.values,
      count: rowCount,
      wordCount: wordCount
    )
    let missing = unsafe present.pointer
    let presenceWordCount = unsafe lane.presence == nil ? 0 : (rowCount + 63) / 64
    var knowsMissing = false
    for test in 0..<(unsafe step.testCount) {
      let choice = unsafe laneStep.choices[test]
      let vector = unsafe own + test &* wordCount
      unsafe bounds.choose(choice, every: vectors.pointer, into: vector)
      if let presence = unsafe lane.presence {
        let missing: UInt64 = unsafe step.ofMissing[test] ? .max : 0
        for word in 0..<presenceWordCount {
          unsafe vector[word] = unsafe vector[word] & presence[word] | missing & ~presence[word]
        }
        if rowCount & 63 > 0 {
          unsafe vector[rowCount >> 6] &= 1 &<< UInt64(truncatingIfNeeded: rowCount & 63) &- 1
        }
      }
      // Rows without a code have met no bound.
      guard unsafe lane.isSpread && choice.isInverse != step.ofMissing[test] else { continue }
      if !knowsMissing {
        knowsMissing = true
        unsafe writeEqual(lane.values, width: lane.width, count: rowCount, to: 0, into: missing)
        unsafe clearRows(missing, from: rowCount, wordCount: wordCount)
      }
      for word in 0..<wordCount { unsafe vector[word] ^= missing[word] }
    }
  }

  /// Adds what the tests make of the bounds.
  private func addChoices(
    _ step: LaneStep,
    _ testCount: Int,
    into own: UnsafeMutablePointer<UInt64>
  ) {
    let part = unsafe part.pointer
    for test in 0..<testCount {
      unsafe bounds.choose(step.choices[test], every: vectors.pointer, into: part)
      let vector = unsafe own + test &* wordCount
      for word in 0..<wordCount { unsafe vector[word] |= part[word] }
    }
  }
}
