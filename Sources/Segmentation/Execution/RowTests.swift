import ProfileStore

/// Finds the rows of a table that pass each test: a vector with a bit for each row.
@safe final class RowTests {
  /// Conditions on recent events from which on these get vectors of their own.
  private static let recentCountMin = 4

  private let binding: ShardBinding
  private let classes: FieldClasses
  /// The vectors, first that of every row.
  private let vectors = Scratch<UInt64>(count: 0)
  /// Vectors of a lane's bounds.
  private let bounds = Scratch<UInt64>(count: 0)
  private let everyValue: Scratch<UInt64>
  private let present: Scratch<UInt64>
  private let part: Scratch<UInt64>
  private let rows: TableRows
  private let classNumbers: Scratch<UInt16>
  private let masks: Scratch<UInt64>
  private let squares = Scratch<SIMD4<UInt64>>(count: 64)
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
    self.binding = binding
    self.classes = classes
    let wordCount = rowVectorWordCount(rowCountMax)
    everyValue = Scratch(count: wordCount)
    present = Scratch(count: wordCount)
    part = Scratch(count: wordCount)
    matched = Scratch(count: wordCount)
    recentRows = Scratch(count: wordCount)
    rows = TableRows()
    let isClassified = !binding.maskTables.isEmpty
    classNumbers = Scratch(count: isClassified ? rowCountMax + 64 : 0)
    masks = Scratch(count: isClassified ? rowCountMax + 256 : 0)
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
      case .classified, .within: try unsafe classify(step, table, number: number, into: own)
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

  /// Which rows of the table are recent, where those have vectors of their own.
  var recent: UnsafePointer<UInt64>? {
    unsafe recentWordCount == nil ? nil : UnsafePointer(recentRows.pointer)
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
    case 0: return unsafe MatchedRows(words: start, areRecent: false)
    case 1:
      let only = unsafe start + Int(match.vectors[0]) &* wordCount
      return unsafe MatchedRows(words: only, areRecent: areRecent)
    default:
      let isAny = unsafe intersect(
        start,
        match.vectors,
        count: match.count,
        wordCount: wordCount,
        into: matched.pointer
      )
      let words = unsafe UnsafePointer(matched.pointer)
      return unsafe isAny ? MatchedRows(words: words, areRecent: areRecent) : nil
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
        unsafe writeBounds(laneStep, lane, lane.values, count: rowCount)
        unsafe present.update(from: every, count: wordCount)
        unsafe addChoices(laneStep, step.testCount, into: own)
        continue
      }
      let presenceWordCount = (rowCount + 63) / 64
      for word in 0..<presenceWordCount { unsafe present[word] |= presence[word] }
      unsafe writeBounds(laneStep, lane, lane.values, count: lane.count)
      unsafe writeEvery(lane.count, into: everyValue.pointer)
      for test in 0..<(unsafe step.testCount) {
        unsafe Segmentation.write(
          laneStep.choices[test],
          of: bounds.pointer,
          wordCount: wordCount,
          every: everyValue.pointer,
          into: part
        )
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
    unsafe writeBounds(laneStep, lane, lane.rowNumbers ?? lane.values, count: rowCount)
    let missing = unsafe present.pointer
    let presenceWordCount = unsafe lane.presence == nil ? 0 : (rowCount + 63) / 64
    var knowsMissing = false
    for test in 0..<(unsafe step.testCount) {
      let choice = unsafe laneStep.choices[test]
      let vector = unsafe own + test &* wordCount
      unsafe Segmentation.write(
        choice,
        of: bounds.pointer,
        wordCount: wordCount,
        every: vectors.pointer,
        into: vector
      )
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
        unsafe clear(missing, from: rowCount)
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
      unsafe Segmentation.write(
        step.choices[test],
        of: bounds.pointer,
        wordCount: wordCount,
        every: vectors.pointer,
        into: part
      )
      let vector = unsafe own + test &* wordCount
      for word in 0..<wordCount { unsafe vector[word] |= part[word] }
    }
  }

  /// Writes the vectors of a lane's bounds.
  private func writeBounds(
    _ step: LaneStep,
    _ lane: FlatLane,
    _ values: UnsafeRawPointer,
    count: Int
  ) {
    let start = unsafe bounds.room(for: step.boundCount * wordCount)
    let base = unsafe ValueOrder.place(of: lane.base)
    for index in 0..<(unsafe step.boundCount) {
      let words = unsafe start + index &* wordCount
      let bound = unsafe step.bounds[index]
      switch unsafe step.form {
      case .codes:
        if unsafe bound > lane.largest {
          unsafe words.update(repeating: 0, count: wordCount)
          continue
        }
        let code = unsafe lane.isSpread ? bound + 1 : bound
        unsafe writeEqual(values, width: lane.width, count: count, to: code, into: words)
      case .numbers:
        if bound <= base {
          unsafe writeEvery(count, into: words)
          continue
        }
        if unsafe bound - base > lane.largest {
          unsafe words.update(repeating: 0, count: wordCount)
          continue
        }
        if let highParts = unsafe lane.highParts {
          let numbers = unsafe values.assumingMemoryBound(to: UInt64.self)
          unsafe writeReached(bound - base, numbers, highParts, count: count, into: words)
        } else {
          unsafe writeReached(bound - base, values, width: lane.width, count: count, into: words)
        }
      case .doubles: unsafe writeReached(bound, ofDoubles: values, count: count, into: words)
      case .booleans, .asked:
        unsafe words.update(
          from: values.assumingMemoryBound(to: UInt64.self),
          count: (count + 63) / 64
        )
        if count & 63 > 0 { unsafe words[count / 64] &= (1 << UInt64(count & 63)) - 1 }
      }
      unsafe clear(words, from: count)
    }
  }

  private func writeEvery(_ count: Int, into words: UnsafeMutablePointer<UInt64>) {
    unsafe writeEveryRow(count, into: words)
    unsafe clear(words, from: count)
  }

  /// Clears the words behind some bits.
  private func clear(_ words: UnsafeMutablePointer<UInt64>, from count: Int) {
    let first = (count + 63) / 64
    unsafe (words + first).update(repeating: 0, count: wordCount - first)
  }

  // MARK: Classes

  private func classify(
    _ step: FieldStep,
    _ table: FlatTable,
    number: Int,
    into own: UnsafeMutablePointer<UInt64>
  ) throws(StoreError) {
    let (numbers, masks) = unsafe (classNumbers.pointer, masks.pointer)
    try unsafe classes.write(step, table, number: number, rows, into: numbers)
    unsafe own.update(repeating: 0, count: step.testCount * wordCount)
    let most = MaskTable.testCountMax
    for start in stride(from: 0, to: unsafe step.testCount, by: most) {
      let count = unsafe min(most, step.testCount - start)
      let table = unsafe classes.masks[step.maskTable + start / most]
      for row in 0..<rowCount { unsafe masks[row] = table[Int(numbers[row])] }
      for row in rowCount..<rowCount + 255 { unsafe masks[row] = 0 }
      unsafe writeRowVectors(
        of: masks,
        count: rowCount,
        keeping: count == 64 ? .max : (1 << UInt64(count)) - 1,
        by: squares.pointer,
        into: own + start * wordCount,
        wordCount: wordCount
      )
    }
  }
}
