import Bytes
import Domain
import PQL
import ProfileStore

/// Writes the class of a field for every row of a table that something goes through.
@safe final class FieldClasses {
  private let binding: ShardBinding
  private let snapshot: ShardSnapshot
  /// Of fields with new values, with the classes this thread has given.
  private var classifiers: [Int: FieldClassifier]
  /// By number of the mask table.
  let masks: UnsafeMutablePointer<UnsafePointer<UInt64>>
  /// Mask tables this thread has made, by number.
  private var ownMasks: [Int: Scratch<UInt64>] = [:]
  /// By field, the classes its mask tables have.
  private var knownCounts: [Int: Int]
  private var block = 0
  /// The block's values, when some row needs them.
  private var values: ProfileBlock?

  init(_ binding: ShardBinding, _ snapshot: ShardSnapshot) {
    self.binding = binding
    self.snapshot = snapshot
    classifiers = binding.openFields.mapValues { FieldClassifier(copy: $0) }
    knownCounts = binding.openFields.mapValues { _ in 0 }
    unsafe masks = .allocate(capacity: binding.maskTables.count + 1)
    unsafe masks.initialize(from: binding.masks, count: binding.maskTables.count)
  }

  deinit { unsafe masks.deallocate() }

  /// Some field has more classes than can be told apart.
  var isFull: Bool { classifiers.values.contains(where: \.isFull) }

  /// Turns to another block.
  func begin(_ block: Int) {
    self.block = block
    values = nil
  }

  /// The block as values.
  func blockValues() throws(StoreError) -> ProfileBlock {
    if let values { return values }
    let made = try snapshot.block(block)
    values = made
    return made
  }

  /// Writes the classes of the rows of one of the block's tables.
  func write(
    _ step: FieldStep,
    _ table: FlatTable,
    number: Int,
    _ rows: TableRows,
    into classes: UnsafeMutablePointer<UInt16>
  ) throws(StoreError) {
    if unsafe step.form == .within {
      try unsafe writeWithin(step.field, number: number, rows, into: classes)
      return updateMasks(of: unsafe step.field)
    }
    let first = unsafe table.lanes + step.firstLane
    if unsafe step.laneCount > 1 || first.pointee.presence != nil {
      unsafe classes.update(repeating: step.missingClass, count: rows.count)
    }
    for index in 0..<(unsafe step.laneCount) {
      let lane = unsafe first[index]
      let positions = unsafe rows.positions(lane.presence)
      unsafe write(step.lanes[index], lane, positions, field: step.field, into: classes)
    }
  }

  private func write(
    _ step: LaneStep,
    _ lane: FlatLane,
    _ positions: LanePositions,
    field: Int,
    into classes: UnsafeMutablePointer<UInt16>
  ) {
    switch unsafe step.form {
    case .codes:
      unsafe writeClasses(
        ofCodes: lane.values,
        width: lane.width,
        positions,
        by: lane.isSpread ? step.classes : step.classes + 1,
        into: classes
      )
    case .booleans:
      unsafe writeClasses(ofBits: lane.values, positions, by: step.classes, into: classes)
    case .numbers, .doubles, .asked:
      guard let classifier = classifiers[field] else { return }
      unsafe ask(classifier, lane, positions, into: classes)
      updateMasks(of: field)
    }
  }

  // MARK: New values

  private func ask(
    _ classifier: FieldClassifier,
    _ lane: FlatLane,
    _ positions: LanePositions,
    into classes: UnsafeMutablePointer<UInt16>
  ) {
    switch unsafe lane.kind {
    case .ownTexts:
      let missing = unsafe lane.isSpread ? [classifier.ofMissing] : []
      let table =
        unsafe missing + (0..<lane.textCount).map { unsafe classifier.classOf(lane.text($0)) }
      unsafe table.withUnsafeBufferPointer { table in
        guard let table = table.baseAddress else { return }
        unsafe writeClasses(
          ofCodes: lane.values,
          width: lane.width,
          positions,
          by: table,
          into: classes
        )
      }
    case .plainTexts:
      unsafe positions.write(into: classes) { unsafe classifier.classOf(lane.text($0)) }
    default:
      unsafe positions.write(into: classes) { index in
        let (value, place, order) = unsafe lane.value(index)
        return classifier.classOf(value, at: place, in: order)
      }
    }
  }

  private func writeWithin(
    _ field: Int,
    number: Int,
    _ rows: TableRows,
    into classes: UnsafeMutablePointer<UInt16>
  ) throws(StoreError) {
    guard let classifier = classifiers[field] else { return }
    let values = try blockValues()
    let columns = values.columns
    let column = number == 0 ? columns.attributes : columns.eventTables[number - 1].columns
    let names = classifier.path.names[...]
    for index in 0..<rows.count {
      let found = values.value(of: names, in: column, index)
      var value = found.map { RuntimeValue.data($0.value) }
      for name in found?.rest ?? [] { value = value?.property(name) }
      if case .data(let data)? = value {
        unsafe classes[index] = classifier.classOf(data)
      } else {
        unsafe classes[index] = classifier.ofMissing
      }
    }
  }

  /// Brings the mask tables of a field up to the classes there are.
  private func updateMasks(of field: Int) {
    guard let classifier = classifiers[field], knownCounts[field] != classifier.classCount else {
      return
    }
    knownCounts[field] = classifier.classCount
    for (number, table) in binding.maskTables.enumerated() where table.field == field {
      let values = table.masks(classifier)
      let scratch = ownMasks[number] ?? Scratch(count: values.count)
      ownMasks[number] = scratch
      let start = unsafe scratch.room(for: values.count)
      for index in values.indices { unsafe start[index] = values[index] }
      unsafe masks[number] = UnsafePointer(start)
    }
  }
}

extension FlatLane {
  /// A number as a value, its place in the order of its kind, and that order.
  fileprivate func value(_ index: Int) -> (Value, place: UInt64, ValueOrder) {
    let bits = unsafe packedNumber(values, width, index)
    let number = unsafe base &+ Int64(bitPattern: bits)
    let place = ValueOrder.place(of: number)
    switch unsafe kind {
    case .decimals:
      let divisor = [1, 10, 100, 1_000, 10_000][Int(unsafe detail)] as Double
      return (.double(Double(number) / divisor), place, .decimals(scale: Int(unsafe detail)))
    case .doubles: return (.double(Double(bitPattern: bits)), orderedBits(bits), .doubles)
    case .instantTexts:
      let style = InstantStyle(rawValue: unsafe detail) ?? .millisecond
      return (.string(style.text(of: number)), place, .texts(style))
    default: return (.integer(number), place, .integers)
    }
  }
}
