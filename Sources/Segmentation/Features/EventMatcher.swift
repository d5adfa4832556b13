import Bytes
import Domain
import PQL
import ProfileStore

/// Finds out which events are custom ones of a plan, and which are excluded.
///
/// Conditions that the masks of a program tell are answered for a block at once; the others, which ask
/// something of the profile or compare fields, are asked of one event after the other.
final class EventMatcher {
  private let rules: EventRules
  private let context: EvaluationContext
  private let cutOff: Int64
  /// Kinds that some event may be of by a condition.
  private let kinds: UInt64
  private let byMasks: RowConditions?
  /// Conditions that are asked of single events, where masks tell of the others.
  private let asked: [Int]
  private var areMasksKnown = false
  /// The failure of the profile of the smallest key.
  private(set) var failure: (rule: Text, EvaluationFailure)?

  init(
    _ rules: EventRules,
    _ cutOff: CutOff,
    _ snapshot: ShardSnapshot
  ) throws(StoreError) {
    self.rules = rules
    context = EvaluationContext(now: cutOff.instant)
    self.cutOff = cutOff.instant.milliseconds
    kinds = rules.conditions.reduce(0) { $0 | $1.kind }
    if rules.conditions.isEmpty {
      (byMasks, asked) = (nil, [])
      return
    }
    var rowCountMax = 0
    for block in 0..<snapshot.blockCount {
      rowCountMax = max(rowCountMax, try snapshot.flatBlock(block).rowCountMax)
    }
    let compiled = rules.program.compiled(asOf: cutOff.instant)
    byMasks = try RowConditions(rules, compiled, snapshot, rowCountMax: rowCountMax)
    asked = rules.conditions.indices.filter { compiled.matches(ofDefinition: $0) == nil }
  }

  /// Turns to a block; `offsets` are by table of events the rows before it.
  func begin(
    _ number: Int,
    _ block: FlatBlock,
    offsets: [Int],
    rowCount: Int
  ) throws(StoreError) {
    guard let byMasks else { return }
    areMasksKnown = try byMasks.run(number, block, offsets: offsets, rowCount: rowCount)
  }

  /// Adds the custom kinds of a table's events and takes all kinds from those that are excluded.
  ///
  /// - Parameters:
  ///   - column: the table.
  ///   - profiles: by row of the table, its profile.
  ///   - rows: the table's rows among those of the block.
  ///   - instants: by row of the block; only those before the cut-off are looked at.
  ///   - kinds: by row of the block, the kinds so far.
  /// - Returns: the kinds that may have been added.
  /// - Throws: damage that was found.
  func match(
    _ column: EventColumn,
    profiles: UnsafePointer<UInt16>,
    rows: Range<Int>,
    instants: UnsafePointer<Int64>,
    into kinds: UnsafeMutablePointer<UInt64>
  ) throws(StoreError) -> UInt64 {
    guard let byMasks else { return 0 }
    if areMasksKnown { unsafe byMasks.apply(to: rows, kinds) }
    let conditions = areMasksKnown ? asked : Array(rules.conditions.indices)
    if conditions.isEmpty { return self.kinds }
    for row in rows where unsafe instants[row] < cutOff {
      let number = row - rows.lowerBound
      let event = try column.event(number)
      let profile = Int(unsafe profiles[number])
      var isExcluded = false
      for condition in conditions {
        let condition = rules.conditions[condition]
        let kind = try fulfils(condition, event, column, profile) ? condition.kind : nil
        if kind == 0 { isExcluded = true }
        unsafe kinds[row] |= kind ?? 0
      }
      if isExcluded { unsafe kinds[row] = 0 }
    }
    return self.kinds
  }

  private func fulfils(
    _ condition: EventRules.Condition,
    _ event: Value,
    _ column: EventColumn,
    _ profile: Int
  ) throws(StoreError) -> Bool {
    let block = try column.block.values()
    var object = condition.readsProfile ? block.attributes(profile) : ObjectValue()
    object[.xEvent] = .array([event])
    do throws(EvaluationError) {
      return try condition.interpreter.isMember(.object(object), in: context)
    } catch {
      let failure = EvaluationFailure(
        key: block.key(profile),
        message: Text(error.description)
      )
      if self.failure.map({ failure.key < $0.1.key }) ?? true {
        self.failure = (condition.name, failure)
      }
      return false
    }
  }
}
