import Bytes
import Domain

/// The careful reading of JSON: any text, with every error named.
extension Tape {
  /// Reads one JSON text; its strings are copied.
  mutating func read(
    json line: UnsafeBufferPointer<UInt8>,
    names: inout NameTable
  ) throws(RowFault) {
    removeAll()
    do throws(JSONError) {
      var scanner = unsafe JSONScanner(line)
      try read(&scanner, names: &names)
    } catch {
      throw Tape.fault(error)
    }
    guard entries.count <= Tape.entryCountMax else {
      throw RowFault(
        reason: .tooManyFields,
        detail: "more than \(Tape.entryCountMax) values in one row"
      )
    }
    guard entries.count > 0, entries[0].tag == .object else {
      throw RowFault(reason: .notAnObject, detail: "a row is one JSON object on a line of its own")
    }
  }

  private mutating func read(
    _ scanner: inout JSONScanner,
    names: inout NameTable
  ) throws(JSONError) {
    var open: [Int] = []
    var name: Int32 = -1
    while true {
      let token = try scanner.next()
      switch token {
      case .end: return
      case .name:
        name = unsafe scanner.withText { unsafe names.number($0) }
        continue
      case .beginObject, .beginArray:
        open.append(entries.count)
        append(token == .beginObject ? .object : .array, name: name, bits: 0)
      case .endObject, .endArray:
        if let index = open.popLast() { close(index, nameCount: names.count) }
      case .string:
        let place = unsafe scanner.withText { unsafe respell($0) }
        append(.string, name: name, bits: UInt64(place.offset), extent: Int32(place.count))
      case .integer(let value): append(.integer, name: name, bits: UInt64(bitPattern: value))
      case .double(let value): append(.double, name: name, bits: value.bitPattern)
      case .boolean(let value): append(.boolean, name: name, bits: value ? 1 : 0)
      case .null: append(.dead, name: name, bits: 0)
      }
      name = -1
      // A row of too many values is refused when it has been read to its end as JSON; nothing more
      // of it is kept.
      if entries.count > Tape.entryCountMax { return try skip(&scanner) }
    }
  }

  private func skip(_ scanner: inout JSONScanner) throws(JSONError) {
    while try scanner.next() != .end {}
  }

  private static func fault(_ error: JSONError) -> RowFault {
    let reason: RejectReason =
      switch error {
      case .invalidUTF8: .invalidUTF8
      case .nestingTooDeep: .tooDeep
      case .unexpected, .controlCharacter, .invalidEscape, .loneSurrogate, .numberTooLarge:
        .malformedJSON
      }
    return RowFault(reason: reason, detail: error.description)
  }
}
