import Bytes
import Domain
import PQL
import ProfileStore

/// Finds the class of a field for every row of a block's column.
///
/// Columns of single values are done by kernels; where the way to the field passes through arrays or
/// maps, and where a value is one, each row's value is made and asked about.
@safe final class ColumnClasses {
  private let snapshot: ShardSnapshot
  private var block = 0
  private var bytes: UnsafeRawPointer
  /// The block's values, when some row needs them.
  private var values: ProfileBlock?
  /// Room for the classes at each depth of objects.
  private var rooms: [Scratch<UInt16>] = []
  private let numbers = Scratch<UInt64>(count: 1_024)
  private let relativeCuts = Scratch<UInt64>(count: 256)
  private let buckets = Scratch<UInt16>(count: 257)

  init(_ snapshot: ShardSnapshot) {
    self.snapshot = snapshot
    unsafe bytes = UnsafeRawPointer(UnsafeRawPointer(numbers.pointer))
  }

  /// Turns to a block's columns, which must live until the next one.
  func begin(_ block: Int, _ columns: BlockColumns) {
    self.block = block
    unsafe bytes = columns.bytes
    values = nil
  }

  /// Writes the class of each row of the column where the field was looked for.
  ///
  /// In `classes` there is room for the column's rows, rounded up to a multiple of 64.
  func write(
    _ located: LocatedColumn,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>,
    depth: Int = 0
  ) throws(StoreError) {
    guard depth < located.lifts.count else {
      if located.names.isEmpty {
        try unsafe writeValues(located.column, by: classifier, into: classes, depth: depth)
      } else {
        try unsafe writeSlowly(located.column, located.names, by: classifier, into: classes)
      }
      return
    }
    let lift = located.lifts[depth]
    let inner = unsafe room(depth, for: lift.count)
    try unsafe write(located, by: classifier, into: inner, depth: depth + 1)
    unsafe classes.update(repeating: classifier.ofMissing, count: lift.rowCount)
    unsafe spread(inner, over: words(lift.bits), rowCount: lift.rowCount, into: classes)
  }

  private func room(_ depth: Int, for count: Int) -> UnsafeMutablePointer<UInt16> {
    while rooms.count <= depth { rooms.append(Scratch(count: 1_024)) }
    return unsafe rooms[depth].room(for: count + 64)
  }

  private func words(_ bits: Column.Bits) -> UnsafePointer<UInt64> {
    unsafe (bytes + bits.offset).assumingMemoryBound(to: UInt64.self)
  }

  // MARK: Values

  private func writeValues(
    _ column: Column,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>,
    depth: Int
  ) throws(StoreError) {
    for lane in column.lanes {
      switch lane.values {
      case .arrays, .objects, .maps:
        return try unsafe writeSlowly(column, [], by: classifier, into: classes)
      default: continue
      }
    }
    if column.lanes.count == 1, case .all = column.lanes[0].presence {
      return try unsafe write(column.lanes[0], by: classifier, into: classes)
    }
    unsafe classes.update(repeating: classifier.ofMissing, count: column.rowCount)
    for lane in column.lanes {
      let inner = unsafe room(depth, for: lane.count)
      try unsafe write(lane, by: classifier, into: inner)
      switch lane.presence {
      case .all: unsafe classes.update(from: inner, count: lane.count)
      case .some(let bits, _):
        unsafe spread(inner, over: words(bits), rowCount: column.rowCount, into: classes)
      }
    }
  }

  /// The classes of a lane's values, in order.
  private func write(
    _ lane: Column.Lane,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>
  ) throws(StoreError) {
    let count = lane.count
    switch lane.values {
    case .booleans(let bits):
      unsafe Segmentation.classes(
        ofBits: words(bits),
        count: count,
        no: classifier.ofFalse,
        yes: classifier.ofTrue,
        into: classes
      )
    case .integers(let base, let numbers):
      unsafe write(numbers, base, .integers, count, by: classifier, into: classes) {
        .integer($0)
      }
    case .decimals(let scale, let base, let numbers):
      let divisor = [1, 10, 100, 1_000, 10_000][scale] as Double
      unsafe write(
        numbers,
        base,
        .decimals(scale: scale),
        count,
        by: classifier,
        into: classes
      ) { .double(Double($0) / divisor) }
    case .instantTexts(let style, let base, let numbers):
      unsafe write(numbers, base, .texts(style), count, by: classifier, into: classes) {
        .string(style.text(of: $0))
      }
    case .doubles(let numbers):
      let ordered = unsafe self.numbers.room(for: count)
      let values = unsafe (bytes + numbers.offset).assumingMemoryBound(to: UInt64.self)
      unsafe Segmentation.ordered(values, count: count, into: ordered)
      let cuts = classifier.cuts(.doubles)
      if cuts.areAsked {
        for index in 0..<count {
          let value = Value.double(Double(bitPattern: unsafe values[index]))
          unsafe classes[index] = classifier.classOf(value, at: ordered[index], in: .doubles)
        }
      } else {
        unsafe write(UnsafeRawPointer(ordered), width: 8, count, cuts, base: 0, classes)
      }
    case .strings(let strings): try unsafe write(strings, count, by: classifier, into: classes)
    case .arrays, .objects, .maps: break
    }
  }

