import Bytes
import Domain

/// How the cells of a plain CSV file become rows without a tape in between.
///
/// Plain is a file of at most 64 columns whose key stands in one of them and of whose columns nothing
/// is declared or special: then a row is good if it has a key, and what is to be counted and written
/// follows from which of its cells are empty.
struct FlatPlan: Sendable {
  /// What an object has in it, in order.
  enum Child: Sendable {
    case column(Int)
    case group(Int)
  }

  /// An object: the row itself is the first, and groups come after the one that they are in.
  struct Group: Sendable {
    /// Bit `i` for each column that is in it.
    var columns: UInt64 = 0
    var name: Text
    var children: [Child] = []
  }

  /// One step of writing a row.
  enum Step {
    /// Begins a group, or goes on at step `end` when none of its columns is filled.
    case open(columns: UInt64, name: Int32, end: Int)
    case close
    case column(Int, name: Int32, FieldType?)
  }

  static let columnCountMax = 64

  private(set) var groups: [Group]
  /// The names of each column.
  let paths: [[Text]]
  let types: [FieldType?]
  /// Bit `i` for each column of numbers.
  let numberColumns: UInt64
  /// Columns with the key, the first that is not empty counts.
  private let keyColumns: [Int]
  /// How a row is written, with numbers of names.
  private(set) var steps: [Step] = []
  private var generation = -1

  /// - Returns: `nil` when the file is not plain.
  init?(_ plan: ColumnPlan, _ options: IntakeOptions, _ kind: RowKind) {
    let paths = plan.columns.compactMap { FieldPath($0) }
    let special: Set<Text> =
      kind == .event
      ? ["identityMap", "segmentMembership"] : ["identityMap", "segmentMembership", "xEvent"]
    guard paths.count <= FlatPlan.columnCountMax, options.declared.root(kind).isEmpty,
      kind == .attributes || options.eventTime == nil,
      paths.allSatisfy({ $0.names.allSatisfy { !special.contains($0) } })
    else { return nil }
    let keys: [Text]
    switch kind == .event ? options.eventKey : options.profileKey {
    case .rowNumber: return nil
    case .path(let path): keys = [Text(path.description)]
    case .standard: keys = ["_id", "profileID"]
    }
    keyColumns = keys.compactMap { plan.columns.firstIndex(of: $0) }
    types = plan.types
    numberColumns = plan.types.enumerated().reduce(0) { bits, column in
      column.element?.isNumber == true ? bits | 1 << UInt64(column.offset) : bits
    }
    self.paths = paths.map(\.names)
    groups = [Group(name: "")]
    plan.forEach { parent, name, column in
      if let column {
        groups[parent].children.append(.column(column))
        return -1
      }
      groups.append(Group(name: name))
      groups[parent].children.append(.group(groups.count - 1))
      return groups.count - 1
    }
    for group in groups.indices.reversed() {
      for child in groups[group].children {
        switch child {
        case .column(let column): groups[group].columns |= 1 << UInt64(column)
        case .group(let inner): groups[group].columns |= groups[inner].columns
        }
      }
      let limit = options.limits.mapFieldCountMin
      if group > 0, groups[group].children.count > limit { return nil }
    }
  }

  /// The last name of a column's path.
  func columnName(_ column: Int) -> Text { paths[column].last ?? "" }

  /// Looks up the names' numbers in a table that may have new ones.
  mutating func number(_ names: inout NameTable) {
    guard generation != names.generation else { return }
    generation = names.generation
    steps = []
    addSteps(of: 0, &names)
  }

  private mutating func addSteps(of group: Int, _ names: inout NameTable) {
    for child in groups[group].children {
      switch child {
      case .column(let column):
        steps.append(.column(column, name: names.number(columnName(column)), types[column]))
      case .group(let inner):
        let start = steps.count
        let name = names.number(groups[inner].name)
        steps.append(.close)
        addSteps(of: inner, &names)
        steps.append(.close)
        steps[start] = .open(columns: groups[inner].columns, name: name, end: steps.count)
      }
    }
  }

  /// The cell with a row's key.
  struct Key {
    var cell: Tape.Place
    /// Whether the key is the cell as it is, and not the number that the cell is.
    var isPlain: Bool
  }

  /// Finds the cell with a good row's key where the key is the cell as it is.
  ///
  /// - Parameters:
  ///   - cells: as `RecordList` has them.
  ///   - filled: bit `i` where cell `i` is not empty.
  ///   - record: its text.
  /// - Returns: the cell; `nil` for other rows.
  @inline(__always)
  func plainKey(
    _ cells: UnsafePointer<UInt32>,
    _ filled: UInt64,
    _ record: UnsafePointer<UInt8>
  ) -> UInt32? {
    for column in keyColumns where filled & (1 &<< UInt64(column)) != 0 {
      let cell = unsafe cells[column]
      let byteCount = Int(cell >> 16)
      guard byteCount <= KeyRule.byteCountMax else { return nil }
      switch types[column] {
      case .integer where byteCount > 1:
        let start = unsafe record + Int(cell & 0xFFFF)
        return unsafe start[0] == 0x2D && start[1] == 0x30 ? nil : cell
      case .double: return nil
      default: return cell
      }
    }
    return nil
  }

