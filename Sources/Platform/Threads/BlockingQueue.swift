private import Glibc

/// A first-in first-out queue whose readers wait until there is something.
///
/// Invariant: `elements`, `head` and `isClosed` are touched with `lock` held only, which is why the
/// class may cross threads unchecked. The lock and the condition stay at one address until `deinit`.
@safe package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var elements: [Element?] = []
  private var head = 0
  private var isClosed = false

  package init() {
    unsafe pthread_mutex_init(lock, nil)
    let attributes = UnsafeMutablePointer<pthread_condattr_t>.allocate(capacity: 1)
    unsafe pthread_condattr_init(attributes)
    unsafe pthread_condattr_setclock(attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, attributes)
    unsafe pthread_condattr_destroy(attributes)
    unsafe attributes.deallocate()
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(lock)
    unsafe condition.deallocate()
    unsafe lock.deallocate()
  }

  /// Adds one element; ignored once the queue is closed.
  package func push(_ element: Element) {
    unsafe pthread_mutex_lock(lock)
    if !isClosed { elements.append(element) }
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(lock)
  }

  /// Lets readers finish what is queued and then see the end.
  package func close() {
    unsafe pthread_mutex_lock(lock)
    isClosed = true
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(lock)
  }

  /// Takes the oldest element, waiting for one.
  ///
  /// - Returns: `nil` once the queue is closed and empty.
  package func pop() -> Element? {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    while head == elements.count && !isClosed { unsafe pthread_cond_wait(condition, lock) }
    return takeFirst()
  }

  /// Takes the oldest element, waiting for one at most `milliseconds`.
  ///
  /// - Returns: `nil` when none came in time, or the queue is closed and empty.
  package func pop(withinMilliseconds milliseconds: Int64) -> Element? {
    var end = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = Int64(end.tv_nsec) + max(0, milliseconds) % 1_000 * 1_000_000
    end.tv_sec += Int(max(0, milliseconds) / 1_000 + nanoseconds / 1_000_000_000)
    end.tv_nsec = Int(nanoseconds % 1_000_000_000)
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    while head == elements.count && !isClosed {
      if unsafe pthread_cond_timedwait(condition, lock, &end) == ETIMEDOUT { break }
    }
    return takeFirst()
  }

  /// Takes everything queued, waiting until there is something.
  ///
  /// - Returns: empty once the queue is closed and empty.
  package func popAll() -> [Element] {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    while head == elements.count && !isClosed { unsafe pthread_cond_wait(condition, lock) }
    defer {
      elements.removeAll(keepingCapacity: true)
      head = 0
    }
    return elements[head...].compactMap { $0 }
  }

  /// How many elements wait to be taken.
  package var count: Int {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return elements.count - head
  }

  private func takeFirst() -> Element? {
    guard head < elements.count else { return nil }
    let first = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 1_024 && head > elements.count / 2 {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }
}
