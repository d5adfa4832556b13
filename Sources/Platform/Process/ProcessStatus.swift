private import Glibc

/// How this process and its machine stand.
package enum ProcessStatus {
  /// The file this process runs, as the system found it.
  package static var executablePath: String? {
    var bytes = [CChar](repeating: 0, count: 4 << 10)
    let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
    guard count > 0, count < bytes.count else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The folder that relative paths start from.
  package static var currentDirectory: String? {
    var bytes = [CChar](repeating: 0, count: 4 << 10)
    guard unsafe getcwd(&bytes, bytes.count) != nil else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Bytes of memory in use that no file stands behind; mapped files can be dropped at any time.
  package static var anonymousByteCount: Int {
    kilobytes(of: "RssAnon:", in: "/proc/self/status").map { $0 << 10 } ?? 0
  }

  /// Bytes of memory in use, mapped files included.
  package static var residentByteCount: Int {
    kilobytes(of: "VmRSS:", in: "/proc/self/status").map { $0 << 10 } ?? 0
  }

  /// Bytes of memory of the machine.
  package static var machineByteCount: Int? {
    kilobytes(of: "MemTotal:", in: "/proc/meminfo").map { $0 << 10 }
  }

  /// Processors this process may use.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Bytes that this user can still write to the file system of a folder.
  package static func freeByteCount(of directory: String) -> Int? {
    var status = statvfs()
    guard unsafe statvfs(directory, &status) == 0 else { return nil }
    return Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        .partialValue
    )
  }

  /// The number on the line that begins with `label`.
  static func kilobytes(of label: String, in path: String) -> Int? {
    guard let bytes = try? SystemFile.read(path, byteCountMax: 64 << 10) else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: label.utf8) {
      let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }
}
