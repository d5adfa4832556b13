import Bytes
import Domain
import ProfileStore

/// What was met at one place of a shard's data.
struct PlaceSurvey {
  var numbers = CensusTaker()
  var texts = CensusTaker()
  /// By dictionary of the shard, which of its entries were met.
  private var usedCodes: [Int: [Bool]] = [:]

  /// Adds the values of a lane.
  mutating func add(
    _ lane: FlatLane,
    rowCount: Int,
    _ snapshot: ShardSnapshot
  ) throws(StoreError) {
    let count = unsafe lane.count
    switch unsafe lane.kind {
    case .booleans, .integers, .decimals, .doubles:
      numbers.rowCount += UInt64(count)
      for index in 0..<count { numbers.note(ValueCensus.hash(unsafe lane.double(index))) }
    case .instantTexts:
      texts.rowCount += UInt64(count)
      let style = InstantStyle(rawValue: unsafe lane.detail) ?? .millisecond
      let counts = Set(
        (0..<count).map { unsafe lane.base &+ Int64(bitPattern: lane.packed($0)) }
      )
      for count in counts { texts.note(ValueCensus.hash(style.text(of: count))) }
    case .ownTexts, .plainTexts:
      texts.rowCount += UInt64(count)
      for index in 0..<(unsafe lane.textCount) {
        texts.note(unsafe shardHash(lane.textBytes(index)))
      }
    case .sharedTexts:
      texts.rowCount += UInt64(count)
      let number = unsafe lane.dictionary
      var used = usedCodes.removeValue(forKey: number) ?? []
      let entryCount = try snapshot.dictionary(number).entryCount
      if used.count < entryCount {
        used += Array(repeating: false, count: entryCount - used.count)
      }
      let shift = unsafe lane.isSpread ? 1 : 0
      for index in 0..<(unsafe lane.isSpread ? rowCount : count) {
        let code = Int(truncatingIfNeeded: unsafe lane.packed(index)) &- shift
        if code >= 0, code < entryCount { used[code] = true }
      }
      usedCodes[number] = used
    }
  }

  /// Adds the entries of dictionaries that were met.
  mutating func addDictionaries(_ snapshot: ShardSnapshot) throws(StoreError) {
    for (number, used) in usedCodes {
      let dictionary = try snapshot.dictionary(number)
      for code in used.indices where used[code] {
        texts.note(unsafe shardHash(dictionary.bytes(code)))
      }
    }
    usedCodes = [:]
  }
}

/// Takes a census value by value.
struct CensusTaker {
  private static let pendingCountMax = 4_096

  var rowCount: UInt64 = 0
  private var census = ValueCensus()
  private var bound = UInt64.max
  private var pending: Set<UInt64> = []

  /// Adds a row with a text.
  mutating func add(_ text: Text) {
    rowCount += 1
    note(ValueCensus.hash(text))
  }

  /// Adds a row with a number.
  mutating func add(_ number: Double) {
    rowCount += 1
    note(ValueCensus.hash(number))
  }

  /// Notes that there is a value of a hash.
  @inline(__always)
  mutating func note(_ hash: UInt64) {
    if hash > bound { return }
    pending.insert(hash)
    if pending.count >= Self.pendingCountMax { settle() }
  }

  private mutating func settle() {
    census.add(pending)
    pending.removeAll(keepingCapacity: true)
    bound = census.hashBound ?? .max
  }

  mutating func finish() -> ValueCensus {
    settle()
    census.rowCount = rowCount
    return census
  }
}

extension FlatLane {
  /// A number or code as it is kept.
  @inline(__always)
  func packed(_ index: Int) -> UInt64 { unsafe packedNumber(values, width, index) }

  /// The number of a value, a boolean as 0 or 1; of lanes of numbers and booleans.
  @inline(__always)
  func double(_ index: Int) -> Double {
    switch unsafe kind {
    case .booleans:
      let words = unsafe values.assumingMemoryBound(to: UInt64.self)
      return unsafe Double(words[index &>> 6] &>> UInt64(truncatingIfNeeded: index & 63) & 1)
    case .doubles: return unsafe Double(bitPattern: packedNumber(values, 8, index))
    case .decimals:
      let divisor = Decimal.powers[min(Int(unsafe detail), Decimal.scaleMax)]
      return unsafe Double(base &+ Int64(bitPattern: packed(index))) / divisor
    default: return unsafe Double(base &+ Int64(bitPattern: packed(index)))
    }
  }
}
