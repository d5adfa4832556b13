import Bytes
import Domain

/// How the rows of JSON lines are written between their values, learned from rows as they come.
///
/// Rows of one file are written alike: what stands between two values is one of a few texts. Where a
/// row is, is a state: the place whose value was read last. From there moves lead on, each a text and
/// the value behind it. So a row that was written like others is read by comparing a text a value,
/// and the columns and places of what it has are known without a search.
///
/// Moves are learned from rows that were read in the common way and found good, so what they spell is
/// JSON. Any way along them is: that no name comes twice in an object is what `mayFollow` sees to.
/// They belong to the columns and the places of one chunk.
@safe struct LineShapes: ~Copyable {
  enum Kind: UInt8 {
    case string
    case number
    /// `true` or `false`, which are part of the move's text.
    case boolean
    /// The end of the line.
    case end
  }

  /// A text, and the value that stands behind it.
  struct Move {
    /// Of the text, in `texts`.
    var start: Int32
    var byteCount: Int32
    /// Those of 32 bytes that are not of the text.
    var beyond: UInt32
    var kind: Kind
    /// Whether the value is the row's key.
    var isKey: Bool
    /// Numbers that are known to come: integers, doubles.
    var hasIntegers = false
    var hasDoubles = false
    /// Of a boolean its value.
    var bits: UInt64 = 0
    /// The next one from the same state; -1 where there is none.
    var next: Int32 = -1
    /// Where it leads.
    var state: Int32
    /// Of the value; of doubles in `doubleColumn`.
    var column: Int32 = -1
    var doubleColumn: Int32 = -1
    /// The value's place in the survey; -1 where there is no value.
    var node: Int32
    /// The places in the survey of what begins in the text: the first of `containers`.
    var firstContainer: Int32
    var containerCount: Int32
    /// What happens to arrays in the text: the first of `effects`.
    var firstEffect: Int32
    var effectCount: Int32
  }

  /// What happens to an array between two values.
  enum Effect {
    case open(scope: Int32)
    case element(scope: Int32)
    case close(scope: Int32, column: Int32)
  }

  /// A value that was read.
  struct Found {
    var move: Int32
    /// Whether it is a double, where it is a number.
    var isDouble: Bool
    /// The bits of a number or boolean; of a text its offset in the chunk, and its byte count above.
    var bits: UInt64

    /// Where a text is.
    @inline(__always)
    var place: Tape.Place {
      Tape.Place(
        offset: Int(truncatingIfNeeded: bits & 0xFFFF_FFFF),
        count: Int(truncatingIfNeeded: bits &>> 32)
      )
    }

    /// The value as a tape has it.
    func entry(_ kind: Kind) -> Tape.Entry {
      switch kind {
      case .string:
        Tape.Entry(tag: .string, name: -1, extent: Int32(place.count), bits: UInt64(place.offset))
      case .boolean: Tape.Entry(tag: .boolean, name: -1, extent: 0, bits: bits)
      case .number, .end:
        Tape.Entry(tag: isDouble ? .double : .integer, name: -1, extent: 0, bits: bits)
      }
    }
  }

  static let moveCountMax = 4_096
  /// Values of a row, the end included.
  static let foundCountMax = 4_096
  /// Rows that are learned from.
  private static let lessonCountMax = 4_096

  let moves: UnsafeMutablePointer<Move> = .allocate(capacity: moveCountMax)
  var moveCount = 0
  let found: UnsafeMutablePointer<Found> = .allocate(capacity: foundCountMax)
  var foundCount = 0
  /// Where the key of the row that was read is: its offset and byte count; of none when it has none.
  var key = Tape.Place(offset: 0, count: 0)
  /// The texts of all moves, one behind the other.
  var texts = ByteHeap(capacity: 1 << 14)
  var containers = NumberHeap<Int32>(capacity: 256)
  var effects: [Effect] = []
  /// The most effects of a move.
  var effectCountMax = 0

  /// Of each state its first move and its last; -1 where there is none.
  var firstMoves = NumberHeap<Int32>(capacity: 256)
  var lastMoves = NumberHeap<Int32>(capacity: 256)
  /// Of each state the fields of its object that were met right behind it.
  var followers: [[Int32]] = []
  /// States by that of their container and the number of their name, which is -1 for elements.
  var states: [UInt64: Int32] = [:]

  /// The way to the key, in numbers of names; `nil` where it is not known by one.
  private let keyRule: [RowKind: [Text]]
  var keyPath: [Int32] = []
  private var lessonCount = 0
  private var hitCount = 0
  private var missCount = 0
  /// How often the survey had folded objects when the first move was learned.
  private var foldCount = 0

  init(_ options: IntakeOptions) {
    var rule: [RowKind: [Text]] = [:]
    if options.declared.profile.isEmpty {
      rule[.attributes] = LineShapes.names(options.profileKey)
    }
    if options.declared.event.isEmpty, options.eventTime == nil {
      rule[.event] = LineShapes.names(options.eventKey)
    }
    keyRule = rule
  }

  deinit {
    unsafe moves.deallocate()
    unsafe found.deallocate()
    texts.free()
    containers.free()
    firstMoves.free()
    lastMoves.free()
  }

  private static func names(_ rule: KeyRule) -> [Text]? {
    switch rule {
    case .standard: ["_id"]
    case .path(let path): path.names
    case .rowNumber: nil
    }
  }

  /// Begins a chunk.
  mutating func begin(_ kind: RowKind, _ names: inout NameTable) {
    keyPath = keyRule[kind]?.map { names.number($0) } ?? []
    lessonCount = 0
    hitCount = 0
    missCount = 0
    removeAll()
  }

  /// Whether it is worth trying to read a row by them.
  var areOfUse: Bool { moveCount > 0 && missCount <= hitCount &+ 1_024 }

  mutating func count(isHit: Bool) {
    if isHit { hitCount &+= 1 } else { missCount &+= 1 }
  }

  /// Counts a row to be learned from; answers whether there have been few enough.
  mutating func beginLesson() -> Bool {
    guard !keyPath.isEmpty, lessonCount < LineShapes.lessonCountMax,
      moveCount < LineShapes.moveCountMax
    else { return false }
    lessonCount += 1
    return true
  }

  /// Forgets all moves when objects have become maps since: their places are others now.
  @inline(__always)
  mutating func follow(foldCount: Int) {
    guard foldCount != self.foldCount else { return }
    self.foldCount = foldCount
    removeAll()
  }

  mutating func removeAll() {
    moveCount = 0
    foundCount = 0
    texts.removeAll()
    containers.removeAll()
    effects.removeAll(keepingCapacity: true)
    effectCountMax = 0
    firstMoves.removeAll()
    lastMoves.removeAll()
    followers.removeAll(keepingCapacity: true)
    states.removeAll(keepingCapacity: true)
    // The row itself.
    makeState()
  }

  mutating func makeState() {
    firstMoves.append(-1)
    lastMoves.append(-1)
    followers.append([])
  }
}
