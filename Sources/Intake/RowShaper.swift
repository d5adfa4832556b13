import Bytes
import Domain

/// A row ready to be counted or written: part of a tape and what it is.
struct ShapedRow {
  /// An event, or else attributes.
  var isEvent: Bool
  /// Where the key's UTF-8 is.
  var key: Tape.Place
  /// Index of the row's object on the tape.
  var root: Int
  /// A value that stands for the object's field `timestamp`, which the object then has not.
  var timestamp: Tape.Entry?
}

/// Finds out what a tape means: its key, its events, and whether it is what was declared.
///
/// All rules that can reject a row of good syntax live here, and none of them looks at other rows;
/// so every pass rejects the same rows, however the files are cut.
struct RowShaper {
  private static let id = FieldPath(name: "_id")
  private static let profileID = FieldPath(name: "profileID")
  private static let identityMap = FieldPath(name: "identityMap")

  private let options: IntakeOptions
  private var check: DeclaredCheck
  private var words = Words()
  private var generation = -1

  /// Numbers of the names that the rules know.
  private struct Words {
    var id: Int32 = -1
    var profileID: Int32 = -1
    var identityMap: Int32 = -1
    var identity: Int32 = -1
    var xEvent: Int32 = -1
    var timestamp: Int32 = -1
    var profileKey: [Int32] = []
    var eventKey: [Int32] = []
    var eventTime: [Int32] = []
  }

  init(_ options: IntakeOptions) {
    self.options = options
    check = DeclaredCheck(options.declared)
  }

  /// Shapes the row on the tape; a profile's row is followed by those of its events.
  ///
  /// - Parameters:
  ///   - tape: one row; times may be respelled in it and values moved.
  ///   - isEvent: whether the file's rows are events.
  ///   - rowNumber: the row's number among those of its kind, from 1.
  ///   - names: the names on the tape.
  ///   - rows: emptied, then filled.
  /// - Throws: why the row is to be rejected.
  mutating func shape(
    _ tape: inout Tape,
    isEvent: Bool,
    rowNumber: UInt64,
    names: inout NameTable,
    rows: inout [ShapedRow]
  ) throws(RowFault) {
    if generation != names.generation {
      generation = names.generation
      number(&names)
    }
    var events: Range<Int>?
    if !isEvent, let index = tape.field(words.xEvent, of: 0) {
      guard tape.entries[index].tag == .array else {
        throw RowFault(
          reason: .wrongKind,
          field: "xEvent",
          value: tape.shown(index),
          detail: "an array of events expected"
        )
      }
      events = index + 1..<tape.end(of: index)
      tape.kill(index, in: 0)
    }
    try check.check(&tape, 0, isEvent: isEvent, names)
    let key = try key(&tape, isEvent: isEvent, rowNumber: rowNumber, names: names)
    var row = ShapedRow(isEvent: isEvent, key: key, root: 0)
    if isEvent { row.timestamp = try moveTime(&tape, 0, names) }
    if rows.count == 1 {
      rows[0] = row
    } else {
      rows = [row]
    }
    if let events { try shape(events: events, of: key, &tape, names, &rows) }
  }

  private mutating func shape(
    events: Range<Int>,
    of key: Tape.Place,
    _ tape: inout Tape,
    _ names: borrowing NameTable,
    _ rows: inout [ShapedRow]
  ) throws(RowFault) {
    var index = events.lowerBound
    while index < events.upperBound {
      let next = tape.next(after: index)
      if tape.entries[index].tag != .dead {
        guard tape.entries[index].tag == .object else {
          throw RowFault(
            reason: .wrongKind,
            field: "xEvent[]",
            value: tape.shown(index),
            detail: "an object expected"
          )
        }
        do throws(RowFault) {
          try check.check(&tape, index, isEvent: true, names)
          let timestamp = try moveTime(&tape, index, names)
          rows.append(ShapedRow(isEvent: true, key: key, root: index, timestamp: timestamp))
        } catch {
          var fault = error
          fault.field = Text("xEvent[].\(error.field)")
          throw fault
        }
      }
      index = next
    }
  }

  private mutating func number(_ names: inout NameTable) {
    words.id = names.number("_id")
    words.profileID = names.number("profileID")
    words.identityMap = names.number("identityMap")
    words.identity = names.number("id")
    words.xEvent = names.number("xEvent")
    words.timestamp = names.number("timestamp")
    words.profileKey = RowShaper.numbers(options.profileKey, &names)
    words.eventKey = RowShaper.numbers(options.eventKey, &names)
    words.eventTime = options.eventTime.map { $0.names.map { names.number($0) } } ?? []
    check.number(&names)
  }

  private static func numbers(_ rule: KeyRule, _ names: inout NameTable) -> [Int32] {
    guard case .path(let path) = rule else { return [] }
    return path.names.map { names.number($0) }
  }
}

