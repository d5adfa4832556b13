import Bytes
import Domain

/// Values of rows: each is checked, and written with the codes of the shard.
extension RowTranscoder {
  /// Reads a value at the cursor.
  mutating func read(
    _ program: ShapePrograms.Program,
    depth: Int,
    _ row: inout Row
  ) throws(DecodingError) {
    guard depth &+ program.depth <= RowBatch.nestingMax else {
      throw .nestingTooDeep(at: cursor.position, limit: RowBatch.nestingMax)
    }
    for (index, step) in program.steps.enumerated() {
      switch step.kind {
      case .string: try readString(step, &row)
      case .integer:
        let value = try cursor.readSignedVarint()
        if step.role != .none { note(step, integer: value, &row) }
      case .double:
        let value = try readDouble()
        if step.role != .none { note(step, double: value, &row) }
      case .object:
        if step.end == index &+ 1 {
          let at = cursor.position
          guard try cursor.readByte() == 0 else {
            throw .invalidValue(at: at, what: "an empty object that is none")
          }
        }
        if isWriting { programs.tree.countObject(at: step.node, fieldCount: Int(step.fieldCount)) }
        if step.role != .none { forget(step, &row) }
      case .boolean:
        let at = cursor.position
        guard try cursor.readByte() <= 1 else {
          throw .invalidValue(at: at, what: "a boolean that is none")
        }
        if step.role != .none { forget(step, &row) }
      case .key:
        let text = try cursor.readText()
        if step.role != .none { note(step, keyed: text, &row) }
      case .array:
        if step.role != .none { forget(step, &row) }
        try readArray(step, depth: depth &+ 1, &row)
      case .date, .second, .millisecond: try readInstant(step, &row)
      }
    }
  }

  private mutating func readArray(
    _ step: ShapePrograms.Step,
    depth: Int,
    _ row: inout Row
  ) throws(DecodingError) {
    let node = programs.tree.child(of: step.node, name: FieldTree.element)
    while true {
      let start = cursor.position
      let number = try cursor.readVarint()
      if number == 0 { return }
      flush(to: start)
      let (shape, bytes) = try shape(number &- 1)
      if isWriting {
        output.append(varint: UInt64(shape &+ 2))
        if shape < 0 {
          output.append(varint: UInt64(bytes.count))
          output.append(contentsOf: bytes)
        }
      }
      written = cursor.position
      let (program, _) = try programs.program(ofShape: shape, bytes, at: node)
      try read(program, depth: depth, &row)
    }
  }

  private mutating func readDouble() throws(DecodingError) -> Double {
    let at = cursor.position
    let number = try cursor.readVarint()
    if number == RowValue.rawDouble {
      let bits = try cursor.skip(8)
      let value = Double(bitPattern: cursor.load(at: bits.lowerBound))
      guard value.isFinite else {
        throw .invalidValue(at: at, what: "a number that is not finite")
      }
      return value
    }
    let decimal = RowValue.decimal(number)
    guard decimal.scale <= Decimal.scaleMax, decimal.number.magnitude <= 1 << 53 else {
      throw .invalidValue(at: at, what: "a decimal of \(decimal.number)")
    }
    return RowValue.double(number)
  }

  private mutating func readInstant(
    _ step: ShapePrograms.Step,
    _ row: inout Row
  ) throws(DecodingError) {
    let at = cursor.position
    let count = try cursor.readSignedVarint()
    let style = step.kind.style
    guard let instant = RowValue.instant(style, count) else {
      throw .invalidValue(at: at, what: "an instant of no year")
    }
    if step.role == .timestamp, !step.isDropped { row.instant = instant }
    if step.role == .eventType, !step.isDropped {
      // Such a type is a text like any other, if a strange one.
      var bytes: [UInt8] = []
      style.append(count &+ RowBatch.epoch(style), to: &bytes)
      row.type =
        unsafe isWriting ? bytes.withUnsafeBytes { unsafe code(of: $0, at: step.node) } : -1
    }
  }

  private mutating func readString(
    _ step: ShapePrograms.Step,
    _ row: inout Row
  ) throws(DecodingError) {
    let start = cursor.position
    let number = try cursor.readVarint()
    let text: Range<Int>
    var code = -1
    if number & 1 == 1 {
      guard number >> 1 <= UInt64(cursor.remaining) else {
        throw .truncated(
          at: start,
          needed: Int(clamping: number >> 1),
          available: cursor.remaining
        )
      }
      text = try cursor.skip(Int(number >> 1))
      try cursor.checkUTF8(text)
      guard isWriting else { return noteText(step, text, -1, &row) }
      code = unsafe self.code(of: UnsafeRawBufferPointer(cursor.bytes(text)), at: step.node)
    } else {
      guard number >> 1 < UInt64(tables.texts.count) else {
        throw .invalidValue(
          at: start,
          what: "a text of number \(number >> 1) of \(tables.texts.count)"
        )
      }
      let index = Int(number >> 1)
      text = tables.texts[index]
      guard isWriting else { return noteText(step, text, -1, &row) }
      let dictionary = dictionary(at: step.node)
      if codes[index].dictionary == dictionary, dictionary >= 0 {
        code = Int(codes[index].code)
        if code >= 0 { dictionaries[Int(dictionary)].countHit() }
      } else {
        code = unsafe self.code(of: UnsafeRawBufferPointer(cursor.bytes(text)), at: step.node)
        codes[index] = (dictionary, Int32(truncatingIfNeeded: code))
      }
    }
    if step.role != .none { noteText(step, text, code, &row) }
    if code < 0 && number & 1 == 1 { return }
    flush(to: start)
    written = cursor.position
    if code >= 0 { return output.append(varint: UInt64(code) &* 2) }
    output.append(varint: UInt64(text.count) &* 2 &+ 1)
    unsafe output.append(contentsOf: cursor.bytes(text))
  }

  /// Writes what was read up to `position` as it stands in the batch.
  @inline(__always)
  mutating func flush(to position: Int) {
    guard isWriting, position > written else { return }
    unsafe output.append(contentsOf: cursor.bytes(written..<position))
    written = position
  }
}
