private import Glibc

/// What the machine is and how busy it is, to be noted beside measurements.
package struct MachineStatus: Hashable, Sendable {
  /// As the processor calls itself.
  package var processorName: String?
  package var processorCount: Int
  package var memoryByteCount: Int?
  /// Processes that ran or waited, on average over the last 1, 5 and 15 minutes.
  package var loadAverages: [Double]

  /// Asks the system.
  package static func current() -> MachineStatus {
    var loads = [Double](repeating: 0, count: 3)
    let count = unsafe getloadavg(&loads, 3)
    return MachineStatus(
      processorName: processorName(),
      processorCount: ProcessStatus.processorCount,
      memoryByteCount: ProcessStatus.machineByteCount,
      loadAverages: Array(loads.prefix(max(0, Int(count))))
    )
  }

  private static func processorName() -> String? {
    guard let bytes = try? SystemFile.read("/proc/cpuinfo", byteCountMax: 64 << 10) else {
      return nil
    }
    for line in bytes.split(separator: UInt8(ascii: "\n"))
    where line.starts(with: "model name".utf8) {
      let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
      return String(decoding: value.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
    }
    return nil
  }
}
