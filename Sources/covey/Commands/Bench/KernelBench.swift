import Bytes

/// The loops that everything else stands on, each over data that fits in a core's cache.
struct KernelBench {
  /// What a pass over the data costs.
  private struct Kernel {
    var name: Text
    var byteCount: Int
    /// Does one pass; the result is kept, so that the pass cannot be left out.
    var pass: () -> Int
  }

  static let options: [Option] = BenchArguments.runOptions(standardCount: 15)

  private static let byteCount = 256 << 10
  /// Passes of a run.
  private static let passCount = 64

  private let arguments: Arguments
  private let terminal: Terminal
  private let repeatCount: Int

  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.arguments = arguments
    self.terminal = terminal
    repeatCount = try arguments.integer("repeat", in: 1...BenchArguments.repeatCountMax) ?? 15
  }

  func run() throws -> ExitStatus {
    let stop = StopRequest(terminal.termination)
    var report = BenchReport(Text(arguments.command.name))
    var check = 0
    for kernel in KernelBench.kernels() {
      try stop.check()
      var times = RunTimes()
      for run in 0...repeatCount {
        times.measure {
          for _ in 0..<KernelBench.passCount { check ^= kernel.pass() }
        }
        if run == 0 { times.removeAll() }
      }
      let seconds = times.minimum / Double(KernelBench.passCount)
      let speed = Double(kernel.byteCount) / 1e6 / max(seconds, 1e-12)
      let name = kernel.name.string
      let blank = String(repeating: " ", count: max(1, 20 - name.utf8.count))
      report.line("\(name)\(blank)\(Human.count(Int(speed))) MB/s")
      report.member(kernel.name, speed)
    }
    // Printing it keeps every pass in the program.
    report.member("check", check)
    try report.print(terminal, asJSON: arguments.has("json"))
    return .success
  }

  private static func kernels() -> [Kernel] {
    var random = SeededRandom(seed: 1)
    let bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let words = (0..<byteCount / 8).map { _ in random.next() }
    let left = Bitmap(words: words)
    let right = Bitmap(words: words.map { $0 &* 3 })
    let bitCount = byteCount * 2
    let csv = Array(
      (0..<4_096).map { "C\($0),2025-06-01T12:00:00.000Z,commerce.purchases,\($0 % 97).50\n" }
        .joined().utf8
    )
    let json = Array(
      (0..<2_048).map {
        #"{"_id":"C\#($0)","timestamp":"2025-06-01T12:00:00.000Z","price":\#($0 % 97).5}"#
      }.joined(separator: "\n").utf8
    )
    return [
      Kernel(name: "checksum", byteCount: byteCount) { Int(crc32c(bytes)) },
      Kernel(name: "shardHash", byteCount: byteCount) {
        Int(truncatingIfNeeded: shardHash(bytes))
      },
      Kernel(name: "bitmapAnd", byteCount: bitCount) { left.intersection(right).chunkCount },
      Kernel(name: "bitmapAndCount", byteCount: bitCount) { left.intersectionCount(right) },
      Kernel(name: "bitmapOr", byteCount: bitCount) { left.union(right).chunkCount },
      Kernel(name: "csvScan", byteCount: csv.count) { cellCount(csv) },
      Kernel(name: "jsonScan", byteCount: json.count) { tokenCount(json) },
    ]
  }

  private static func cellCount(_ csv: [UInt8]) -> Int {
    var scanner = CSVScanner()
    var start = 0
    var count = 0
    while (try? scanner.next(csv, from: &start)) == true { count += scanner.cellCount }
    return count
  }

  private static func tokenCount(_ json: [UInt8]) -> Int {
    json.split(separator: 0x0A).reduce(0) { sum, line in
      unsafe line.withUnsafeBufferPointer { bytes in
        var scanner = unsafe JSONScanner(bytes)
        var count = 0
        while let token = try? scanner.next(), token != .end { count += 1 }
        return sum + count
      }
    }
  }
}
