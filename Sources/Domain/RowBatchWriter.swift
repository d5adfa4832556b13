package import Bytes

/// Writes one batch of rows.
///
/// A row is written either from a `Value` or piece by piece: `beginRow`, then the calls for one
/// object (`beginObject`, `write(nameIndex:)`, a value …, `endContainer`). Every array and object
/// that is begun is ended.
package struct RowBatchWriter: Sendable {
  private static let shapeCountMax = 4_096
  private static let shapeByteCountMax = 2_048
  private static let textCountMax = 65_536
  private static let textByteCountMax = 255
  /// Texts that begin with a key shorter than this do so by chance.
  private static let keyByteCountMin = 4

  /// An array or object that was begun.
  private struct Frame {
    var isArray: Bool
    /// Where the shape of the array's element begins, or of the object's first field.
    var shapeStart: Int
    /// Where the values of these begin.
    var valueStart: Int
  }

  private var indices: [Text: Int] = [:]
  private var names: [Text] = []
  private var keys = BatchTable()
  private var texts = BatchTable()
  private var shapes = BatchTable()
  /// Rows that are complete.
  private var rows = ByteBuffer()
  private var eventCount = 0
  package private(set) var rowCount = 0
  /// The row that is being written: its shape, behind it those of array elements, and its values.
  private var shape = ByteBuffer()
  private var values = ByteBuffer()
  private var frames: [Frame] = []
  private var keyNumber = 0
  private var rowKind = RowKind.attributes

  package init() {}

  /// About the bytes of the batch so far, without the names.
  package var byteCount: Int {
    rows.count &+ values.count &+ keys.byteCount &+ texts.byteCount &+ shapes.byteCount
  }

  package var isEmpty: Bool { rowCount == 0 }

  package mutating func append(kind: RowKind, key: ProfileKey, object: ObjectValue) {
    beginRow(kind: kind, key: key)
    write(.object(object))
  }

  package mutating func beginRow(kind: RowKind, key: ProfileKey) {
    var text = key.text.string
    text.withUTF8 { unsafe beginRow(kind: kind, keyUTF8: $0) }
  }

  /// Begins a row whose key is given by its valid UTF-8.
  package mutating func beginRow(kind: RowKind, keyUTF8: UnsafeBufferPointer<UInt8>) {
    rowCount &+= 1
    rowKind = kind
    if kind == .event { eventCount &+= 1 }
    shape.removeAll()
    values.removeAll()
    frames.removeAll(keepingCapacity: true)
    if unsafe keys.count > keyNumber && keys.isEqual(keyNumber, keyUTF8) { return }
    if let number = unsafe keys.number(of: keyUTF8, isAddedAtOnce: true, countMax: .max) {
      keyNumber = number
    } else {
      unsafe keys.add(keyUTF8)
      keyNumber = keys.count &- 1
    }
  }

  /// Forgets a row that was begun at `mark` and turned out to be bad.
  package mutating func rewind(to mark: Mark) {
    rows.removeAll(from: mark.byteCount)
    rowCount = mark.rowCount
    eventCount = mark.eventCount
    shape.removeAll()
    values.removeAll()
    frames.removeAll(keepingCapacity: true)
  }

  package struct Mark: Sendable {
    fileprivate var byteCount: Int
    fileprivate var rowCount: Int
    fileprivate var eventCount: Int
  }

  package var mark: Mark {
    Mark(byteCount: rows.count, rowCount: rowCount, eventCount: eventCount)
  }

  /// The index of a field name in this batch's table.
  package mutating func index(of name: Text) -> Int {
    if let index = indices[name] { return index }
    indices[name] = names.count
    names.append(name)
    return names.count - 1
  }

  /// The whole batch; the writer is empty afterwards.
  package mutating func take() -> [UInt8] {
    var batch = ByteWriter(capacity: byteCount + 64 * names.count + 4 * keys.count + 64)
    batch.write(RowBatch.version)
    batch.writeVarint(names.count)
    for name in names { batch.write(name) }
    texts.write(into: &batch)
    shapes.write(into: &batch)
    keys.write(into: &batch)
    batch.writeVarint(eventCount)
    batch.writeVarint(rowCount)
    batch.bytes.append(contentsOf: rows.bytes)
    indices.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    keys.removeAll()
    texts.removeAll()
    shapes.removeAll()
    rows.removeAll()
    (rowCount, eventCount, keyNumber) = (0, 0, 0)
    return batch.bytes
  }
}

// MARK: Values

extension RowBatchWriter {
  package mutating func write(_ value: Value) {
    switch value {
    case .boolean(let value): write(boolean: value)
    case .integer(let value): write(integer: value)
    case .double(let value): write(double: value)
    case .string(let text):
      var string = text.string
      string.withUTF8 { unsafe write(utf8: $0) }
    case .array(let elements):
      let start = beginArray()
      for element in elements { write(element) }
      endContainer(start, count: elements.count)
    case .object(let object):
      let start = beginObject()
      for field in object.fields {
        write(nameIndex: index(of: field.name))
        write(field.value)
      }
      endContainer(start, count: object.fields.count)
    }
  }

  package mutating func write(boolean: Bool) {
    shape.append(RowBatch.Shape.boolean)
    values.append(boolean ? 1 : 0)
    endElement()
  }

  package mutating func write(integer: Int64) {
    shape.append(RowBatch.Shape.integer)
    values.append(signed: integer)
    endElement()
  }

