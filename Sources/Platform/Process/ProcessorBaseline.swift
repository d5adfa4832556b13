/// What the processor must be able to do: the code is compiled for x86-64-v3.
package enum ProcessorBaseline {
  /// Flags of `/proc/cpuinfo` that make up the baseline; `abm` stands for LZCNT.
  private static let needed = ["avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"]

  /// Refuses a processor that would meet an unknown instruction later.
  package static func check() throws(PlatformError) {
    #if arch(x86_64)
      guard let bytes = try? SystemFile.read("/proc/cpuinfo", byteCountMax: 64 << 10),
        let missing = missingFlags(in: bytes), !missing.isEmpty
      else { return }
      throw .cpuTooOld(missing: missing)
    #endif
  }

  /// The needed flags that the first processor of the text lacks; `nil` when it lists none.
  static func missingFlags(in text: [UInt8]) -> [String]? {
    for line in text.split(separator: UInt8(ascii: "\n"))
    where line.starts(with: "flags".utf8) {
      let flags = Set(
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") || $0 == 9 }
          .map { String(decoding: $0, as: UTF8.self) }
      )
      return needed.filter { !flags.contains($0) }
    }
    return nil
  }
}