  /// Classes of whole numbers counted from a base.
  private func write(
    _ numbers: PackedNumbers,
    _ base: Int64,
    _ order: ValueOrder,
    _ count: Int,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>,
    _ value: (Int64) -> Value
  ) {
    let start = unsafe bytes + numbers.offset
    let cuts = classifier.cuts(order)
    guard cuts.areAsked else {
      return unsafe write(
        start,
        width: numbers.width,
        count,
        cuts,
        base: ValueOrder.place(of: base),
        classes
      )
    }
    for index in 0..<count {
      let number = base &+ Int64(bitPattern: unsafe packedNumber(start, numbers.width, index))
      unsafe classes[index] = classifier.classOf(
        value(number),
        at: ValueOrder.place(of: number),
        in: order
      )
    }
  }

  private func write(
    _ numbers: UnsafeRawPointer,
    width: Int,
    _ count: Int,
    _ cuts: FieldClassifier.Cuts,
    base: UInt64,
    _ classes: UnsafeMutablePointer<UInt16>
  ) {
    let places = cuts.places
    let (end, isOver) = base.addingReportingOverflow(UInt64.max >> UInt64(64 - 8 * width))
    let first = Self.count(places) { $0 <= base }
    let last = isOver ? places.count : Self.count(places) { $0 <= end }
    let relative = unsafe relativeCuts.room(for: last - first + 1)
    for index in first..<last { unsafe relative[index - first] = places[index] - base }
    unsafe relative[last - first] = .max
    unsafe cuts.classes.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return }
      unsafe Segmentation.classes(
        ofNumbers: numbers,
        width: width,
        count: count,
        by: relative,
        cutCount: last - first,
        table + first,
        buckets: buckets.pointer,
        into: classes
      )
    }
  }

  /// How many of some ascending places come before the first that does not fulfil a condition.
  private static func count(_ places: [UInt64], _ holds: (UInt64) -> Bool) -> Int {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if holds(places[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Texts

  private func write(
    _ strings: Column.Strings,
    _ count: Int,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>
  ) throws(StoreError) {
    let table: [UInt16]
    switch strings.dictionary {
    case .shard(let number):
      table = classifier.classes(of: try snapshot.dictionary(number), number: number)
    case .block: table = (0..<strings.entryCount).map { classifier.classOf(entry($0, of: strings)) }
    case .plain:
      for index in 0..<count {
        unsafe classes[index] = classifier.classOf(entry(index, of: strings))
      }
      return
    }
    unsafe table.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return }
      unsafe Segmentation.classes(
        ofCodes: bytes + strings.codes.offset,
        width: strings.codes.width,
        count: count,
        by: table,
        into: classes
      )
    }
  }

  private func entry(_ index: Int, of strings: Column.Strings) -> Text {
    let starts = unsafe bytes + strings.starts.offset
    let width = strings.starts.width
    let start = Int(unsafe packedNumber(starts, width, index))
    let end = Int(unsafe packedNumber(starts, width, index + 1))
    let utf8 = unsafe UnsafeRawBufferPointer(
      start: bytes + strings.offset + start,
      count: end - start
    )
    return unsafe Text(utf8: utf8.assumingMemoryBound(to: UInt8.self)) ?? ""
  }

  // MARK: Anything else

  private func writeSlowly(
    _ column: Column,
    _ names: ArraySlice<Text>,
    by classifier: FieldClassifier,
    into classes: UnsafeMutablePointer<UInt16>
  ) throws(StoreError) {
    let values = try blockValues()
    for row in 0..<column.rowCount {
      var value = values.value(column, row).map(RuntimeValue.data)
      for name in names { value = value?.property(name) }
      if case .data(let data)? = value {
        unsafe classes[row] = classifier.classOf(data)
      } else {
        unsafe classes[row] = classifier.ofMissing
      }
    }
  }

  /// The block as values.
  func blockValues() throws(StoreError) -> ProfileBlock {
    if let values { return values }
    let made = try snapshot.block(block)
    values = made
    return made
  }
}
