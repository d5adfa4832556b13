private import Glibc

/// A thread of the system's own, for what blocks or computes.
package struct WorkerThread: Sendable {
  private let handle: pthread_t

  /// Starts a thread that runs `body` and ends.
  ///
  /// The name is shown by the system's tools, cut to 15 bytes; deep recursion over checked depths
  /// fits in the default stack.
  package init(
    named name: String,
    stackByteCount: Int = 8 << 20,
    _ body: @escaping @Sendable () -> Void
  ) throws(PlatformError) {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    unsafe pthread_attr_init(attributes)
    defer {
      unsafe pthread_attr_destroy(attributes)
      unsafe attributes.deallocate()
    }
    unsafe pthread_attr_setstacksize(attributes, stackByteCount)
    var handle = pthread_t()
    // The box is retained here and released by the one thread that takes it.
    let box = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
    let status = unsafe pthread_create(
      &handle,
      attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
        unsafe pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
        body.run()
        return nil
      },
      box.toOpaque()
    )
    guard status == 0 else {
      unsafe box.release()
      throw .cannotStartThread(reason: systemErrorText(status))
    }
    self.handle = handle
  }

  /// Waits until the thread has ended; to be called at most once, and not after `detach`.
  package func join() { _ = pthread_join(handle, nil) }

  /// Lets the thread end by itself; nobody joins it.
  package func detach() { _ = pthread_detach(handle) }
}

private final class ThreadBody: Sendable {
  let name: String
  let run: @Sendable () -> Void

  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}
