import Bytes
import Domain

/// The places of the values of a chunk's rows, and the column that each kind of value has there.
///
/// Places show as rows have them. A place is that of an object or that of values; of what else a row
/// has there, and of more columns than a table may have, it is said that the row does not fit.
@safe struct TapePlaces: ~Copyable {
  /// What the values of a column are.
  enum Lane {
    static let boolean = 0
    static let integer = 1
    static let double = 2
    static let text = 3
    static let array = 4
    static let count = 5

    @inline(__always)
    static func lane(_ tag: Tape.Tag) -> Int {
      switch tag {
      case .boolean: boolean
      case .integer: integer
      case .double: double
      case .string, .cell, .dead, .object: text
      case .array: array
      }
    }
  }

  private enum Role: UInt8 {
    /// Nothing was met there yet.
    case open
    case object
    case values
  }

  /// A field, the row itself, or the elements of an array.
  private struct Place {
    /// -1 for elements and rows.
    var name: Int32
    var parent: Int32
    var scope: Int32
    var role = Role.open
    /// The fields in the order in which they came up; -1 where there is none.
    var firstField: Int32 = -1
    var lastField: Int32 = -1
    var nextField: Int32 = -1
    var element: Int32 = -1
  }

  /// One column of rows, or of elements.
  struct Column {
    var lane: Int
    /// Of what it has one value at most.
    var scope: Int
    /// The way to it from the row or the element.
    var names: [Text]
    /// For arrays the scope of their elements.
    var elements = -1
  }

  /// One step of writing a row: a value for a column; or, where that is below zero, the beginning of
  /// an element of scope -1 - `column`.
  struct Step {
    var column: Int32
    /// Index on the tape.
    var entry: Int32
  }

  private static let placeCountMax = 1_024

  private let places: UnsafeMutablePointer<Place> = .allocate(capacity: placeCountMax)
  /// Of each place a column for each lane; -1 where there is none.
  private let laneColumns: UnsafeMutablePointer<Int32> =
    .allocate(capacity: Lane.count * placeCountMax)
  private var placeCount = 0
  private(set) var columns: [Column] = []
  /// Arrays around the rows of each scope; that of rows is the first.
  private var scopeDepths: [Int] = []
  private var stepCapacity = 1_024
  /// How the row that was resolved last is written.
  private(set) var steps: UnsafeMutablePointer<Step> = .allocate(capacity: 1_024)
  private(set) var stepCount = 0

  init() { removeAll() }

  deinit {
    unsafe places.deallocate()
    unsafe laneColumns.deallocate()
    unsafe steps.deallocate()
  }

  var scopeCount: Int { scopeDepths.count }

  mutating func removeAll() {
    placeCount = 0
    columns.removeAll(keepingCapacity: true)
    scopeDepths = [0]
    _ = makePlace(name: -1, parent: -1, scope: 0)
  }

  /// Gives each value of a row its column.
  ///
  /// - Returns: whether the row fits; then `steps` says how it is written.
  mutating func resolve(
    _ row: ShapedRow,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) -> Bool {
    stepCount = 0
    return resolve(object: row.root, 0, tape, names)
  }

  private mutating func resolve(
    object index: Int,
    _ place: Int32,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) -> Bool {
    let end = tape.end(of: index)
    var child = index &+ 1
    var guess = unsafe places[Int(place)].firstField
    while child < end {
      let entry = tape.entries[child]
      if entry.tag != .dead {
        let field = field(entry.name, of: place, guess: guess)
        guard field >= 0, resolve(child, entry, field, tape, names) else { return false }
        unsafe guess = places[Int(field)].nextField
      }
      child = tape.next(after: child)
    }
    return true
  }

  @inline(__always)
  private mutating func resolve(
    _ index: Int,
    _ entry: Tape.Entry,
    _ place: Int32,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) -> Bool {
    switch entry.tag {
    case .object:
      // One without anything in it has no column that would tell of it.
      return entry.bits > 0 && take(place, .object) && resolve(object: index, place, tape, names)
    case .array: return resolve(array: index, entry, place, tape, names)
    default: return addStep(index, TapePlaces.Lane.lane(entry.tag), place, names)
    }
  }

