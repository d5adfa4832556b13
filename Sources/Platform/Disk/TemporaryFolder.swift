private import Glibc

/// A new folder for this process alone, removed by `remove` with all that is in it.
package struct TemporaryFolder: Sendable {
  package let path: String

  /// Makes a folder in `$TMPDIR`, or in `/tmp`.
  package init() throws(DiskError) {
    let parent = Environment.value(of: "TMPDIR") ?? "/tmp"
    var template = Array((parent + "/covey-XXXXXX").utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard isMade else {
      let number = errno
      throw DiskError(
        operation: "make a folder in",
        path: parent,
        number: number,
        reason: systemErrorText(number)
      )
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  package func remove() { try? LinuxDisk().remove(path) }
}
