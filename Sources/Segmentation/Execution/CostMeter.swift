import Platform

/// Notes what one thread does for each part of a program on its way through blocks.
///
/// Rows are always counted, from the sizes of what was gone through. Time is taken in one of some blocks
/// alone, since reading the clock takes about as long as going through a small table; what is found
/// there tells how the time of all blocks is to be shared out.
@safe final class CostMeter {
  /// Of so many blocks the time of one is taken.
  private static let timedInterval = 2

  private let count: Int
  private let rows: Scratch<UInt64>
  private let times: Scratch<UInt64>
  private var isTimed = false
  private var last: UInt64 = 0

  /// Has room for so many parts, which the caller numbers.
  init(partCount: Int) {
    count = partCount
    rows = Scratch(count: partCount)
    times = Scratch(count: partCount)
  }

  /// By part, the rows that were gone through for it.
  var rowCounts: [UInt64] { (0..<count).map { unsafe rows.pointer[$0] } }

  /// By part, the time it took in those blocks in which time was taken.
  var sampledNanoseconds: [UInt64] { (0..<count).map { unsafe times.pointer[$0] } }

  /// Turns to a block.
  func begin(_ block: Int) {
    isTimed = block % Self.timedInterval == 0
    skip()
  }

  /// Notes that a part was worked for since whatever was noted before.
  ///
  /// - Parameters:
  ///   - part: below the count of parts.
  ///   - rowCount: profiles or events that were gone through.
  @inline(__always)
  func note(_ part: Int, rows rowCount: Int = 0) {
    unsafe rows.pointer[part] &+= UInt64(truncatingIfNeeded: rowCount)
    if isTimed { noteTime(part) }
  }

  private func noteTime(_ part: Int) {
    let now = LinuxClock.monotonicNanoseconds
    unsafe times.pointer[part] &+= now &- last
    last = now
  }

  /// Whatever was done since the last note is no part's work.
  func skip() { if isTimed { last = LinuxClock.monotonicNanoseconds } }

  /// Leaves out what was noted elsewhere, since the last note.
  func leaveOut(_ nanoseconds: UInt64) { last &+= nanoseconds }
}
