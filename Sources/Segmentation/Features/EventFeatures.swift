import Bytes
import ProfileStore

/// Measures the events of a block's profiles.
final class EventFeatures {
  private let events: BlockEvents
  private let values: BlockValues
  /// With the kind of each; only those with features.
  private let walks: [(kind: UInt64, walk: EventWalk)]
  private let sequences: [SequenceSearch]
  private let list = EventList()
  /// Kinds that some profile had an event of so far, a bit each.
  private(set) var metKinds: UInt64 = 0

  init(
    _ plan: FeaturePlan,
    _ rules: EventRules,
    _ cutOff: CutOff,
    _ snapshot: ShardSnapshot,
    texts: [CategoryNames],
    into values: BlockValues
  ) throws(StoreError) {
    self.values = values
    events = try BlockEvents(plan, rules, cutOff, snapshot, texts: texts)
    var walks: [(kind: UInt64, walk: EventWalk)] = []
    var sequences: [SequenceSearch] = []
    for kind in plan.events.kinds.indices {
      let program = KindProgram(kind, plan, values.slots)
      let bit = UInt64(1) << UInt64(kind)
      if !program.outputs.isEmpty {
        walks.append((bit, EventWalk(program, kind: kind, cutOff: cutOff, into: values)))
      }
      sequences += program.sequences.map { SequenceSearch(first: kind, $0) }
    }
    self.walks = walks
    self.sequences = sequences
  }

  /// The first condition on events that has no answer.
  var failure: (rule: Text, EvaluationFailure)? { events.failure }

  /// Writes the features of some profiles of a block.
  func write(_ block: Int, _ flat: FlatBlock, of profiles: [Int]) throws(StoreError) {
    if walks.isEmpty && sequences.isEmpty { return }
    try events.read(block, flat)
    for (_, walk) in walks { walk.begin(events) }
    for profile in profiles {
      events.gather(profile, into: list)
      if list.count == 0 { continue }
      let own = unsafe list.events
      let kinds = list.kinds
      metKinds |= kinds
      for (kind, walk) in walks where kinds & kind != 0 {
        unsafe walk.measure(profile, own)
      }
      for search in sequences where kinds & search.first != 0 {
        let isFound = unsafe kinds & search.second != 0 && search.isFound(in: own)
        values.set(isFound ? 1 : 0, of: search.column, profile)
      }
    }
  }
}

/// Looks for an event of one kind that comes at most some time after one of another.
struct SequenceSearch {
  /// Bits of the kinds.
  let first: UInt64
  let second: UInt64
  let column: Int
  private let milliseconds: Int64

  init(first: Int, _ sequence: KindProgram.Sequence) {
    self.first = 1 << UInt64(first)
    second = 1 << UInt64(sequence.second)
    column = sequence.column
    milliseconds = sequence.milliseconds
  }

  func isFound(in events: ProfileEvents) -> Bool {
    // The newest first event so far, and the newest of those at an earlier instant than it.
    var (newest, before) = (Int64.min, Int64.min)
    for index in 0..<(unsafe events.count) {
      let (instant, kinds) = unsafe (events.instants[index], events.kinds[index])
      if kinds & second != 0 {
        let start = newest < instant ? newest : before
        if start != .min && instant &- start <= milliseconds { return true }
      }
      if kinds & first != 0, instant != newest { (newest, before) = (instant, newest) }
    }
    return false
  }
}
