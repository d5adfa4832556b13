import Bytes
import Domain

/// One row as a flat list of values in the order of the text.
///
/// Objects and arrays are followed by what is in them and know where that ends, so a walk needs no
/// objects of its own and skips what it does not want. Both passes and both formats work on this.
struct Tape {
  enum Tag: UInt8 {
    /// Left out: a null, or a field whose name comes again later.
    case dead
    case boolean
    case integer
    case double
    /// `bits` is the offset into `text`, `extent` the byte count.
    case string
    /// A CSV cell whose column has no type yet; else like `string`.
    case cell
    /// `extent` is the index behind the last entry inside, `bits` the count of live children.
    case array
    case object
  }

  struct Entry {
    var tag: Tag
    /// Number of the field's name; -1 for elements and the row itself.
    var name: Int32
    var extent: Int32
    var bits: UInt64
  }

  /// The most entries of one row.
  static let entryCountMax = 1 << 20

  var entries: [Entry] = []
  /// The strings, one behind the other.
  var text: [UInt8] = []

  /// Per name, the last object it was seen in and where; for finding names that come twice.
  private var seen: [(object: Int, entry: Int32)] = []
  private var objectNumber = 0

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
  }

  /// Index of the next value beside the one at `index`.
  @inline(__always)
  func next(after index: Int) -> Int {
    let entry = entries[index]
    switch entry.tag {
    case .array, .object: return Int(entry.extent)
    case .dead: return max(index &+ 1, Int(entry.extent))
    default: return index &+ 1
    }
  }

  /// Index behind the last entry inside the container at `index`.
  func end(of index: Int) -> Int { Int(entries[index].extent) }

  /// The bytes of a string or cell.
  func textRange(_ entry: Entry) -> Range<Int> {
    let start = Int(truncatingIfNeeded: entry.bits)
    return start..<start &+ Int(entry.extent)
  }

  /// The live field of an object with that name.
  func field(_ name: Int32, of object: Int) -> Int? {
    guard entries[object].tag == .object else { return nil }
    var index = object + 1
    while index < end(of: object) {
      if entries[index].name == name, entries[index].tag != .dead { return index }
      index = next(after: index)
    }
    return nil
  }

  /// Leaves a value out of the container at `parent`.
  mutating func kill(_ index: Int, in parent: Int) {
    let end = next(after: index)
    entries[index].tag = .dead
    entries[index].extent = Int32(end)
    entries[parent].bits -= 1
  }

  mutating func append(_ tag: Tag, name: Int32, bits: UInt64, extent: Int32 = 0) {
    entries.append(Entry(tag: tag, name: name, extent: extent, bits: bits))
  }

  /// Ends the container at `index`; of names that come twice in an object the last one stays.
  mutating func close(_ index: Int, nameCount: Int) {
    entries[index].extent = Int32(entries.count)
    var live: UInt64 = 0
    guard entries[index].tag == .object else {
      var child = index + 1
      while child < entries.count {
        if entries[child].tag != .dead { live &+= 1 }
        child = next(after: child)
      }
      entries[index].bits = live
      return
    }
    objectNumber &+= 1
    if seen.count < nameCount {
      let missing = nameCount - seen.count
      seen.append(contentsOf: repeatElement((object: 0, entry: 0), count: missing + 64))
    }
    var child = index + 1
    while child < entries.count {
      let name = Int(entries[child].name)
      if seen[name].object == objectNumber {
        let earlier = Int(seen[name].entry)
        if entries[earlier].tag != .dead {
          live &-= 1
          let end = next(after: earlier)
          entries[earlier].tag = .dead
          entries[earlier].extent = Int32(end)
        }
      }
      seen[name] = (objectNumber, Int32(child))
      if entries[child].tag != .dead { live &+= 1 }
      child = next(after: child)
    }
    entries[index].bits = live
  }
}

extension Tape {
  /// Reads one JSON text.
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
    guard entries.first?.tag == .object else {
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
        let start = text.count
        scanner.appendText(to: &text)
        append(
          .string,
          name: name,
          bits: UInt64(start),
          extent: Int32(text.count - start)
        )
      case .integer(let value):
        append(.integer, name: name, bits: UInt64(bitPattern: value))
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
