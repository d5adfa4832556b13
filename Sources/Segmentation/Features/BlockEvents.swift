import Bytes
import Domain
import ProfileStore

/// The events of a block that a plan looks at, table after table: when each happened, which kinds it
/// is of, and the values of its fields.
@safe final class BlockEvents {
  /// What one thread needs of a table to find a profile's events.
  struct Table {
    /// Rows of the tables before it.
    var offset: Int
    var rowCount: Int
    /// Place among the starts.
    var starts: Int
  }

  private let plan: FeaturePlan
  private let cutOff: Int64
  private let snapshot: ShardSnapshot
  private let matcher: EventMatcher
  private let rows = TableRows()
  /// Texts of `eventType`; those that have no text are of the empty one.
  private let types: EventTypes
  /// By field of texts of the plan.
  let texts: [CategoryNames]
  private var codeTables: [[Int: CodeTable]]
  /// By field of the plan, the kinds whose features look at it.
  private let numberUsers: [UInt64]
  private let textUsers: [UInt64]

  private let instants = Scratch<Int64>(count: 0)
  private let kinds = Scratch<UInt64>(count: 0)
  private let typeRanks = Scratch<UInt32>(count: 0)
  private let numbers: [Scratch<Double>]
  private let codes: [Scratch<UInt32>]
  private let starts = Scratch<UInt32>(count: 0)
  private var tables: [Table] = []
  private var startStride = 0

  init(
    _ plan: FeaturePlan,
    _ rules: EventRules,
    _ cutOff: CutOff,
    _ snapshot: ShardSnapshot,
    texts: [CategoryNames]
  ) throws(StoreError) {
    self.plan = plan
    self.cutOff = cutOff.instant.milliseconds
    self.snapshot = snapshot
    self.texts = texts
    matcher = try EventMatcher(rules, cutOff, snapshot)
    types = EventTypes(plan.events)
    codeTables = texts.map { _ in [:] }
    numbers = plan.events.numbers.map { _ in Scratch(count: 0) }
    codes = plan.events.texts.map { _ in Scratch(count: 0) }
    numberUsers = plan.events.numbers.indices.map { field in
      plan.kinds { $0.numberField == field }
    }
    textUsers = plan.events.texts.indices.map { field in
      plan.kinds { $0.textField == field }
    }
  }

  /// By row of the block, the numbers of a field, NaN where there is none.
  ///
  /// Only of rows of kinds whose features look at the field.
  func numbers(_ field: Int) -> UnsafeMutablePointer<Double> { unsafe numbers[field].pointer }

  /// By row of the block, the codes of a field's texts, likewise.
  func codes(_ field: Int) -> UnsafeMutablePointer<UInt32> { unsafe codes[field].pointer }

  /// How many codes a field of texts has so far.
  func codeCount(_ field: Int) -> Int { texts[field].names.count }

  // MARK: A block

  /// Reads the events of a block.
  func read(_ block: Int, _ flat: FlatBlock) throws(StoreError) {
    tables = []
    startStride = flat.profileCount + 1
    var offset = 0
    for number in 1..<max(1, flat.tableCount) {
      let count = unsafe flat.tables[number].rowCount
      tables.append(Table(offset: offset, rowCount: count, starts: tables.count * startStride))
      offset += count
    }
    makeRoom(offset, rowCountMax: flat.rowCountMax)
    try matcher.begin(block, flat, offsets: tables.map(\.offset), rowCount: offset)
    let decoded = DecodedBlock(snapshot, block)
    for (index, table) in tables.enumerated() where table.rowCount > 0 {
      try unsafe read(flat.tables[index + 1], table, number: index, decoded, flat.profileCount)
    }
  }

  private func makeRoom(_ rowCount: Int, rowCountMax: Int) {
    _ = unsafe instants.room(for: rowCount)
    _ = unsafe kinds.room(for: rowCount)
    _ = unsafe typeRanks.room(for: rowCount)
    for scratch in numbers { _ = unsafe scratch.room(for: rowCount) }
    for scratch in codes { _ = unsafe scratch.room(for: rowCount) }
    _ = unsafe starts.room(for: tables.count * startStride)
  }

  private func read(
    _ flat: FlatTable,
    _ table: Table,
    number: Int,
    _ decoded: DecodedBlock,
    _ profileCount: Int
  ) throws(StoreError) {
    unsafe rows.take(rowCount: flat.rowCount)
    unsafe writeStarts(
      of: flat.profiles,
      count: flat.rowCount,
      profileCount: profileCount,
      into: starts.pointer + table.starts
    )
    unsafe readInstants(flat, table)
    let fields = unsafe snapshot.shapes[flat.shape]
    let type = fields.shape.type
    let column = EventColumn(
      fields: fields,
      table: number,
      block: decoded,
      type: type < snapshot.eventTypes.count ? snapshot.eventTypes[type] : nil
    )
    var all = try unsafe readTypes(flat, table, column)
    all |= try unsafe matcher.match(
      column,
      profiles: flat.profiles,
      rows: table.offset..<table.offset + table.rowCount,
      instants: instants.pointer,
      into: kinds.pointer
    )
    dropLater(table)
    for field in numbers.indices where numberUsers[field] & all != 0 {
      try unsafe readNumbers(field, flat, table, column)
    }
    for field in codes.indices where textUsers[field] & all != 0 {
      try unsafe readTexts(field, flat, table, column)
    }
  }

  private func readInstants(_ flat: FlatTable, _ table: Table) {
    let target = unsafe instants.pointer + table.offset
    // Events without a readable time happened at no time before the cut-off.
    unsafe target.update(repeating: .max, count: table.rowCount)
    guard let times = unsafe flat.instants else { return }
    unsafe writeNumbers(
      times.numbers,
      width: times.width,
      rows.positions(times.presence),
      base: times.base,
      factor: times.unit,
      into: target
    )
    let earliest = Instant.earliest.milliseconds
    for row in 0..<table.rowCount { unsafe target[row] = max(target[row], earliest) }
  }

