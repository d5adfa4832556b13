import Bytes
import Domain

/// The quick reading of JSON: good rows at full speed, everything else left to the careful one.
///
/// It gives what the careful reading would give, or gives up: for errors, for names written with
/// escapes or given twice, and for what is too rare to be worth a place here. Nothing is looked at
/// twice: names are compared with those that came last at the same place, strings are searched for
/// their end 32 bytes at a time and stay in the chunk, numbers are read digit by digit.
extension Tape {
  /// A container that is being read.
  struct Open {
    var index: Int
    var isObject: Bool
    /// Children that are not null.
    var liveCount: UInt64 = 0
    /// Bit `n` for each name of number `n` modulo 64.
    var names: UInt64 = 0
    var nameCount = 0
    /// The name it is the value of, or its nearest outer container with one is.
    var name: Int32
  }

  /// Names of an object that are looked through when a name may be there already.
  private static let searchedNameCountMax = 128

  /// Reads the row that begins at `start` of `source`, up to its line feed.
  ///
  /// - Parameters:
  ///   - start: the first byte; a line feed stands somewhere behind it, and 64 readable bytes
  ///     behind that.
  ///   - names: numbers of names.
  /// - Returns: the offset of the line feed, or -1 when it has given up.
  mutating func readQuickly(from start: Int, names: inout NameTable) -> Int {
    removeAll()
    // The pointer stays within the line: each step looks at one byte and ends at a line feed.
    var at = unsafe Tape.skipBlank(source + start)
    guard unsafe at.pointee == UInt8(ascii: "{") else { return -1 }
    unsafe at += 1
    // The containers around the one that is being read, outer ones first: one less than the limit.
    let outer = unsafe self.outer
    var depth = 0
    var open = Open(index: 0, isObject: true, name: -1)
    append(.object, name: -1, bits: 0)
    var place = NameTable.Place(name: -1, isInside: true)
    var isFirst = true
    while true {
      unsafe at = Tape.skipBlank(at)
      var name: Int32 = -1
      if open.isObject {
        if unsafe at.pointee == UInt8(ascii: "\"") {
          unsafe at += 1
          let guess = names.guess(at: place)
          let length = unsafe names.guessedLength(guess, at: at)
          if length >= 0 {
            name = guess
            unsafe at += length &+ 1
          } else {
            let plain = unsafe Tape.plainLength(at)
            guard unsafe at[plain] == UInt8(ascii: "\"") else { return -1 }
            name = unsafe names.number(UnsafeBufferPointer(start: at, count: plain))
            names.learn(name, at: place)
            unsafe at += plain &+ 1
          }
          let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: name)
          if open.names & bit != 0, mayHave(name, open) { return -1 }
          open.names |= bit
          open.nameCount &+= 1
          place = NameTable.Place(name: name, isInside: false)
          unsafe at = Tape.skipBlank(at)
          guard unsafe at.pointee == UInt8(ascii: ":") else { return -1 }
          unsafe at = Tape.skipBlank(at + 1)
        } else if unsafe isFirst && at.pointee == UInt8(ascii: "}") {
          name = -2
        } else {
          return -1
        }
      } else if unsafe isFirst && at.pointee == UInt8(ascii: "]") {
        name = -2
      }
      isFirst = false
      if name != -2 {
        let byte = unsafe at.pointee
        switch byte {
        case UInt8(ascii: "\""):
          guard let end = unsafe readString(at + 1, name: name) else { return -1 }
          unsafe at = end
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
          guard let end = unsafe readNumber(at, name: name) else { return -1 }
          unsafe at = end
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          guard depth &+ 1 < JSONScanner.nestingMax else { return -1 }
          open.liveCount &+= 1
          unsafe outer[depth] = open
          depth &+= 1
          let isObject = byte == UInt8(ascii: "{")
          let owner = name >= 0 ? name : open.name
          open = Open(index: entries.count, isObject: isObject, name: owner)
          append(isObject ? .object : .array, name: name, bits: 0)
          place = NameTable.Place(name: owner, isInside: true)
          unsafe at += 1
          isFirst = true
          if entries.count > Tape.entryCountMax { return -1 }
          continue
        case UInt8(ascii: "n"):
          guard unsafe Tape.has(at, 0x6C6C_756E) else { return -1 }
          append(.dead, name: name, bits: 0)
          open.liveCount &-= 1
          unsafe at += 4
        case UInt8(ascii: "t"):
          guard unsafe Tape.has(at, 0x6575_7274) else { return -1 }
          append(.boolean, name: name, bits: 1)
          unsafe at += 4
        case UInt8(ascii: "f"):
          guard unsafe Tape.has(at + 1, 0x6573_6C61) else { return -1 }
          append(.boolean, name: name, bits: 0)
          unsafe at += 5
        default: return -1
        }
        open.liveCount &+= 1
      }
      // What follows a value: a comma, or the ends of its containers.
      while true {
        unsafe at = Tape.skipBlank(at)
        let byte = unsafe at.pointee
        if byte == UInt8(ascii: ","), name != -2 {
          unsafe at += 1
          break
        }
        guard byte == (open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return -1 }
        unsafe at += 1
        name = -1
        entries[open.index].extent = Int32(truncatingIfNeeded: entries.count)
        entries[open.index].bits = open.liveCount
        guard depth > 0 else {
          unsafe at = Tape.skipBlank(at)
          let isEnd = unsafe at.pointee == 0x0A && entries.count <= Tape.entryCountMax
          return unsafe isEnd ? at - source : -1
        }
        place = NameTable.Place(name: open.name, isInside: false)
        depth &-= 1
        open = unsafe outer[depth]
      }
      if entries.count > Tape.entryCountMax { return -1 }
    }
  }

  /// Whether an open object has a field of that name, or too many to look through.
  private func mayHave(_ name: Int32, _ open: Open) -> Bool {
    guard open.nameCount <= Tape.searchedNameCountMax else { return true }
    var index = open.index + 1
    while index < entries.count {
      if entries[index].name == name { return true }
      index = next(after: index)
    }
    return false
  }

  /// Reads a string behind its opening quote; answers where it goes on.
  @inline(__always)
  private mutating func readString(
    _ start: UnsafePointer<UInt8>,
    name: Int32
  ) -> UnsafePointer<UInt8>? {
    let length = unsafe Tape.plainLength(start)
    guard unsafe start[length] == UInt8(ascii: "\"") else {
      return unsafe readRareString(start, plain: length, name: name)
    }
    append(
      .string,
      name: name,
      bits: UInt64(truncatingIfNeeded: unsafe start - source),
      extent: Int32(truncatingIfNeeded: length)
    )
    return unsafe start + (length &+ 1)
  }

  /// Reads a string that is not plain from `plain` on: with other characters than ASCII, or escapes.
  @inline(never)
  private mutating func readRareString(
    _ start: UnsafePointer<UInt8>,
    plain: Int,
    name: Int32
  ) -> UnsafePointer<UInt8>? {
    var length = plain
    while unsafe start[length] >= 0x80 {
      length &+= 1
      unsafe length &+= Tape.plainLength(start + length)
    }
    let text = unsafe UnsafeBufferPointer(start: start, count: length)
    guard unsafe UTF8Validation.firstInvalid(text) == nil else { return nil }
    if unsafe start[length] == UInt8(ascii: "\"") {
      append(
        .string,
        name: name,
        bits: UInt64(truncatingIfNeeded: unsafe start - source),
        extent: Int32(truncatingIfNeeded: length)
      )
      return unsafe start + (length &+ 1)
    }
    guard unsafe start[length] == UInt8(ascii: "\\") else { return nil }
    return unsafe readEscapedString(start, name: name)
  }

  /// Reads a string with escapes by the scanner that knows them.
  private mutating func readEscapedString(
    _ start: UnsafePointer<UInt8>,
    name: Int32
  ) -> UnsafePointer<UInt8>? {
    // To its closing quote; a line feed ends the search before it ends the line.
    var end = unsafe start
    while unsafe end.pointee != UInt8(ascii: "\"") {
      guard unsafe end.pointee != 0x0A else { return nil }
      unsafe end += unsafe end.pointee == UInt8(ascii: "\\") && end[1] != 0x0A ? 2 : 1
    }
    var scanner = unsafe JSONScanner(UnsafeBufferPointer(start: start - 1, count: end - start + 2))
    guard (try? scanner.next()) == .string else { return nil }
    let place = unsafe scanner.withText { unsafe respell($0) }
    append(.string, name: name, bits: UInt64(place.offset), extent: Int32(place.count))
    return unsafe end + 1
  }

  /// Reads a number; answers where it goes on.
  @inline(__always)
  private mutating func readNumber(
    _ start: UnsafePointer<UInt8>,
    name: Int32
  ) -> UnsafePointer<UInt8>? {
    guard let number = unsafe PlainNumber(start) ?? PlainNumber(rare: start) else { return nil }
    append(number.isInteger ? .integer : .double, name: name, bits: number.bits)
    return unsafe start + number.byteCount
  }

  /// How many plain characters of a string there are.
  @inline(__always)
  static func plainLength(_ start: UnsafePointer<UInt8>) -> Int {
    var length = 0
    while true {
      let marks = unsafe ByteLanes.unplain(start + length)
      if marks != 0 { return length &+ marks.trailingZeroBitCount }
      length &+= 32
    }
  }

  /// The next byte that is no blank space within the line.
  @inline(__always)
  private static func skipBlank(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    var at = unsafe start
    while unsafe at.pointee <= 0x20,
      unsafe at.pointee == 0x20 || at.pointee == 0x09 || at.pointee == 0x0D
    {
      unsafe at += 1
    }
    return unsafe at
  }

  /// Whether four bytes are there, the first one lowest.
  @inline(__always)
  private static func has(_ at: UnsafePointer<UInt8>, _ word: UInt32) -> Bool {
    unsafe UnsafeRawPointer(at).loadUnaligned(as: UInt32.self).littleEndian == word
  }
}
