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
  private let kind: Int
  private let cutOff: Int64
  private let values: BlockValues
  private let boundaryCount: Int
  private let boundaries: Scratch<Int64>
  private let counts: Scratch<Int>
  private let dayCounts: Scratch<Int>
  /// By field, then by boundary.
  private let sums: Scratch<Double>
  private let valueCounts: Scratch<Int>
  private let largest: Scratch<Double>
  private let varieties: Scratch<Int>
  /// By field, what there is so far, and its values by row of the block.
  private let running: Scratch<Double>
  private let runningCounts: Scratch<Int>
  private let runningLargest: Scratch<Double>
  private let runningVarieties: Scratch<Int>
  private let lastCodes: Scratch<UInt32>
  /// By field of texts, by code, the walk that met it last.
  private let met: [Scratch<UInt64>]
  private var walkNumber: UInt64 = 0
  private let quarters = Scratch<Int>(count: 4)
  private let weekdays = Scratch<Int>(count: 7)

  init(_ program: KindProgram, kind: Int, cutOff: CutOff, into values: BlockValues) {
    self.program = program
    self.kind = kind
    self.cutOff = cutOff.instant.milliseconds
    self.values = values
    boundaryCount = program.boundaries.count
    boundaries = Scratch(count: boundaryCount)
    for (index, age) in program.boundaries.enumerated() {
      unsafe boundaries.pointer[index] = age
    }
    let (numberCount, textCount) = (program.numberFields.count, program.textFields.count)
    counts = Scratch(count: boundaryCount)
    dayCounts = Scratch(count: boundaryCount)
    sums = Scratch(count: numberCount * boundaryCount)
    valueCounts = Scratch(count: numberCount * boundaryCount)
    largest = Scratch(count: numberCount * boundaryCount)
    varieties = Scratch(count: textCount * boundaryCount)
    running = Scratch(count: numberCount)
    runningCounts = Scratch(count: numberCount)
    runningLargest = Scratch(count: numberCount)
    runningVarieties = Scratch(count: textCount)
    lastCodes = Scratch(count: textCount)
    met = program.textFields.map { _ in Scratch(count: 64) }
  }

  /// Makes room for new codes of the fields of texts.
  func begin(_ events: BlockEvents) {
    for (index, field) in program.textFields.enumerated() {
      let count = events.codeCount(field)
      let known = met[index].count
      if count <= known { continue }
      met[index].grow(to: count, keeping: known)
      unsafe (met[index].pointer + known).update(repeating: 0, count: met[index].count - known)
    }
  }

  /// Measures a profile that has at least one event of the kind.
  func measure(_ profile: Int, _ events: ProfileEvents, _ block: BlockEvents) {
    let bit = UInt64(truncatingIfNeeded: kind)
    let ages = unsafe boundaries.pointer
    walkNumber &+= 1
    clear()
    var boundary = 0
    var (count, dayCount) = (0, 0)
    var (day, newest, oldest) = (Int64.max, Int64.max, Int64.max)
    for index in stride(from: unsafe events.count - 1, through: 0, by: -1) {
      if unsafe events.kinds[index] &>> bit & 1 == 0 { continue }
      let instant = unsafe events.instants[index]
      while unsafe cutOff &- instant > ages[boundary] {
        note(boundary, count, dayCount)
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
      if program.needsTimesOfDay { addTimeOfDay(instant, own) }
      unsafe addValues(row: Int(events.rows[index]), block)
    }
    while boundary < boundaryCount {
      note(boundary, count, dayCount)
      boundary &+= 1
    }
    var found = Found(count: count, newest: newest, oldest: oldest)
    if program.needsGaps { found.gapSquares = unsafe gapSquares(events, found) }
    for (output, column) in program.outputs { write(output, column, profile, found) }
  }

  // MARK: On the way

  private func clear() {
    for field in program.numberFields.indices {
      unsafe running.pointer[field] = 0
      unsafe runningCounts.pointer[field] = 0
      unsafe runningLargest.pointer[field] = -.infinity
    }
    for field in program.textFields.indices {
      unsafe runningVarieties.pointer[field] = 0
      unsafe lastCodes.pointer[field] = .max
    }
    if !program.needsTimesOfDay { return }
    for quarter in 0..<4 { unsafe quarters.pointer[quarter] = 0 }
    for day in 0..<7 { unsafe weekdays.pointer[day] = 0 }
  }

  /// Notes what there is of events up to the age of a boundary.
  @inline(__always)
  private func note(_ boundary: Int, _ count: Int, _ dayCount: Int) {
    unsafe counts.pointer[boundary] = count
    unsafe dayCounts.pointer[boundary] = dayCount
    for field in program.numberFields.indices {
      let place = field &* boundaryCount &+ boundary
      unsafe sums.pointer[place] = running.pointer[field]
      unsafe valueCounts.pointer[place] = runningCounts.pointer[field]
      unsafe largest.pointer[place] = runningLargest.pointer[field]
    }
    for field in program.textFields.indices {
      unsafe varieties.pointer[field &* boundaryCount &+ boundary] =
        runningVarieties.pointer[field]
    }
  }

  @inline(__always)
  private func addValues(row: Int, _ block: BlockEvents) {
    for field in program.numberFields.indices {
      let value = unsafe block.numbers(program.numberFields[field])[row]
      if value.isNaN { continue }
      unsafe running.pointer[field] += value
      unsafe runningCounts.pointer[field] &+= 1
      if unsafe value > runningLargest.pointer[field] {
        unsafe runningLargest.pointer[field] = value
      }
    }
    for field in program.textFields.indices {
      let code = unsafe block.codes(program.textFields[field])[row]
      if code == .max { continue }
      if unsafe lastCodes.pointer[field] == .max { unsafe lastCodes.pointer[field] = code }
      let stamps = unsafe met[field].pointer
      if unsafe stamps[Int(code)] == walkNumber { continue }
      unsafe stamps[Int(code)] = walkNumber
      unsafe runningVarieties.pointer[field] &+= 1
    }
  }

  @inline(__always)
  private func addTimeOfDay(_ instant: Int64, _ day: Int64) {
    let quarter = (instant &- day &* CivilTime.millisecondsPerDay) / 21_600_000
    unsafe quarters.pointer[Int(truncatingIfNeeded: quarter)] &+= 1
    unsafe weekdays.pointer[CivilTime.weekday(days: Int(day))] &+= 1
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
    let mean = found.meanGap
    let bit = UInt64(truncatingIfNeeded: kind)
    var later: Int64?
    var sum = 0.0
    for index in stride(from: unsafe events.count - 1, through: 0, by: -1) {
      if unsafe events.kinds[index] &>> bit & 1 == 0 { continue }
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

  private func write(_ output: KindProgram.Output, _ column: Int, _ profile: Int, _ found: Found) {
    let day = FeatureTime.dayMilliseconds
    let number: Double
    switch output {
    case .recency: number = Double(cutOff &- found.newest) / day
    case .tenure: number = Double(cutOff &- found.oldest) / day
    case .count(let window): number = unsafe Double(counts.pointer[window])
    case .dayCount(let window): number = unsafe Double(dayCounts.pointer[window])
    case .trend(let window, let twice):
      let whole = unsafe counts.pointer[twice]
      number = whole == 0 ? .nan : Double(unsafe counts.pointer[window]) / Double(whole)
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
      number = unsafe Double(quarters.pointer[quarter]) / Double(found.count)
    case .weekdayShare(let day):
      number = unsafe Double(weekdays.pointer[day]) / Double(found.count)
    case .sum(let field, let window):
      number = unsafe sums.pointer[field &* boundaryCount &+ window]
    case .mean(let field, let window):
      let place = field &* boundaryCount &+ window
      let count = unsafe valueCounts.pointer[place]
      number = count == 0 ? .nan : unsafe sums.pointer[place] / Double(count)
    case .largest(let field, let window):
      let place = field &* boundaryCount &+ window
      number = unsafe valueCounts.pointer[place] == 0 ? .nan : unsafe largest.pointer[place]
    case .variety(let field, let window):
      number = unsafe Double(varieties.pointer[field &* boundaryCount &+ window])
    case .last(let field):
      unsafe values.codes(column)[profile] = lastCodes.pointer[field]
      return
    }
    values.set(number, of: column, profile)
  }

  /// Least squares over the counts of the last eight weeks, in events a week more each week.
  private var slope: Double {
    var sum = 0
    var newer = 0
    for (week, boundary) in program.weekBoundaries.enumerated() {
      let count = unsafe counts.pointer[boundary]
      sum &+= (KindProgram.slopeWeekCount &- 1 &- 2 &* week) &* (count &- newer)
      newer = count
    }
    // The squares of the weeks' distances from their middle add up to 42.
    return Double(sum) / 84
  }
}
