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
    guard let allowed = ProcessorSet.ofThread, !allowed.numbers.isEmpty else { return false }
    return ProcessorSet(number: allowed.numbers[index % allowed.numbers.count]).holdThread()
  }

  /// Moves the calling thread to one processor, from where it may go on to all that it might use before.
  ///
  /// - Parameter index: counted as by `keepThread`.
  /// - Returns: whether the system did so; else the thread runs where it did before.
  @discardableResult
  package static func moveThread(to index: Int) -> Bool {
    precondition(index >= 0, "processor \(index)")
    guard let allowed = ProcessorSet.ofThread, !allowed.numbers.isEmpty else { return false }
    let one = ProcessorSet(number: allowed.numbers[index % allowed.numbers.count])
    return one.holdThread() && allowed.holdThread()
  }

  /// Lets other threads that wait for the calling one's processor go first.
  package static func yield() { sched_yield() }
}

/// Processors by their numbers.
private struct ProcessorSet {
  private var bits: cpu_set_t

  /// Those that the calling thread may use; `nil` when the system does not say.
  static var ofThread: ProcessorSet? {
    var set = ProcessorSet(bits: cpu_set_t())
    let status = unsafe pthread_getaffinity_np(pthread_self(), byteCount, &set.bits)
    return status == 0 ? set : nil
  }

  init(number: Int) {
    bits = cpu_set_t()
    unsafe withUnsafeMutableBytes(of: &bits) { unsafe $0[number / 8] = 1 << UInt8(number % 8) }
  }

  private init(bits: cpu_set_t) { self.bits = bits }

  private static let byteCount = MemoryLayout<cpu_set_t>.size

  /// Ascending.
  var numbers: [Int] {
    // One bit a processor, in the order of their numbers.
    unsafe withUnsafeBytes(of: bits) { bytes in
      (0..<8 * bytes.count).filter { unsafe bytes[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }
  }

  /// Has the calling thread use these alone.
  ///
  /// - Returns: whether the system did so.
  func holdThread() -> Bool {
    var bits = bits
    return unsafe pthread_setaffinity_np(pthread_self(), Self.byteCount, &bits) == 0
  }
}
