private import Glibc

/// The variables this process was started with.
package enum Environment {
  /// A variable's value; `nil` when it is unset or empty.
  package static func value(of name: String) -> String? {
    // The text is copied at once, and Covey never changes its own environment.
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// All variables as `NAME=value`.
  package static var entries: [String] {
    guard let bytes = try? SystemFile.read("/proc/self/environ", byteCountMax: 4 << 20) else {
      return []
    }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