  /// Events from the cut-off on are of no kind.
  private func dropLater(_ table: Table) {
    let (instants, kinds) = unsafe (instants.pointer + table.offset, kinds.pointer + table.offset)
    for row in 0..<table.rowCount where unsafe instants[row] >= cutOff { unsafe kinds[row] = 0 }
  }

  // MARK: Types

  /// Writes the kinds and the ranks of the types; returns the kinds there are.
  private func readTypes(
    _ flat: FlatTable,
    _ table: Table,
    _ column: EventColumn
  ) throws(StoreError) -> UInt64 {
    let kinds = unsafe kinds.pointer + table.offset
    let ranks = unsafe typeRanks.pointer + table.offset
    if let type = column.type {
      let code = types.code(type)
      unsafe kinds.update(repeating: types.kinds(of: code), count: table.rowCount)
      unsafe ranks.update(repeating: code, count: table.rowCount)
      return types.kinds(of: code)
    }
    let missing = types.code("")
    unsafe ranks.update(repeating: .max, count: table.rowCount)
    try unsafe readTexts([.eventType], flat, column, types.names, &types.tables, into: ranks)
    var all: UInt64 = 0
    for row in 0..<table.rowCount {
      if unsafe ranks[row] == .max { unsafe ranks[row] = missing }
      unsafe kinds[row] = types.kinds(of: ranks[row])
      all |= unsafe kinds[row]
    }
    return all
  }

  /// The first condition on events that has no answer.
  var failure: (rule: Text, EvaluationFailure)? { matcher.failure }

  /// Whether the type of one row comes before that of another.
  func precedes(_ left: Int, _ right: Int) -> Bool {
    unsafe types.precedes(typeRanks.pointer[left], typeRanks.pointer[right])
  }

  // MARK: Fields

  private func readNumbers(
    _ field: Int,
    _ flat: FlatTable,
    _ table: Table,
    _ column: EventColumn
  ) throws(StoreError) {
    let path = plan.events.numbers[field]
    let target = unsafe numbers(field) + table.offset
    unsafe target.update(repeating: .nan, count: table.rowCount)
    switch column.fields.place(of: path) {
    case .nowhere: break
    case .field(let number):
      let found = column.fields.shape.fields[number]
      for lane in found.firstLane..<found.firstLane + found.lanes.count {
        let lane = unsafe flat.lanes[lane]
        unsafe lane.writeNumbers(rows.positions(lane.presence), into: target)
      }
    case .within:
      for row in 0..<table.rowCount {
        if let number = try column.value(at: path, row)?.measured { unsafe target[row] = number }
      }
    }
  }

  private func readTexts(
    _ field: Int,
    _ flat: FlatTable,
    _ table: Table,
    _ column: EventColumn
  ) throws(StoreError) {
    let path = plan.events.texts[field]
    let target = unsafe codes(field) + table.offset
    if path == [.eventType], let type = column.type {
      let code = texts[field].code(type)
      return unsafe target.update(repeating: code, count: table.rowCount)
    }
    unsafe target.update(repeating: .max, count: table.rowCount)
    try unsafe readTexts(path, flat, column, texts[field], &codeTables[field], into: target)
  }

  private func readTexts(
    _ path: [Text],
    _ flat: FlatTable,
    _ column: EventColumn,
    _ names: CategoryNames,
    _ tables: inout [Int: CodeTable],
    into target: UnsafeMutablePointer<UInt32>
  ) throws(StoreError) {
    switch column.fields.place(of: path) {
    case .nowhere: break
    case .field(let number):
      let found = column.fields.shape.fields[number]
      for index in found.firstLane..<found.firstLane + found.lanes.count {
        let lane = unsafe flat.lanes[index]
        let dictionary = unsafe lane.kind == .sharedTexts ? lane.dictionary : -1
        var table = tables[dictionary] ?? CodeTable()
        try unsafe table.write(lane, snapshot, rows.positions(lane.presence), names, into: target)
        if dictionary >= 0 { tables[dictionary] = table }
      }
    case .within:
      for row in 0..<(unsafe flat.rowCount) {
        if let text = try column.value(at: path, row)?.text {
          unsafe target[row] = names.code(text)
        }
      }
    }
  }

  // MARK: A profile

  /// Takes a profile's events of some kind, in order.
  func gather(_ profile: Int, into list: EventList) {
    list.removeAll()
    for table in tables {
      let bounds = unsafe starts.pointer + table.starts + profile
      let first = table.offset + Int(unsafe bounds[0])
      for row in first..<table.offset + Int(unsafe bounds[1]) {
        let own = unsafe kinds.pointer[row]
        if own != 0 { unsafe list.append(instants.pointer[row], own, row) }
      }
    }
    list.sort(self)
  }
}

extension FeaturePlan {
  /// The kinds with a measure that fulfils a condition, a bit each.
  fileprivate func kinds(where isMeant: (EventMeasure) -> Bool) -> UInt64 {
    features.reduce(0) { kinds, feature in
      guard case .events(let kind, let measure) = feature.source, isMeant(measure) else {
        return kinds
      }
      return kinds | 1 << UInt64(kind)
    }
  }
}

extension EventMeasure {
  fileprivate var numberField: Int? {
    switch self {
    case .sum(let field, _), .mean(let field, _), .largest(let field, _): field
    default: nil
    }
  }

  fileprivate var textField: Int? {
    switch self {
    case .variety(let field, _), .last(let field): field
    default: nil
    }
  }
}