  private mutating func resolve(
    array index: Int,
    _ entry: Tape.Entry,
    _ place: Int32,
    _ tape: borrowing Tape,
    _ names: borrowing NameTable
  ) -> Bool {
    guard addStep(index, Lane.array, place, names) else { return false }
    let element = unsafe places[Int(place)].element
    let scope = unsafe places[Int(element)].scope
    var child = index &+ 1
    while child < Int(entry.extent) {
      let entry = tape.entries[child]
      if entry.tag != .dead {
        append(Step(column: -1 &- scope, entry: 0))
        guard resolve(child, entry, element, tape, names) else { return false }
      }
      child = tape.next(after: child)
    }
    return true
  }

  @inline(__always)
  private mutating func addStep(
    _ index: Int,
    _ lane: Int,
    _ place: Int32,
    _ names: borrowing NameTable
  ) -> Bool {
    var column = unsafe laneColumns[Int(place) &* Lane.count &+ lane]
    if column < 0 {
      column = makeColumn(lane, place, names)
      guard column >= 0 else { return false }
    }
    append(Step(column: column, entry: Int32(truncatingIfNeeded: index)))
    return true
  }

  @inline(__always)
  private mutating func append(_ step: Step) {
    if stepCount == stepCapacity { growSteps() }
    unsafe steps[stepCount] = step
    stepCount &+= 1
  }

  private mutating func growSteps() {
    let larger = UnsafeMutablePointer<Step>.allocate(capacity: 2 * stepCapacity)
    unsafe larger.update(from: steps, count: stepCount)
    unsafe steps.deallocate()
    unsafe steps = larger
    stepCapacity *= 2
  }

  /// Makes a place what it is to be, if it is nothing else.
  @inline(__always)
  private func take(_ place: Int32, _ role: Role) -> Bool {
    let known = unsafe places[Int(place)].role
    if known == .open { unsafe places[Int(place)].role = role }
    return known == .open || known == role
  }

  /// The field of that name, most likely the guess or one behind it; -1 when there are too many.
  @inline(__always)
  private mutating func field(_ name: Int32, of place: Int32, guess: Int32) -> Int32 {
    var field = guess
    while field >= 0 {
      if unsafe places[Int(field)].name == name { return field }
      unsafe field = places[Int(field)].nextField
    }
    return findField(name, of: place, before: guess)
  }

  private mutating func findField(_ name: Int32, of place: Int32, before guess: Int32) -> Int32 {
    var field = unsafe places[Int(place)].firstField
    while field >= 0, field != guess {
      if unsafe places[Int(field)].name == name { return field }
      unsafe field = places[Int(field)].nextField
    }
    let scope = unsafe places[Int(place)].scope
    let made = makePlace(name: name, parent: place, scope: scope)
    guard made >= 0 else { return made }
    let last = unsafe places[Int(place)].lastField
    if last < 0 {
      unsafe places[Int(place)].firstField = made
    } else {
      unsafe places[Int(last)].nextField = made
    }
    unsafe places[Int(place)].lastField = made
    return made
  }

  private mutating func makePlace(name: Int32, parent: Int32, scope: Int32) -> Int32 {
    guard placeCount < TapePlaces.placeCountMax else { return -1 }
    unsafe (places + placeCount).initialize(
      to: Place(name: name, parent: parent, scope: scope)
    )
    unsafe (laneColumns + placeCount * Lane.count).initialize(repeating: -1, count: Lane.count)
    placeCount += 1
    return Int32(truncatingIfNeeded: placeCount - 1)
  }

  /// Makes a column for the values of a kind at a place; -1 when it cannot have one.
  private mutating func makeColumn(
    _ lane: Int,
    _ place: Int32,
    _ names: borrowing NameTable
  ) -> Int32 {
    guard take(place, .values), columns.count < TableBatch.columnCountMax else { return -1 }
    let scope = unsafe Int(places[Int(place)].scope)
    var way: [Text] = []
    var outer = place
    while unsafe places[Int(outer)].name >= 0 {
      way.append(names.text(unsafe places[Int(outer)].name))
      unsafe outer = places[Int(outer)].parent
    }
    var column = Column(lane: lane, scope: scope, names: way.reversed())
    if lane == Lane.array {
      guard scopeDepths[scope] < TableBatch.arrayDepthMax else { return -1 }
      let elements = Int32(truncatingIfNeeded: scopeCount)
      let element = makePlace(name: -1, parent: place, scope: elements)
      guard element >= 0 else { return -1 }
      scopeDepths.append(scopeDepths[scope] + 1)
      unsafe places[Int(place)].element = element
      column.elements = Int(elements)
    }
    unsafe laneColumns[Int(place) * Lane.count + lane] = Int32(truncatingIfNeeded: columns.count)
    columns.append(column)
    return Int32(truncatingIfNeeded: columns.count - 1)
  }
}
