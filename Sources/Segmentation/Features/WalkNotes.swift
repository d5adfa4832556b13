import Bytes

/// What a walk through a profile's events has found so far, and what it noted at each boundary.
///
/// Plain memory of the walk, which frees it.
@unsafe struct WalkNotes: BitwiseCopyable {
  /// The numbers of a field up to some age.
  struct NumberNote: BitwiseCopyable {
    var sum = 0.0
    var largest = -Double.infinity
    var count = 0
  }

  /// A field of numbers on the way.
  @unsafe struct Numbers: BitwiseCopyable {
    /// By row of the block.
    var values: UnsafePointer<Double>
    var running: NumberNote
  }

  /// A field of texts on the way.
  @unsafe struct Texts: BitwiseCopyable {
    /// By row of the block.
    var codes: UnsafePointer<UInt32>
    /// By code, the walk that met it last.
    var met: UnsafeMutablePointer<UInt64>
    var variety: Int
    /// The newest code there is.
    var last: UInt32
  }

  let boundaryCount: Int
  private let numberCount: Int
  private let textCount: Int
  /// By boundary, the age up to which its events are.
  let ages: UnsafeMutablePointer<Int64>
  /// By boundary.
  let counts: UnsafeMutablePointer<Int>
  let dayCounts: UnsafeMutablePointer<Int>
  /// By field.
  let numbers: UnsafeMutablePointer<Numbers>
  let texts: UnsafeMutablePointer<Texts>
  /// Events in each quarter of the day, and on each day of the week.
  let quarters: UnsafeMutablePointer<Int>
  let weekdays: UnsafeMutablePointer<Int>
  /// By boundary, then by field.
  private let numberNotes: UnsafeMutablePointer<NumberNote>
  private let varietyNotes: UnsafeMutablePointer<Int>
  /// All of it.
  let memory: UnsafeMutableRawPointer

  init(_ program: KindProgram) {
    let (boundaryCount, numberCount, textCount) = (
      program.boundaries.count, program.numberFields.count, program.textFields.count
    )
    var byteCount = 0
    func place<Element: BitwiseCopyable>(_ type: Element.Type, _ count: Int) -> Int {
      defer { byteCount += (count * MemoryLayout<Element>.stride + 63) / 64 * 64 }
      return byteCount
    }
    let places = unsafe (
      ages: place(Int64.self, boundaryCount), counts: place(Int.self, boundaryCount),
      dayCounts: place(Int.self, boundaryCount), numbers: place(Numbers.self, numberCount),
      texts: place(Texts.self, textCount), quarters: place(Int.self, 4),
      weekdays: place(Int.self, 7),
      numberNotes: place(NumberNote.self, numberCount * boundaryCount),
      varietyNotes: place(Int.self, textCount * boundaryCount)
    )
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    func bound<Element: BitwiseCopyable>(_ place: Int) -> UnsafeMutablePointer<Element> {
      unsafe (memory + place).assumingMemoryBound(to: Element.self)
    }
    unsafe self.memory = memory
    unsafe self.boundaryCount = boundaryCount
    unsafe self.numberCount = numberCount
    unsafe self.textCount = textCount
    unsafe ages = bound(places.ages)
    unsafe counts = bound(places.counts)
    unsafe dayCounts = bound(places.dayCounts)
    unsafe numbers = bound(places.numbers)
    unsafe texts = bound(places.texts)
    unsafe quarters = bound(places.quarters)
    unsafe weekdays = bound(places.weekdays)
    unsafe numberNotes = bound(places.numberNotes)
    unsafe varietyNotes = bound(places.varietyNotes)
    for (index, age) in program.boundaries.enumerated() { unsafe ages[index] = age }
  }

  @inline(__always)
  func numberNote(_ field: Int, _ boundary: Int) -> UnsafeMutablePointer<NumberNote> {
    unsafe numberNotes + (boundary &* numberCount &+ field)
  }

  @inline(__always)
  func varietyNote(_ field: Int, _ boundary: Int) -> UnsafeMutablePointer<Int> {
    unsafe varietyNotes + (boundary &* textCount &+ field)
  }

  /// Forgets what was found; notes are written anew.
  @inline(__always)
  func clear() {
    for field in 0..<(unsafe numberCount) { unsafe numbers[field].running = NumberNote() }
    for field in 0..<(unsafe textCount) {
      unsafe texts[field].variety = 0
      unsafe texts[field].last = .max
    }
    for quarter in 0..<4 { unsafe quarters[quarter] = 0 }
    for day in 0..<7 { unsafe weekdays[day] = 0 }
  }

  /// Notes what there is of events up to the age of a boundary.
  @inline(__always)
  func note(_ boundary: Int, _ count: Int, _ dayCount: Int) {
    unsafe counts[boundary] = count
    unsafe dayCounts[boundary] = dayCount
    for field in 0..<(unsafe numberCount) {
      unsafe numberNote(field, boundary).pointee = numbers[field].running
    }
    for field in 0..<(unsafe textCount) {
      unsafe varietyNote(field, boundary).pointee = texts[field].variety
    }
  }

  /// Adds the values of a row of the block.
  @inline(__always)
  func addValues(_ row: Int, _ walkNumber: UInt64) {
    for field in 0..<(unsafe numberCount) {
      let value = unsafe numbers[field].values[row]
      if value.isNaN { continue }
      unsafe numbers[field].running.sum += value
      unsafe numbers[field].running.count &+= 1
      let largest = unsafe numbers[field].running.largest
      unsafe numbers[field].running.largest = value > largest ? value : largest
    }
    for field in 0..<(unsafe textCount) {
      let code = unsafe texts[field].codes[row]
      if code == .max { continue }
      if unsafe texts[field].last == .max { unsafe texts[field].last = code }
      let met = unsafe texts[field].met + Int(code)
      if unsafe met.pointee == walkNumber { continue }
      unsafe met.pointee = walkNumber
      unsafe texts[field].variety &+= 1
    }
  }

  @inline(__always)
  func addTimeOfDay(_ instant: Int64, _ day: Int64) {
    let quarter = (instant &- day &* CivilTime.millisecondsPerDay) / 21_600_000
    unsafe quarters[Int(truncatingIfNeeded: quarter)] &+= 1
    unsafe weekdays[CivilTime.weekday(days: Int(day))] &+= 1
  }
}
