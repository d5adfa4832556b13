import Bytes
import Domain

/// One row as a flat list of values in the order of the text.
///
/// Objects and arrays are followed by what is in them and know where that ends, so a walk needs no
/// objects of its own and skips what it does not want. Both formats work on this.
/// Texts stay where they were read, in the chunk, but for those that had to be respelled.
@safe struct Tape: ~Copyable {
  enum Tag: UInt8 {
    /// Left out: a null, or a field whose name comes again later.
    case dead
    case boolean
    case integer
    case double
    /// `bits` is the offset of the text, `extent` the byte count.
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

  /// A text of the row, in the chunk or, with `aside` added, among the respelled ones.
  struct Place {
    var offset: Int
    var count: Int
  }

  /// The entries, by index; those from 0 to `count` are there.
  @safe struct Entries {
    fileprivate(set) var count = 0
    private var capacity = 1_024
    private var base: UnsafeMutablePointer<Entry> = .allocate(capacity: 1_024)

    subscript(index: Int) -> Entry {
      @inline(__always) get {
        assert(index >= 0 && index < count)
        return unsafe base[index]
      }
      @inline(__always) nonmutating set {
        assert(index >= 0 && index < count)
        unsafe base[index] = newValue
      }
    }

    @inline(__always)
    mutating func append(_ entry: Entry) {
      if count == capacity { grow() }
      unsafe base[count] = entry
      count &+= 1
    }

    mutating func removeLast() { count -= 1 }

    fileprivate func free() { unsafe base.deallocate() }

    private mutating func grow() {
      let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
      unsafe larger.update(from: base, count: count)
      unsafe base.deallocate()
      unsafe base = larger
      capacity *= 2
    }
  }

  /// The most entries of one row.
  static let entryCountMax = 1 << 20

  /// Offsets from here on are into `respelled`.
  static let aside = 1 << 48

  var entries = Entries()
  /// The chunk that the row stands in; it stays while the tape is in use.
  var source: UnsafePointer<UInt8>
  /// Texts that do not stand in the chunk as they are, one behind the other.
  var respelled: [UInt8] = []

  /// Per name, the last object it was seen in and where; for finding names that come twice.
  private var seen: [(object: Int, entry: Int32)] = []
  private var objectNumber = 0

  /// Room for the containers around a value.
  let outer: UnsafeMutablePointer<Open> = .allocate(capacity: JSONScanner.nestingMax)

  init() { unsafe source = UnsafeRawPointer(outer).assumingMemoryBound(to: UInt8.self) }

  deinit {
    entries.free()
    unsafe outer.deallocate()
  }

  mutating func removeAll() {
    entries.count = 0
    if !respelled.isEmpty { respelled.removeAll(keepingCapacity: true) }
  }

  /// Takes away the values and leaves the respelled texts.
  mutating func removeEntries() { entries.count = 0 }

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
  @inline(__always)
  func end(of index: Int) -> Int { Int(entries[index].extent) }

  /// Where the bytes of a string or cell are.
  @inline(__always)
  func place(_ entry: Entry) -> Place {
    Place(offset: Int(truncatingIfNeeded: entry.bits), count: Int(entry.extent))
  }

  /// Calls `body` with the bytes at a place.
  @inline(__always)
  func withBytes<Result>(
    _ place: Place,
    _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    guard place.offset >= Tape.aside else {
      return unsafe body(UnsafeBufferPointer(start: source + place.offset, count: place.count))
    }
    let start = place.offset - Tape.aside
    return unsafe respelled.withUnsafeBufferPointer {
      unsafe body(UnsafeBufferPointer(rebasing: $0[start..<start + place.count]))
    }
  }

  func bytes(_ place: Place) -> [UInt8] { unsafe withBytes(place) { unsafe Array($0) } }

  /// Adds a text that does not stand in the chunk; a zero follows it, as something follows in chunks.
  mutating func respell(_ utf8: some Collection<UInt8>) -> Place {
    let start = respelled.count
    respelled.append(contentsOf: utf8)
    respelled.append(0)
    return Place(offset: start + Tape.aside, count: respelled.count - start - 1)
  }

  /// The live field of an object with that name.
  func field(_ name: Int32, of object: Int) -> Int? {
    guard entries[object].tag == .object else { return nil }
    let end = end(of: object)
    var index = object + 1
    while index < end {
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

  @inline(__always)
  mutating func append(_ tag: Tag, name: Int32, bits: UInt64, extent: Int32 = 0) {
    entries.append(Entry(tag: tag, name: name, extent: extent, bits: bits))
  }

  /// Ends an object whose names are known to differ and whose children were counted.
  mutating func closePlain(_ index: Int) { entries[index].extent = Int32(entries.count) }

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
