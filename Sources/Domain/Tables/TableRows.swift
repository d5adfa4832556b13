package import Bytes

/// The rows of a batch of columns, written again as a batch of rows.
///
/// For what wants rows one by one; it takes as long as writing them in the first place.
package struct TableRows {
  /// One step of writing a row.
  private enum Step {
    /// Begins an object, or goes on at step `end` when none of its columns has a value.
    case open(columns: UInt64, name: Int, end: Int)
    case close
    case column(Int, name: Int)
  }

  /// A column, and how far it was read.
  private struct Source {
    var column: TableLayout.Column
    /// Values read so far.
    var next = 0
    /// Where the next text begins.
    var textStart: Int
    /// Where each entry of a dictionary begins.
    var entryStarts: [Int] = []
  }

  private let layout: TableLayout
  private var writer = RowBatchWriter()
  private var sources: [Source] = []
  private var steps: [Step] = []
  private var keyStarts: [Int] = []
  /// Objects of a row that were begun, and how many values each has.
  private var open: [(start: Int, count: Int)] = []

  private init(_ layout: TableLayout, _ bytes: UnsafeRawBufferPointer) {
    self.layout = layout
    keyStarts = unsafe TableRows.starts(layout.keys, bytes)
    for column in layout.columns {
      var source = Source(column: column, textStart: 0)
      switch column.values {
      case .dictionary(let entries, _):
        source.entryStarts = unsafe TableRows.starts(entries, bytes)
      case .texts(let texts), .afterKey(let texts): source.textStart = texts.offset
      case .booleans, .integers, .doubles, .decimals, .instants: break
      }
      sources.append(source)
    }
    addSteps(Array(layout.columns.indices), depth: 0)
  }

  /// Checks a batch of columns and writes its rows.
  package static func rowBatch(_ bytes: [UInt8]) throws(DecodingError) -> [UInt8] {
    let rows: Result<[UInt8], DecodingError> = unsafe bytes.withUnsafeBytes { bytes in
      do throws(DecodingError) {
        return .success(unsafe rowBatch(try TableLayout(bytes), bytes))
      } catch {
        return .failure(error)
      }
    }
    return try rows.get()
  }

  /// Writes the rows of a batch of columns that was checked.
  package static func rowBatch(
    _ layout: TableLayout,
    _ bytes: UnsafeRawBufferPointer
  ) -> [UInt8] {
    var rows = unsafe TableRows(layout, bytes)
    for row in 0..<layout.rowCount { unsafe rows.write(row, bytes) }
    return rows.writer.take()
  }

  private static func starts(
    _ texts: TableLayout.Texts,
    _ bytes: UnsafeRawBufferPointer
  ) -> [Int] {
    var starts = [texts.offset]
    for index in 0..<texts.byteCounts.count {
      let byteCount = unsafe Int(texts.byteCounts.load(index, from: bytes))
      starts.append((starts.last ?? 0) + byteCount)
    }
    return starts
  }

  /// Adds the steps of columns whose names are the same before `depth`.
  private mutating func addSteps(_ columns: [Int], depth: Int) {
    var done: UInt64 = 0
    for index in columns where done & (1 << UInt64(index)) == 0 {
      let names = layout.columns[index].names
      let name = writer.index(of: names[depth])
      guard names.count > depth + 1 else {
        steps.append(.column(index, name: name))
        continue
      }
      let inside = columns.filter { layout.columns[$0].names[depth] == names[depth] }
      let mask = inside.reduce(0 as UInt64) { $0 | 1 << UInt64($1) }
      done |= mask
      let start = steps.count
      steps.append(.close)
      addSteps(inside, depth: depth + 1)
      steps.append(.close)
      steps[start] = .open(columns: mask, name: name, end: steps.count)
    }
  }

  private mutating func write(_ row: Int, _ bytes: UnsafeRawBufferPointer) {
    let number = unsafe Int(layout.keyNumbers.load(row, from: bytes))
    let key = unsafe text(keyStarts[number]..<keyStarts[number + 1], bytes)
    unsafe writer.beginRow(kind: layout.kind, keyUTF8: key)
    var filled: UInt64 = 0
    for index in sources.indices {
      if let presence = sources[index].column.presence {
        guard unsafe bytes[presence + row / 8] & (1 << UInt8(row % 8)) != 0 else { continue }
      }
      filled |= 1 << UInt64(index)
    }
    open.append((writer.beginObject(), 0))
    var step = 0
    while step < steps.count {
      switch steps[step] {
      case .column(let column, let name):
        if filled & (1 << UInt64(column)) != 0 {
          writer.write(nameIndex: name)
          unsafe writeValue(column, key: key, bytes)
          open[open.count - 1].count += 1
        }
      case .open(let columns, let name, let end):
        guard filled & columns != 0 else {
          step = end
          continue
        }
        writer.write(nameIndex: name)
        open[open.count - 1].count += 1
        open.append((writer.beginObject(), 0))
      case .close:
        let group = open.removeLast()
        writer.endContainer(group.start, count: group.count)
      }
      step += 1
    }
    let last = open.removeLast()
    writer.endContainer(last.start, count: last.count)
  }

  /// Writes the next value of a column.
  private mutating func writeValue(
    _ index: Int,
    key: UnsafeBufferPointer<UInt8>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    let next = sources[index].next
    sources[index].next += 1
    switch sources[index].column.values {
    case .booleans(let offset): writer.write(boolean: unsafe bytes[offset + next] == 1)
    case .integers(let base, let numbers):
      writer.write(integer: unsafe Int64(bitPattern: base &+ numbers.load(next, from: bytes)))
    case .doubles(let offset):
      let bits = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8 * next, as: UInt64.self)
      writer.write(double: Double(bitPattern: bits.littleEndian))
    case .decimals(let scale, let base, let numbers):
      let number = unsafe Int64(bitPattern: base &+ numbers.load(next, from: bytes))
      writer.write(double: Decimal(scale: scale, number: number).value)
    case .dictionary(_, let codes):
      let code = unsafe Int(codes.load(next, from: bytes))
      let starts = sources[index].entryStarts
      unsafe writer.write(utf8: text(starts[code]..<starts[code + 1], bytes))
    case .texts(let texts):
      unsafe writer.write(utf8: nextText(index, texts, bytes))
    case .afterKey(let texts):
      let whole = unsafe Array(key) + Array(nextText(index, texts, bytes))
      unsafe whole.withUnsafeBufferPointer { unsafe writer.write(utf8: $0) }
    case .instants(let style, let base, let numbers):
      var whole: [UInt8] = []
      style.append(
        unsafe Int64(bitPattern: base &+ numbers.load(next, from: bytes)),
        to: &whole
      )
      unsafe whole.withUnsafeBufferPointer { unsafe writer.write(utf8: $0) }
    }
  }

  private mutating func nextText(
    _ index: Int,
    _ texts: TableLayout.Texts,
    _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeBufferPointer<UInt8> {
    let start = sources[index].textStart
    let number = sources[index].next - 1
    sources[index].textStart += unsafe Int(texts.byteCounts.load(number, from: bytes))
    return unsafe text(start..<sources[index].textStart, bytes)
  }

  private func text(
    _ range: Range<Int>,
    _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[range])
  }
}
