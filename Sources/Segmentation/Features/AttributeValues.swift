import Bytes
import Domain
import ProfileStore

/// Reads the attributes that a plan has as features.
final class AttributeValues {
  private struct Attribute {
    var path: [Text]
    var reading: FieldReading
    var slot: BlockValues.Slot
    /// What the codes of dictionaries stand for, made when the dictionary is met.
    var ages: [Int: [Double]] = [:]
    var codes: [Int: CodeTable] = [:]
  }

  private let cutOff: CutOff
  private let snapshot: ShardSnapshot
  private let values: BlockValues
  private let rows = TableRows()
  private var attributes: [Attribute] = []

  init(
    _ plan: FeaturePlan,
    _ cutOff: CutOff,
    _ snapshot: ShardSnapshot,
    into values: BlockValues
  ) {
    self.cutOff = cutOff
    self.snapshot = snapshot
    self.values = values
    for (index, feature) in plan.features.enumerated() {
      guard case .attribute(let path, let reading) = feature.source else { continue }
      attributes.append(Attribute(path: path, reading: reading, slot: values.slots[index]))
    }
  }

  /// Writes the values of all profiles of a block.
  func write(_ block: Int, _ flat: FlatBlock) throws(StoreError) {
    if attributes.isEmpty { return }
    let table = unsafe flat.tables[0]
    let fields = unsafe snapshot.shapes[table.shape]
    rows.take(rowCount: flat.profileCount)
    var decoded: ProfileBlock?
    for index in attributes.indices {
      switch fields.place(of: attributes[index].path) {
      case .nowhere: continue
      case .field(let number):
        let field = fields.shape.fields[number]
        for lane in field.firstLane..<field.firstLane + field.lanes.count {
          try unsafe write(table.lanes[lane], of: &attributes[index])
        }
      case .within:
        let found: ProfileBlock
        if let decoded { found = decoded } else { found = try snapshot.block(block) }
        decoded = found
        write(found, of: attributes[index])
      }
    }
  }

  // MARK: Lanes

  private func write(_ lane: FlatLane, of attribute: inout Attribute) throws(StoreError) {
    switch (attribute.reading, attribute.slot) {
    case (.number, .number(let column)):
      unsafe lane.writeNumbers(rows.positions(lane.presence), into: values.numbers(column))
    case (.age, .number(let column)):
      try unsafe writeAges(lane, of: &attribute, into: values.numbers(column))
    case (.text, .category(let column)):
      try unsafe writeCodes(
        lane,
        of: &attribute,
        values.categories[column],
        into: values.codes(column)
      )
    case (.elementCount, _), (.number, .category), (.age, .category), (.text, .number): break
    }
  }

  private func writeAges(
    _ lane: FlatLane,
    of attribute: inout Attribute,
    into target: UnsafeMutablePointer<Double>
  ) throws(StoreError) {
    let positions = unsafe rows.positions(lane.presence)
    switch unsafe lane.kind {
    case .instantTexts:
      let unit = InstantStyle(rawValue: unsafe lane.detail)?.unit ?? 1
      let start = cutOff.instant.milliseconds
      unsafe positions.write(into: target) { index in
        let number = unsafe lane.base &+ Int64(bitPattern: lane.packed(index))
        return Double(start &- number &* unit) / FeatureTime.dayMilliseconds
      }
    case .sharedTexts:
      let number = unsafe lane.dictionary
      let known: [Double]
      if let made = attribute.ages[number] {
        known = made
      } else {
        known = try snapshot.dictionary(number).texts().map(age)
      }
      attribute.ages[number] = known
      let shift = unsafe lane.isSpread ? 1 : 0
      unsafe positions.write(into: target) { index in
        let code = Int(truncatingIfNeeded: unsafe lane.packed(index)) &- shift
        return code >= 0 && code < known.count ? known[code] : .nan
      }
    case .ownTexts:
      let known = (0..<(unsafe lane.textCount)).map { age(unsafe lane.text($0)) }
      let shift = unsafe lane.isSpread ? 1 : 0
      unsafe positions.write(into: target) { index in
        let code = Int(truncatingIfNeeded: unsafe lane.packed(index)) &- shift
        return code >= 0 && code < known.count ? known[code] : .nan
      }
    case .plainTexts: unsafe positions.write(into: target) { unsafe age(lane.text($0)) }
    case .booleans, .integers, .decimals, .doubles: break
    }
  }

  private func age(_ text: Text) -> Double {
    guard let time = TimeText(text) else { return .nan }
    let elapsed = cutOff.instant.milliseconds &- time.instant.milliseconds
    return Double(elapsed) / FeatureTime.dayMilliseconds
  }

  private func writeCodes(
    _ lane: FlatLane,
    of attribute: inout Attribute,
    _ names: CategoryNames,
    into target: UnsafeMutablePointer<UInt32>
  ) throws(StoreError) {
    let number = unsafe lane.kind == .sharedTexts ? lane.dictionary : -1
    var table = attribute.codes[number] ?? CodeTable()
    try unsafe table.write(
      lane,
      snapshot,
      rows.positions(lane.presence),
      names,
      into: target
    )
    if number >= 0 { attribute.codes[number] = table }
  }

  // MARK: Values one by one

  private func write(_ block: ProfileBlock, of attribute: Attribute) {
    for profile in 0..<block.count {
      guard let value = block.value(at: attribute.path, in: block.columns.attributes, profile)
      else { continue }
      switch (attribute.reading, attribute.slot) {
      case (.number, .number(let column)):
        if let number = value.measured { values.set(number, of: column, profile) }
      case (.elementCount, .number(let column)):
        if let elements = value.elements {
          values.set(Double(elements.count), of: column, profile)
        }
      case (.age, .number(let column)):
        if let text = value.text { values.set(age(text), of: column, profile) }
      case (.text, .category(let column)):
        if let text = value.text {
          unsafe values.codes(column)[profile] = values.categories[column].code(text)
        }
      case (.number, .category), (.age, .category), (.elementCount, .category), (.text, .number):
        break
      }
    }
  }
}

/// Units of what features measure.
enum FeatureTime {
  static let dayMilliseconds = 86_400_000.0
}
