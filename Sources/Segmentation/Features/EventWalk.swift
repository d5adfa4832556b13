import Bytes

/// One profile's events before the cut-off, as they come to be measured.
///
/// Ascending by instant; of one instant by type, then as they came.
@unsafe struct ProfileEvents {
  var count: Int
  var instants: UnsafePointer<Int64>
  /// By event, the kinds it is of, a bit each.
  var kinds: UnsafePointer<UInt64>
  /// By event, its row among all events of the block.
  var rows: UnsafePointer<UInt32>
}

/// Goes through the events of a kind from the newest to the oldest, once for all its features.
///
/// What is counted, added and told apart so far is noted at each boundary, and from that all windows
/// have their features. A profile's numbers are added from its newest event on, so sums do not depend
/// on anything else.
@safe final class EventWalk {
  private let program: KindProgram
  private let kind: UInt64
  private let cutOff: Int64
  private let values: BlockValues
  private let notes: WalkNotes
  /// By field of texts, by code, the walk that met it last.
  private let met: [Scratch<UInt64>]
  private var walkNumber: UInt64 = 0

  init(_ program: KindProgram, kind: Int, cutOff: CutOff, into values: BlockValues) {
    self.program = program
    self.kind = UInt64(truncatingIfNeeded: kind)
    self.cutOff = cutOff.instant.milliseconds
    self.values = values
    unsafe notes = WalkNotes(program)
    met = program.textFields.map { _ in Scratch(count: 64) }
  }

  deinit { unsafe notes.memory.deallocate() }

  /// Turns to a block whose events were read: their values, and room for new codes.
  func begin(_ events: BlockEvents) {
    for (index, field) in program.numberFields.enumerated() {
      unsafe notes.numbers[index].values = UnsafePointer(events.numbers(field))
    }
    for (index, field) in program.textFields.enumerated() {
      let count = events.codeCount(field)
      let known = met[index].count
      if count > known {
        met[index].grow(to: count, keeping: known)
        unsafe (met[index].pointer + known).update(repeating: 0, count: met[index].count - known)
      }
      unsafe notes.texts[index].codes = UnsafePointer(events.codes(field))
      unsafe notes.texts[index].met = met[index].pointer
    }
  }

  /// Measures a profile that has at least one event of the kind.
  func measure(_ profile: Int, _ events: ProfileEvents) {
    let (notes, kind, cutOff) = unsafe (notes, kind, cutOff)
    let needsTimesOfDay = program.needsTimesOfDay
    let ages = unsafe notes.ages
    walkNumber &+= 1
    unsafe notes.clear()
    var boundary = 0
    var (count, dayCount) = (0, 0)
    var (day, newest, oldest) = (Int64.max, Int64.max, Int64.max)
    for index in stride(from: unsafe events.count &- 1, through: 0, by: -1) {
      if unsafe events.kinds[index] &>> kind & 1 == 0 { continue }
      let instant = unsafe events.instants[index]
      while unsafe cutOff &- instant > ages[boundary] {
        unsafe notes.note(boundary, count, dayCount)
        boundary &+= 1
      }
      let own = Self.day(of: instant)
      if own != day {
        dayCount &+= 1
        day = own
      }
      if count == 0 { newest = instant }
      oldest = instant
      count &+= 1
      if needsTimesOfDay { unsafe notes.addTimeOfDay(instant, own) }
      unsafe notes.addValues(Int(events.rows[index]), walkNumber)
    }
    while unsafe boundary < notes.boundaryCount {
      unsafe notes.note(boundary, count, dayCount)
      boundary &+= 1
    }
    var found = Found(count: count, newest: newest, oldest: oldest)
    if program.needsGaps { found.gapSquares = unsafe gapSquares(events, found) }
    for (output, column) in program.outputs { write(output, column, profile, found) }
  }

  /// The day of the calendar, counted from 1970-01-01.
  @inline(__always)
  private static func day(of instant: Int64) -> Int64 {
    let (day, rest) = instant.quotientAndRemainder(dividingBy: CivilTime.millisecondsPerDay)
    return rest < 0 ? day &- 1 : day
  }

  /// The squares of the gaps' distances from their mean, added from the newest gap on.
  private func gapSquares(_ events: ProfileEvents, _ found: Found) -> Double {
    guard found.count > 2 else { return 0 }
    let (mean, kind) = (found.meanGap, kind)
    var later: Int64?
    var sum = 0.0
    for index in stride(from: unsafe events.count &- 1, through: 0, by: -1) {
      if unsafe events.kinds[index] &>> kind & 1 == 0 { continue }
      let instant = unsafe events.instants[index]
      if let later {
        let distance = Double(later &- instant) - mean
        sum += distance * distance
      }
      later = instant
    }
    return sum
  }

  // MARK: Features

  private struct Found {
    var count: Int
    var newest: Int64
    var oldest: Int64
    var gapSquares = 0.0

    /// In milliseconds; of at least two events.
    var meanGap: Double { Double(newest &- oldest) / Double(count &- 1) }
  }

  @inline(__always)
  private func write(_ output: KindProgram.Output, _ column: Int, _ profile: Int, _ found: Found) {
    let day = FeatureTime.dayMilliseconds
    let notes = unsafe notes
    let number: Double
    switch output {
    case .recency: number = Double(cutOff &- found.newest) / day
    case .tenure: number = Double(cutOff &- found.oldest) / day
    case .count(let window): number = unsafe Double(notes.counts[window])
    case .dayCount(let window): number = unsafe Double(notes.dayCounts[window])
    case .trend(let window, let twice):
      let whole = unsafe notes.counts[twice]
      number = whole == 0 ? .nan : Double(unsafe notes.counts[window]) / Double(whole)
    case .slope: number = slope
    case .gapMean: number = found.count < 2 ? .nan : found.meanGap / day
    case .gapDeviation:
      number =
        found.count < 3
        ? .nan : (found.gapSquares / Double(found.count &- 1)).squareRoot() / day
    case .gapRatio:
      let isKnown = found.count > 1 && found.newest > found.oldest
      number = isKnown ? Double(cutOff &- found.newest) / found.meanGap : .nan
    case .hourShare(let quarter):
      number = unsafe Double(notes.quarters[quarter]) / Double(found.count)
    case .weekdayShare(let day):
      number = unsafe Double(notes.weekdays[day]) / Double(found.count)
    case .sum(let field, let window):
      number = unsafe notes.numberNote(field, window).pointee.sum
    case .mean(let field, let window):
      let note = unsafe notes.numberNote(field, window).pointee
      number = note.count == 0 ? .nan : note.sum / Double(note.count)
    case .largest(let field, let window):
      let note = unsafe notes.numberNote(field, window).pointee
      number = note.count == 0 ? .nan : note.largest
    case .variety(let field, let window):
      number = unsafe Double(notes.varietyNote(field, window).pointee)
    case .last(let field):
      unsafe values.codes(column)[profile] = notes.texts[field].last
      return
    }
    values.set(number, of: column, profile)
  }

  /// Least squares over the counts of the last eight weeks, in events a week more each week.
  private var slope: Double {
    var sum = 0
    var newer = 0
    for (week, boundary) in program.weekBoundaries.enumerated() {
      let count = unsafe notes.counts[boundary]
      sum &+= (KindProgram.slopeWeekCount &- 1 &- 2 &* week) &* (count &- newer)
      newer = count
    }
    // The squares of the weeks' distances from their middle add up to 42.
    return Double(sum) / 84
  }
}