  /// The key of a good row; `nil` when there is none or it is too long.
  @inline(__always)
  func key(_ cells: borrowing CellList, _ tape: borrowing Tape) -> Key? {
    for column in keyColumns where cells.filled & (1 << UInt64(column)) != 0 {
      let cell = cells[column]
      guard cell.count <= KeyRule.byteCountMax else { return nil }
      switch types[column] {
      case .integer where cell.count > 1:
        // Zero may be written as `-0`, and is the key `0`.
        let isZero = unsafe tape.withBytes(cell) { unsafe $0[0] == 0x2D && $0[1] == 0x30 }
        return Key(cell: cell, isPlain: !isZero)
      case .double: return Key(cell: cell, isPlain: false)
      default: return Key(cell: cell, isPlain: true)
      }
    }
    return nil
  }
}

/// What the records of a chunk had in the columns of a plain file.
struct FlatSurvey {
  private var rowCount: UInt64 = 0
  private var groupCounts: [UInt64]
  private var samples: [[SurveyTree.Sample]]
  /// Bit `i` while column `i` wants samples.
  private var sampled: UInt64 = .max

  init(_ plan: FlatPlan?) {
    groupCounts = Array(repeating: 0, count: plan?.groups.count ?? 0)
    samples = Array(repeating: [], count: plan?.paths.count ?? 0)
  }

  /// Counts a good record.
  mutating func count(
    _ cells: borrowing CellList,
    _ tape: borrowing Tape,
    _ plan: FlatPlan,
    _ types: inout [CellTypes]
  ) {
    rowCount &+= 1
    let filled = cells.filled
    for group in 1..<max(1, groupCounts.count) where filled & plan.groups[group].columns != 0 {
      groupCounts[group] &+= 1
    }
    var rest = filled
    while rest != 0 {
      let column = rest.trailingZeroBitCount
      rest &= rest &- 1
      let cell = cells[column]
      unsafe tape.withBytes(cell) { unsafe types[column].add($0) }
      if sampled & (1 &<< UInt64(column)) != 0 {
        unsafe tape.withBytes(cell) { unsafe sample(column, $0, types[column].count) }
      }
    }
  }

  /// Counts the records of a block.
  mutating func count(_ block: borrowing CellBlock, _ plan: FlatPlan) {
    rowCount &+= UInt64(block.count)
    for group in 1..<max(1, groupCounts.count) {
      let columns = plan.groups[group].columns
      for word in 0..<block.wordCount {
        var bits: UInt64 = 0
        var rest = columns
        while rest != 0 {
          unsafe bits |= block.bits(rest.trailingZeroBitCount)[word]
          rest &= rest &- 1
        }
        groupCounts[group] &+= UInt64(bits.nonzeroBitCount)
      }
    }
  }

  /// Looks for samples among records that will be counted.
  ///
  /// - Parameters:
  ///   - records: good ones.
  ///   - text: the chunk.
  ///   - types: of each column, before it is shown these cells.
  mutating func sample(
    _ records: borrowing RecordList,
    _ text: UnsafePointer<UInt8>,
    _ types: [CellTypes]
  ) {
    var numbers = types.map(\.count)
    for record in 0..<records.count {
      var rest = unsafe records.heads[record].filled & sampled
      while rest != 0 {
        let column = rest.trailingZeroBitCount
        rest &= rest &- 1
        numbers[column] &+= 1
        unsafe sample(column, records.bytes(record, column, text), numbers[column])
      }
    }
  }

  @inline(never)
  private mutating func sample(
    _ column: Int,
    _ cell: UnsafeBufferPointer<UInt8>,
    _ number: UInt64
  ) {
    let isWanted =
      number <= SurveyTree.sampledCountMax && samples[column].count < SchemaNode.sampleCountMax
    guard isWanted else {
      sampled &= ~(1 << UInt64(column))
      return
    }
    for known in samples[column] where unsafe known.isWritten(as: cell) { return }
    let sample = unsafe SurveyTree.Sample(cell, number: number)
    if !samples[column].contains(where: { $0.text == sample.text }) {
      samples[column].append(sample)
    }
  }

  /// The places of the schema that were counted.
  func part(_ plan: FlatPlan, _ types: [CellTypes]) -> SurveyPart {
    guard rowCount > 0 else { return SurveyPart() }
    return part(0, rowCount, plan, types)
  }

  private func part(
    _ group: Int,
    _ count: UInt64,
    _ plan: FlatPlan,
    _ types: [CellTypes]
  ) -> SurveyPart {
    var part = SurveyPart()
    part.kinds = .object
    part.count = count
    for child in plan.groups[group].children {
      switch child {
      case .column(let column) where types[column].count > 0:
        var field = SurveyPart()
        field.count = types[column].count
        field.samples = samples[column].map { ($0.text, $0.number) }
        part.append(plan.columnName(column), field)
      case .group(let inner) where groupCounts[inner] > 0:
        part.append(plan.groups[inner].name, self.part(inner, groupCounts[inner], plan, types))
      case .column, .group: break
      }
    }
    return part
  }
}
