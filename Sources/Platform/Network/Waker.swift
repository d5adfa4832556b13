private import Glibc
private import Synchronization

/// Ends another thread's `poll` by a byte through a pipe; callable from any thread.
package final class Waker: Sendable {
  let readDescriptor: Int32
  private let writeDescriptor: Int32
  private let isPending = Atomic(false)

  package init() throws(PlatformError) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_NONBLOCK | O_CLOEXEC) == 0 else {
      throw .cannotMakePipe(reason: systemErrorText(errno))
    }
    readDescriptor = ends[0]
    writeDescriptor = ends[1]
  }

  deinit {
    close(readDescriptor)
    close(writeDescriptor)
  }

  /// Makes the pipe readable until it is next cleared; further calls until then cost nothing.
  package func wake() {
    guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 1
    unsafe write(writeDescriptor, &byte, 1)
  }

  /// Empties the pipe; what was asked for before this call is for the caller to look at now.
  func clear() {
    // Hardly ever more than one byte, and less than what is asked for is the last of them.
    var bytes: UInt64 = 0
    while unsafe read(readDescriptor, &bytes, 8) == 8 {}
    isPending.store(false, ordering: .sequentiallyConsistent)
  }
}
