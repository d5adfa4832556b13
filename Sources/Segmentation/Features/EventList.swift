import Bytes

/// The events of one profile, gathered from several tables and put in order.
@safe final class EventList {
  private static let countOfInsertion = 32

  private(set) var count = 0
  /// The kinds of all events.
  private(set) var kinds: UInt64 = 0
  private let instants = Scratch<Int64>(count: 256)
  private let ownKinds = Scratch<UInt64>(count: 256)
  private let rows = Scratch<UInt32>(count: 256)

  var events: ProfileEvents {
    unsafe ProfileEvents(
      count: count,
      instants: UnsafePointer(instants.pointer),
      kinds: UnsafePointer(ownKinds.pointer),
      rows: UnsafePointer(rows.pointer)
    )
  }

  func removeAll() {
    count = 0
    kinds = 0
  }

  @inline(__always)
  func append(_ instant: Int64, _ kinds: UInt64, _ row: Int) {
    if count == instants.count { grow() }
    unsafe instants.pointer[count] = instant
    unsafe ownKinds.pointer[count] = kinds
    unsafe rows.pointer[count] = UInt32(truncatingIfNeeded: row)
    count &+= 1
    self.kinds |= kinds
  }

  private func grow() {
    let kept = count
    instants.grow(to: kept + 1, keeping: kept)
    ownKinds.grow(to: instants.count, keeping: kept)
    rows.grow(to: instants.count, keeping: kept)
  }

  /// Puts the events in the order of their instants; of one instant in that of their types, and of
  /// one type as they were gathered.
  func sort(_ block: BlockEvents) {
    if count <= Self.countOfInsertion { insertionSort(block) } else { sortMany(block) }
  }

  private func insertionSort(_ block: BlockEvents) {
    let (instants, kinds, rows) = unsafe (instants.pointer, ownKinds.pointer, rows.pointer)
    for index in 1..<max(1, count) {
      let (instant, kind, row) = unsafe (instants[index], kinds[index], rows[index])
      var place = index
      while place > 0 {
        let before = unsafe instants[place &- 1]
        if before < instant { break }
        if unsafe before == instant && !block.precedes(Int(row), Int(rows[place &- 1])) { break }
        unsafe instants[place] = before
        unsafe kinds[place] = kinds[place &- 1]
        unsafe rows[place] = rows[place &- 1]
        place &-= 1
      }
      if place == index { continue }
      unsafe instants[place] = instant
      unsafe kinds[place] = kind
      unsafe rows[place] = row
    }
  }

  private func sortMany(_ block: BlockEvents) {
    let events = (0..<count).map { index in
      unsafe (instants.pointer[index], ownKinds.pointer[index], rows.pointer[index])
    }
    let order = events.indices.sorted { left, right in
      let (first, second) = (events[left], events[right])
      if first.0 != second.0 { return first.0 < second.0 }
      if block.precedes(Int(first.2), Int(second.2)) { return true }
      if block.precedes(Int(second.2), Int(first.2)) { return false }
      return left < right
    }
    for (place, index) in order.enumerated() {
      unsafe instants.pointer[place] = events[index].0
      unsafe ownKinds.pointer[place] = events[index].1
      unsafe rows.pointer[place] = events[index].2
    }
  }
}
