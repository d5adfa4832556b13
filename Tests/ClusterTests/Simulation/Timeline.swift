/// Virtual time: what is to happen, in order of its millisecond and then of its making.
final class Timeline {
  private struct Entry {
    var time: Int64
    var number: Int
    var action: () -> Void
  }

  private(set) var now: Int64 = 0
  private(set) var count = 0
  /// How much has happened in the present millisecond.
  private(set) var burst = 0
  /// A binary heap, the soonest first.
  private var heap: [Entry] = []

  func schedule(after milliseconds: Int64, _ action: @escaping () -> Void) {
    count += 1
    heap.append(Entry(time: now + max(0, milliseconds), number: count, action: action))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Lets everything happen up to a time, or until a condition holds.
  func run(until end: Int64, or isDone: () -> Bool = { false }) {
    while let first = heap.first, first.time <= end {
      if isDone() { return }
      removeFirst()
      burst = first.time > now ? 0 : burst + 1
      now = max(now, first.time)
      first.action()
    }
    now = max(now, end)
  }

  func removeAll() { heap = [] }

  private func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && precedes(child, least) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
  }
}