  package mutating func write(double: Double) {
    shape.append(RowBatch.Shape.double)
    if let decimal = Decimal(double) {
      let zigzag = UInt64(bitPattern: (decimal.number << 1) ^ (decimal.number >> 63))
      values.append(varint: zigzag << 3 | UInt64(decimal.scale))
    } else {
      values.append(varint: RowBatch.rawDouble)
      for shift in 0..<8 {
        values.append(UInt8(truncatingIfNeeded: double.bitPattern >> UInt64(8 * shift)))
      }
    }
    endElement()
  }

  /// Writes a string of bytes that are known to be valid UTF-8.
  package mutating func write(utf8: UnsafeBufferPointer<UInt8>) {
    if let (style, count) = unsafe InstantStyle.read(utf8) {
      shape.append(RowBatch.Shape.shape(style))
      values.append(signed: count &- RowBatch.epoch(style))
    } else if let keyByteCount = unsafe keyByteCount(at: utf8) {
      shape.append(RowBatch.Shape.key)
      values.append(varint: UInt64(utf8.count &- keyByteCount))
      unsafe values.append(UnsafeBufferPointer(rebasing: utf8[keyByteCount...]))
    } else {
      shape.append(RowBatch.Shape.string)
      unsafe write(string: utf8)
    }
    endElement()
  }

  /// The byte count of the row's key, if the text begins with it.
  private func keyByteCount(at utf8: UnsafeBufferPointer<UInt8>) -> Int? {
    let byteCount = Int(keys.starts[keyNumber &+ 1] &- keys.starts[keyNumber])
    guard byteCount >= RowBatchWriter.keyByteCountMin, byteCount <= utf8.count,
      unsafe keys.isEqual(keyNumber, UnsafeBufferPointer(rebasing: utf8[..<byteCount]))
    else { return nil }
    return byteCount
  }

  private mutating func write(string utf8: UnsafeBufferPointer<UInt8>) {
    if utf8.count <= RowBatchWriter.textByteCountMax,
      let number = unsafe texts.number(
        of: utf8,
        isAddedAtOnce: false,
        countMax: RowBatchWriter.textCountMax
      )
    {
      return values.append(varint: UInt64(number) &* 2)
    }
    values.append(varint: UInt64(utf8.count) &* 2 &+ 1)
    unsafe values.append(utf8)
  }

  package mutating func write(nameIndex: Int) { shape.append(varint: UInt64(nameIndex) &+ 1) }

  package mutating func beginArray() -> Int {
    shape.append(RowBatch.Shape.array)
    frames.append(Frame(isArray: true, shapeStart: shape.count, valueStart: values.count))
    return frames.count
  }

  package mutating func beginObject() -> Int {
    shape.append(RowBatch.Shape.object)
    frames.append(Frame(isArray: false, shapeStart: shape.count, valueStart: values.count))
    return frames.count
  }

  /// Ends the array or object that `begin…` gave `start` for.
  package mutating func endContainer(_ start: Int, count: Int) {
    precondition(start == frames.count, "container \(start) of \(frames.count) is ended")
    let frame = frames.removeLast()
    if frame.isArray {
      values.append(varint: 0)
    } else {
      // Every value takes a byte, so that no batch is of much more values than bytes.
      if shape.count == frame.shapeStart { values.append(0) }
      shape.append(varint: 0)
    }
    if frames.isEmpty { endRow() } else { endElement() }
  }

  /// Gives an element of an array its shape, when the value that was written is one.
  @inline(__always)
  private mutating func endElement() {
    guard let frame = frames.last, frame.isArray else { return }
    endElement(frame)
  }

  private mutating func endElement(_ frame: Frame) {
    if let number = shapeNumber(from: frame.shapeStart) {
      values.insert(varint: UInt64(number) &+ 2, at: frame.valueStart)
    } else {
      var head = ByteBuffer()
      head.append(varint: 1)
      head.append(varint: UInt64(shape.count &- frame.shapeStart))
      head.append(shape, from: frame.shapeStart)
      var tail = ByteBuffer()
      tail.append(values, from: frame.valueStart)
      values.removeAll(from: frame.valueStart)
      values.append(head)
      values.append(tail)
    }
    shape.removeAll(from: frame.shapeStart)
    frames[frames.count &- 1].valueStart = values.count
  }

  private mutating func endRow() {
    let event: UInt64 = rowKind == .event ? 1 : 0
    if let number = shapeNumber(from: 0) {
      rows.append(varint: (UInt64(number) &+ 1) &* 2 &+ event)
    } else {
      rows.append(varint: event)
      rows.append(varint: UInt64(shape.count))
      rows.append(shape)
    }
    rows.append(varint: UInt64(keyNumber))
    rows.append(varint: UInt64(values.count))
    rows.append(values)
    values.removeAll()
  }

  /// The number of the shape that begins at `start`; `nil` when it has to stand with its value.
  private mutating func shapeNumber(from start: Int) -> Int? {
    guard shape.count &- start <= RowBatchWriter.shapeByteCountMax else { return nil }
    let count = shape.count
    return unsafe shape.storage.withUnsafeBufferPointer {
      unsafe shapes.number(
        of: UnsafeBufferPointer(rebasing: $0[start..<count]),
        isAddedAtOnce: true,
        countMax: RowBatchWriter.shapeCountMax
      )
    }
  }
}
