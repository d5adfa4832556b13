private import Glibc

/// The system's words for one of its error numbers, with a small first letter.
package func systemErrorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  // The GNU form returns either a constant string or the buffer; both end in a zero byte.
  let text = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { return "" }
    return unsafe String(cString: strerror_r(number, start, buffer.count))
  }
  guard let first = text.first else { return "error \(number)" }
  return first.lowercased() + text.dropFirst()
}

/// The error number of the calling thread's last failed system call.
package var lastErrorNumber: Int32 { errno }
