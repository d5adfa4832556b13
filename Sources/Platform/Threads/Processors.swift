private import Glibc

/// The processors that this process may use.
package enum Processors {
  /// Has the calling thread run on one processor only, as long as it lives.
  ///
  /// - Parameter index: counted from 0 among those that the thread may use now; behind the last one
  ///   comes the first again.
  /// - Returns: whether the system did so; else the thread runs where it could before.
  @discardableResult
  package static func keepThread(to index: Int) -> Bool {
    precondition(index >= 0, "processor \(index)")
    var allowed = cpu_set_t()
    let byteCount = MemoryLayout<cpu_set_t>.size
    guard unsafe pthread_getaffinity_np(pthread_self(), byteCount, &allowed) == 0 else {
      return false
    }
    // One bit a processor, in the order of their numbers.
    let numbers = unsafe withUnsafeBytes(of: &allowed) { bytes in
      (0..<8 * byteCount).filter { unsafe bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }
    guard !numbers.isEmpty else { return false }
    let number = numbers[index % numbers.count]
    var only = cpu_set_t()
    unsafe withUnsafeMutableBytes(of: &only) { unsafe $0[number / 8] = 1 << UInt8(number % 8) }
    return unsafe pthread_setaffinity_np(pthread_self(), byteCount, &only) == 0
  }

  /// Lets other threads that wait for the calling one's processor go first.
  package static func yield() { sched_yield() }
}
