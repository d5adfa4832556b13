package import Bytes

/// The rows of a batch of columns, written again as a batch of rows.
///
/// For what wants rows one by one; it takes as long as writing them in the first place.
package struct TableRows {
  /// One step of writing an object.
  private enum Step {
    /// Begins an object, or goes on at step `end` when none of its columns has a value.
    case open(columns: Range<Int>, name: Int, end: Int)
    case close
    /// A field, of whose columns one at most has a value.
    case field(columns: Range<Int>, name: Int)
  }

  /// A column, and how far it was read.
  private struct Source {
    var column: TableLayout.Column
    /// Whether the row at hand has a value.
    var isFilled = false
    /// Values read so far.
    var next = 0
    /// Where the next text begins.
    var textStart = 0
    /// Where each entry of a dictionary begins.
    var entryStarts: [Int] = []
    /// The scope of elements.
    var scope = 0

    /// Where the text of a number is, which is the next one.
    mutating func nextText(
      _ texts: TableLayout.Texts,
      _ number: Int,
      _ bytes: UnsafeRawBufferPointer
    ) -> Range<Int> {
      let start = textStart
      textStart += unsafe Int(texts.byteCounts.load(number, from: bytes))
      return start..<textStart
    }
  }

  /// Columns with one count of rows: those of the batch, or those of an array's elements.
  private struct Scope {
    /// Columns of one object lie side by side.
    var sources: [Source] = []
    var steps: [Step] = []
    /// Elements read so far.
    var next = 0

    mutating func fill(_ row: Int, _ bytes: UnsafeRawBufferPointer) {
      for index in sources.indices {
        sources[index].isFilled =
          sources[index].column.presence.map {
            unsafe bytes[$0 + row / 8] & (1 << UInt8(row % 8)) != 0
          } ?? true
      }
    }
  }

  private let layout: TableLayout
  private var writer = RowBatchWriter()
  /// That of rows is the first.
  private var scopes: [Scope] = []
  private var keyStarts: [Int] = []

  private init(_ layout: TableLayout, _ bytes: UnsafeRawBufferPointer) {
    self.layout = layout
    keyStarts = unsafe TableRows.starts(layout.keys, bytes)
    _ = unsafe addScope(layout.columns, bytes)
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

  // MARK: Steps

  private mutating func addScope(
    _ columns: [TableLayout.Column],
    _ bytes: UnsafeRawBufferPointer
  ) -> Int {
    let number = scopes.count
    scopes.append(Scope())
    if columns.contains(where: { $0.names.isEmpty }) {
      // Then all are: values that elements are.
      for column in columns { unsafe addSource(column, to: number, bytes) }
    } else {
      unsafe addSteps(columns, depth: 0, to: number, bytes)
    }
    return number
  }

  /// Adds the steps of columns whose names are the same before `depth`.
  private mutating func addSteps(
    _ columns: [TableLayout.Column],
    depth: Int,
    to scope: Int,
    _ bytes: UnsafeRawBufferPointer
  ) {
    var rest = columns[...]
    while let name = rest.first?.names[depth] {
      let inside = rest.filter { $0.names[depth] == name }
      rest = rest.filter { $0.names[depth] != name }[...]
      let index = writer.index(of: name)
      let first = scopes[scope].sources.count
      if inside[0].names.count == depth + 1 {
        for column in inside { unsafe addSource(column, to: scope, bytes) }
        let columns = first..<scopes[scope].sources.count
        scopes[scope].steps.append(.field(columns: columns, name: index))
        continue
      }
      let start = scopes[scope].steps.count
      scopes[scope].steps.append(.close)
      unsafe addSteps(inside, depth: depth + 1, to: scope, bytes)
      scopes[scope].steps.append(.close)
      let end = scopes[scope].steps.count
      let columns = first..<scopes[scope].sources.count
      scopes[scope].steps[start] = .open(columns: columns, name: index, end: end)
    }
  }

  private mutating func addSource(
    _ column: TableLayout.Column,
    to scope: Int,
    _ bytes: UnsafeRawBufferPointer
  ) {
    var source = Source(column: column)
    switch column.values {
    case .dictionary(let entries, _):
      source.entryStarts = unsafe TableRows.starts(entries, bytes)
    case .texts(let texts), .afterKey(let texts): source.textStart = texts.offset
    case .arrays(let columns, _, _): source.scope = unsafe addScope(columns, bytes)
    case .booleans, .integers, .doubles, .decimals, .instants: break
    }
    scopes[scope].sources.append(source)
  }

  // MARK: Rows

  private mutating func write(_ row: Int, _ bytes: UnsafeRawBufferPointer) {
    let number = unsafe Int(layout.keyNumbers.load(row, from: bytes))
    let key = unsafe text(keyStarts[number]..<keyStarts[number + 1], bytes)
    unsafe writer.beginRow(kind: layout.kind, keyUTF8: key)
    unsafe scopes[0].fill(row, bytes)
    unsafe writeObject(0, key: key, bytes)
  }

  /// Writes the object of a scope's row at hand.
  private mutating func writeObject(
    _ scope: Int,
    key: UnsafeBufferPointer<UInt8>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    var open = [(start: writer.beginObject(), count: 0)]
    var step = 0
    while step < scopes[scope].steps.count {
      switch scopes[scope].steps[step] {
      case .field(let columns, let name):
        if let column = filled(columns, scope) {
          writer.write(nameIndex: name)
          unsafe writeValue(column, of: scope, key: key, bytes)
          open[open.count - 1].count += 1
        }
      case .open(let columns, let name, let end):
        guard filled(columns, scope) != nil else {
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
    writer.endContainer(open[0].start, count: open[0].count)
  }

  /// The first of some columns that has a value.
  private func filled(_ columns: Range<Int>, _ scope: Int) -> Int? {
    columns.first { scopes[scope].sources[$0].isFilled }
  }

  /// Writes the next array of a column.
  private mutating func writeArray(
    _ elementCount: Int,
    _ scope: Int,
    key: UnsafeBufferPointer<UInt8>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    let start = writer.beginArray()
    for _ in 0..<elementCount {
      unsafe scopes[scope].fill(scopes[scope].next, bytes)
      scopes[scope].next += 1
      if scopes[scope].steps.isEmpty {
        let column = filled(scopes[scope].sources.indices, scope)
        if let column { unsafe writeValue(column, of: scope, key: key, bytes) }
      } else {
        unsafe writeObject(scope, key: key, bytes)
      }
    }
    writer.endContainer(start, count: elementCount)
  }

  /// Writes the next value of a column.
  private mutating func writeValue(
    _ index: Int,
    of scope: Int,
    key: UnsafeBufferPointer<UInt8>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    let next = scopes[scope].sources[index].next
    scopes[scope].sources[index].next += 1
    switch scopes[scope].sources[index].column.values {
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
      let starts = scopes[scope].sources[index].entryStarts
      unsafe writer.write(utf8: text(starts[code]..<starts[code + 1], bytes))
    case .texts(let texts):
      let range = unsafe scopes[scope].sources[index].nextText(texts, next, bytes)
      unsafe writer.write(utf8: text(range, bytes))
    case .afterKey(let texts):
      let range = unsafe scopes[scope].sources[index].nextText(texts, next, bytes)
      let whole = unsafe Array(key) + Array(text(range, bytes))
      unsafe whole.withUnsafeBufferPointer { unsafe writer.write(utf8: $0) }
    case .instants(let style, let base, let numbers):
      var whole: [UInt8] = []
      style.append(
        unsafe Int64(bitPattern: base &+ numbers.load(next, from: bytes)),
        to: &whole
      )
      unsafe whole.withUnsafeBufferPointer { unsafe writer.write(utf8: $0) }
    case .arrays(_, let counts, _):
      let elements = scopes[scope].sources[index].scope
      unsafe writeArray(Int(counts.load(next, from: bytes)), elements, key: key, bytes)
    }
  }

  private func text(
    _ range: Range<Int>,
    _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[range])
  }
}
