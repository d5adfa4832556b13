import Bytes
import Domain
import Platform

/// What a measurement came to, for people and programs.
struct BenchReport {
  private var lines: [String] = []
  private var writer = JSONWriter()

  /// Begins with the machine and how busy it is.
  init(_ what: Text) {
    let machine = MachineStatus.current()
    let name = machine.processorName ?? Human.unknown
    let loads = machine.loadAverages.map(Human.tenths).joined(separator: " ")
    lines = [
      "\(what) on \(name), \(Human.counted(machine.processorCount, "processor")), load \(loads)"
    ]
    writer.beginObject()
    writer.name("bench")
    writer.write(what)
    writer.name("machine")
    writer.beginObject()
    writer.name("processor")
    writer.write(Text(name))
    writer.name("processors")
    writer.write(machine.processorCount)
    writer.name("memoryMB")
    writer.write((machine.memoryByteCount ?? 0) / 1_000_000)
    writer.name("loadAverages")
    writer.beginArray()
    for load in machine.loadAverages { writer.write(load) }
    writer.endArray()
    writer.endObject()
  }

  /// Adds a line for people.
  mutating func line(_ text: String) { lines.append(text) }

  mutating func member(_ name: Text, _ value: Text) {
    writer.name(name)
    writer.write(value)
  }

  mutating func member(_ name: Text, _ value: Int) {
    writer.name(name)
    writer.write(value)
  }

  /// Adds a number with at most six digits behind the point.
  mutating func member(_ name: Text, _ value: Double) {
    writer.name(name)
    writer.write(BenchReport.rounded(value))
  }

  /// Adds times as an array, with the best and the middle one beside it.
  mutating func member(_ name: Text, _ times: RunTimes) {
    writer.name(name)
    writer.beginArray()
    for seconds in times.seconds { writer.write(BenchReport.rounded(seconds)) }
    writer.endArray()
    member(Text("\(name)Min"), times.minimum)
    member(Text("\(name)Median"), times.median)
  }

  mutating func member(_ name: Text, _ counts: [(id: Text, count: Int)]) {
    writer.name(name)
    writer.beginObject()
    for (id, count) in counts {
      writer.name(id)
      writer.write(count)
    }
    writer.endObject()
  }

  /// Adds the most memory that the processes had since the peak was reset.
  mutating func memory(_ byteCount: Int) {
    line("memory:    \(Human.size(bytes: byteCount)) at most, all processes together")
    member("peakMemoryMB", Double(byteCount) / 1e6)
  }

  /// Adds the most memory that the processes had, and what they hold now.
  mutating func memory() {
    memory(ProcessFamily.peakByteCount())
    let held = ProcessFamily.heldByteCounts()
    line(
      "held:      \(Human.size(bytes: held.own + held.mapped)), "
        + "\(Human.size(bytes: held.mapped)) of it mapped files"
    )
    member("heldMemoryMB", Double(held.own + held.mapped) / 1e6)
    member("heldMappedMB", Double(held.mapped) / 1e6)
  }

  /// Prints the lines, or one JSON object.
  consuming func print(_ terminal: Terminal, asJSON: Bool) throws {
    guard asJSON else { return try terminal.results.lines(lines) }
    writer.endObject()
    try terminal.results.write(writer.bytes)
    try terminal.results.line()
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
