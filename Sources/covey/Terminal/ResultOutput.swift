import Platform

/// Takes bytes for good.
package protocol ByteSink: AnyObject {
  func write(_ bytes: [UInt8]) throws
}

/// Where a command's results go, in blocks.
package final class ResultOutput {
  private static let blockByteCount = 64 << 10

  private let sink: any ByteSink
  private var pending: [UInt8] = []

  package init(_ sink: any ByteSink) { self.sink = sink }

  package func write(_ bytes: some Sequence<UInt8>) throws {
    pending.append(contentsOf: bytes)
    if pending.count >= ResultOutput.blockByteCount { try flush() }
  }

  package func write(_ text: String) throws { try write(text.utf8) }

  package func line(_ text: String = "") throws { try write(text + "\n") }

  package func lines(_ lines: [String]) throws {
    for line in lines { try self.line(line) }
  }

  package func flush() throws {
    guard !pending.isEmpty else { return }
    defer { pending.removeAll(keepingCapacity: true) }
    try sink.write(pending)
  }
}

/// The process's standard output.
package final class StandardOutputSink: ByteSink {
  package init() {}

  package func write(_ bytes: [UInt8]) throws { try StandardStream.output.write(bytes) }
}

/// Keeps what is written, for tests and for pages shown as a whole.
package final class MemorySink: ByteSink {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package func write(_ bytes: [UInt8]) throws { self.bytes += bytes }

  package var text: String { String(decoding: bytes, as: UTF8.self) }
}
