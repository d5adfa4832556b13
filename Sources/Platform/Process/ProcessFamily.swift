private import Glibc

/// The memory of this process and of all processes below it.
package enum ProcessFamily {
  /// Begins to measure the peak anew; where the system does not allow it, it goes on from before.
  package static func resetPeak() {
    for process in members() {
      let descriptor = unsafe open("/proc/\(process)/clear_refs", O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // What five stands for is the mark of the highest memory.
      _ = unsafe write(descriptor, "5", 1)
      close(descriptor)
    }
  }

  /// The sum of what each process had at most, mapped files included: at least what all of them had
  /// together at any time.
  package static func peakByteCount() -> Int {
    members().reduce(0) { sum, process in
      sum + (ProcessStatus.kilobytes(of: "VmHWM:", in: "/proc/\(process)/status") ?? 0) << 10
    }
  }

  /// What all processes hold now, pages that several of them map counted once: their own memory, and
  /// that of mapped files.
  package static func heldByteCounts() -> (own: Int, mapped: Int) {
    var held = (own: 0, mapped: 0)
    for process in members() {
      let path = "/proc/\(process)/smaps_rollup"
      let whole = ProcessStatus.kilobytes(of: "Pss:", in: path) ?? 0
      let own = ProcessStatus.kilobytes(of: "Pss_Anon:", in: path) ?? 0
      held.own += own << 10
      held.mapped += max(0, whole - own) << 10
    }
    return held
  }

  /// This process and those below it that still run.
  private static func members() -> [Int] {
    let numbers = ((try? LinuxDisk().list("/proc")) ?? []).compactMap { Int($0) }
    var children: [Int: [Int]] = [:]
    for number in numbers {
      guard let parent = parent(of: number) else { continue }
      children[parent, default: []].append(number)
    }
    var members = [Int(getpid())]
    var next = 0
    while next < members.count {
      members += children[members[next]] ?? []
      next += 1
    }
    return members
  }

  /// The second field behind the name, which stands in parentheses and may hold anything.
  private static func parent(of process: Int) -> Int? {
    guard let bytes = try? SystemFile.read("/proc/\(process)/stat", byteCountMax: 4 << 10),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[end...].split(separator: UInt8(ascii: " "))
    return fields.count > 2 ? Int(String(decoding: fields[2], as: UTF8.self)) : nil
  }
}
