import Bytes
import Domain
import ProfileStore

extension FlatLane {
  /// Writes the numbers of a lane, booleans as 0 and 1; nothing for a lane of texts.
  func writeNumbers(_ positions: LanePositions, into target: UnsafeMutablePointer<Double>) {
    let (values, width, base) = unsafe (values, width, base)
    switch unsafe kind {
    case .integers:
      unsafe positions.write(into: target) { index in
        unsafe Double(base &+ Int64(bitPattern: packedNumber(values, width, index)))
      }
    case .decimals:
      let scale = min(Int(unsafe detail), Decimal.scaleMax)
      let divisor = Decimal.powers[scale]
      unsafe positions.write(into: target) { index in
        unsafe Double(base &+ Int64(bitPattern: packedNumber(values, width, index))) / divisor
      }
    case .doubles:
      unsafe positions.write(into: target) { index in
        unsafe Double(bitPattern: packedNumber(values, 8, index))
      }
    case .booleans:
      let words = unsafe values.assumingMemoryBound(to: UInt64.self)
      unsafe positions.write(into: target) { index in
        let bit = unsafe words[index &>> 6] &>> UInt64(truncatingIfNeeded: index & 63) & 1
        return bit == 1 ? 1 : 0
      }
    case .instantTexts, .sharedTexts, .ownTexts, .plainTexts: break
    }
  }
}

/// What the codes of lanes of texts are among the names of a feature.
struct CodeTable {
  /// By code of the dictionary; `unknown` for those that were not met.
  private var codes: [UInt32] = []
  private static let unknown = UInt32.max

  /// Writes the codes of a lane's texts; nothing for a lane of other values.
  ///
  /// The table is kept from lane to lane of one dictionary.
  mutating func write(
    _ lane: FlatLane,
    _ snapshot: ShardSnapshot,
    _ positions: LanePositions,
    _ names: CategoryNames,
    into target: UnsafeMutablePointer<UInt32>
  ) throws(StoreError) {
    switch unsafe lane.kind {
    case .sharedTexts:
      let texts = try snapshot.dictionary(unsafe lane.dictionary).texts()
      if codes.count != texts.count {
        codes = Array(repeating: Self.unknown, count: texts.count)
      }
      unsafe write(lane, positions, names, into: target) { texts[$0] }
    case .ownTexts:
      codes = Array(repeating: Self.unknown, count: unsafe lane.textCount)
      unsafe write(lane, positions, names, into: target) { unsafe lane.text($0) }
    case .plainTexts:
      unsafe positions.write(into: target) { unsafe names.code(lane.text($0)) }
    case .instantTexts:
      let style = InstantStyle(rawValue: unsafe lane.detail) ?? .millisecond
      unsafe positions.write(into: target) { index in
        let number = unsafe lane.base &+ Int64(bitPattern: lane.packed(index))
        return names.code(style.text(of: number))
      }
    case .booleans, .integers, .decimals, .doubles: break
    }
  }

  private mutating func write(
    _ lane: FlatLane,
    _ positions: LanePositions,
    _ names: CategoryNames,
    into target: UnsafeMutablePointer<UInt32>,
    _ text: (Int) -> Text
  ) {
    let shift = unsafe lane.isSpread ? 1 : 0
    unsafe positions.write(into: target) { index in
      let code = Int(truncatingIfNeeded: unsafe lane.packed(index)) &- shift
      guard code >= 0, code < codes.count else { return Self.unknown }
      if codes[code] == Self.unknown { codes[code] = names.code(text(code)) }
      return codes[code]
    }
  }
}

extension ProfileBlock {
  /// The value of a row at the end of a path that leads through objects alone.
  func value(at path: [Text], in column: Column, _ row: Int) -> Value? {
    guard let found = value(of: path[...], in: column, row) else { return nil }
    var value: Value? = found.value
    for name in found.rest { value = value?[name] }
    return value
  }
}

extension Value {
  /// The number, or a boolean as 0 or 1.
  var measured: Double? { number ?? boolean.map { $0 ? 1 : 0 } }
}
