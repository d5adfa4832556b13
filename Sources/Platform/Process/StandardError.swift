private import Glibc

/// Where logs and what is told to a person beside results go.
package enum StandardError {
  /// Writes the whole text; what cannot be written is lost, as there is nowhere to say so.
  package static func write(_ text: String) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(2, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      start += count
    }
  }
}