extension RowShaper {
  private func key(
    _ tape: inout Tape,
    isEvent: Bool,
    rowNumber: UInt64,
    names: borrowing NameTable
  ) throws(RowFault) -> Tape.Place {
    switch isEvent ? options.eventKey : options.profileKey {
    case .rowNumber: return tape.respell(rowNumber.description.utf8)
    case .path(let path):
      var index = 0
      for name in isEvent ? words.eventKey : words.profileKey {
        while tape.entries[index].tag == .array, let first = tape.firstElement(of: index) {
          index = first
        }
        guard let field = tape.field(name, of: index) else {
          throw RowFault(
            reason: .missingKey,
            field: Text(path.description),
            detail: "no profile key there"
          )
        }
        index = field
      }
      return try usable(index, of: path, &tape)
    case .standard:
      if let index = tape.field(words.id, of: 0) {
        return try usable(index, of: RowShaper.id, &tape)
      }
      if let index = tape.field(words.profileID, of: 0) {
        return try usable(index, of: RowShaper.profileID, &tape)
      }
      if let index = firstIdentity(tape, names) {
        return try usable(index, of: RowShaper.identityMap, &tape)
      }
      throw RowFault(
        reason: .missingKey,
        detail: "no profile key in _id, profileID or identityMap"
      )
    }
  }

  /// The `id` of the first item of the first namespace that has one.
  private func firstIdentity(_ tape: borrowing Tape, _ names: borrowing NameTable) -> Int? {
    guard let map = tape.field(words.identityMap, of: 0), tape.entries[map].tag == .object else {
      return nil
    }
    var found: (name: Text, index: Int)?
    var index = map + 1
    while index < tape.end(of: map) {
      let name = names.text(tape.entries[index].name)
      if tape.entries[index].tag == .array, let item = tape.firstElement(of: index),
        let identity = tape.field(words.identity, of: item),
        found.map({ name < $0.name }) ?? true
      {
        found = (name, identity)
      }
      index = tape.next(after: index)
    }
    return found?.index
  }

  /// Where the key's text lies once it is known to be one.
  private func usable(
    _ index: Int,
    of field: FieldPath,
    _ tape: inout Tape
  ) throws(RowFault) -> Tape.Place {
    var index = index
    while tape.entries[index].tag == .array, let first = tape.firstElement(of: index) {
      index = first
    }
    let entry = tape.entries[index]
    switch entry.tag {
    case .string, .cell:
      let place = tape.place(entry)
      if place.count == 0 {
        throw RowFault(
          reason: .emptyKey,
          field: Text(field.description),
          detail: "the profile key is empty"
        )
      }
      guard place.count <= KeyRule.byteCountMax else {
        throw RowFault(
          reason: .unusableKey,
          field: Text(field.description),
          value: tape.shown(index),
          detail:
            "the profile key has \(place.count) bytes, at most \(KeyRule.byteCountMax) allowed"
        )
      }
      return place
    case .integer: return tape.respell(Int64(bitPattern: entry.bits).description.utf8)
    case .double:
      return tape.respell(NumberText.formatKey(Double(bitPattern: entry.bits)).utf8)
    case .boolean, .array, .object, .dead:
      throw RowFault(
        reason: .unusableKey,
        field: Text(field.description),
        value: tape.shown(index),
        detail: "a text or a number expected as profile key"
      )
    }
  }

  /// Takes the declared event time out of an event and makes it its timestamp.
  private func moveTime(
    _ tape: inout Tape,
    _ root: Int,
    _ names: borrowing NameTable
  ) throws(RowFault) -> Tape.Entry? {
    guard let path = options.eventTime else { return nil }
    var parent = root
    var index = root
    for name in words.eventTime {
      parent = index
      guard let field = tape.field(name, of: index) else { return nil }
      index = field
    }
    guard tape.accept(index, .instant) else {
      throw RowFault(
        reason: .wrongKind,
        field: Text(path.description),
        value: tape.shown(index),
        detail: "a time expected, such as 2026-03-15T12:00:00Z or epoch milliseconds"
      )
    }
    var time = tape.entries[index]
    time.name = words.timestamp
    tape.kill(index, in: parent)
    if let old = tape.field(words.timestamp, of: root) { tape.kill(old, in: root) }
    return time
  }
}

extension Tape {
  /// The first live element of an array.
  func firstElement(of array: Int) -> Int? {
    var index = array + 1
    while index < end(of: array) {
      if entries[index].tag != .dead { return index }
      index = next(after: index)
    }
    return nil
  }

  /// A value as a report shows it.
  func shown(_ index: Int) -> Text {
    let entry = entries[index]
    switch entry.tag {
    case .string, .cell:
      return unsafe withBytes(place(entry)) {
        unsafe Printable.text($0, byteCountMax: Reject.valueByteCountMax)
      }
    case .boolean: return entry.bits == 1 ? "true" : "false"
    case .integer: return Text(Int64(bitPattern: entry.bits).description)
    case .double: return Text(NumberText.format(Double(bitPattern: entry.bits)))
    case .array: return "[…]"
    case .object: return "{…}"
    case .dead: return "null"
    }
  }
}
