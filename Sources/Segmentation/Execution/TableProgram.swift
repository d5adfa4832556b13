import ProfileStore

/// What a thread does with each table of one shape: plain values without owners, so that nothing is
/// retained or looked up on the way through the blocks.
///
/// Pointers are valid for as long as the `ShardBinding` lives.
@unsafe struct TableProgram: BitwiseCopyable {
  var fields: UnsafePointer<FieldStep>
  var fieldCount: Int
  var passes: UnsafePointer<PassStep>
  var passCount: Int
  /// The rows that some pass goes through.
  var usesAllRows: Bool
  var usesFloor: Bool
  var usesHalves: Bool
  /// The lane of the event's time, where there is a floor.
  var timeLane: Int
  /// The least place, in the order of that lane, that matters to a pass with a floor.
  var floor: UInt64
  /// Whether every zone reads the rows' timestamps as the same instants.
  var isInstantInAnyZone: Bool
}

/// Rows of a table that something goes through.
enum RowSet: CaseIterable {
  case all
  /// From the floor on.
  case floor
  /// Of profiles that may have the other half of a pair.
  case halves
}

/// Finding the classes of one field.
@unsafe struct FieldStep: BitwiseCopyable {
  /// Number of the field.
  var field: Int
  var rows: RowSet
  /// Each row has to be looked into.
  var isWithin: Bool
  var ofMissing: UInt16
  var firstLane: Int
  var laneCount: Int
  var lanes: UnsafePointer<LaneStep>
  /// What its work is noted under.
  var meterPart: Int
}

/// Finding the classes of the values of one lane.
@unsafe struct LaneStep: BitwiseCopyable {
  enum Form {
    /// By a table over codes.
    case codes
    /// By cuts among whole numbers.
    case numbers
    /// By cuts among doubles.
    case doubles
    case booleans
    /// By asking for each value; `order` says how its place is found.
    case asked
  }

  var form: Form
  /// Of no value, then by code; or for false and true.
  var classes: UnsafePointer<UInt16>
  /// Of numbers and doubles.
  var cuts: LaneCuts
}

/// One way through the rows of a table.
@unsafe struct PassStep: BitwiseCopyable {
  enum Target {
    case attributes
    /// A word of conditions on events.
    case word
    /// A word of halves of pairs.
    case halves
  }

  var target: Target
  /// Of the word.
  var number: Int
  var bits: UInt64
  var rows: RowSet
  var fields: UnsafePointer<Int>
  var fieldCount: Int
  /// The number of the first field's mask table; those of the others follow.
  var maskTable: Int
  /// Of attributes: conditions that hold because their field is missing.
  var constant: UInt64
  /// The bits that mark a profile at once, those that count events of this table alone, and those that
  /// count on from table to table.
  var marked: UInt64
  var counted: UInt64
  var countedAcross: UInt64
  var sums: UnsafePointer<SumStep>
  var sumCount: Int
  /// Of halves: the other halves of their pairs.
  var partners: UnsafePointer<HalfBits>
  var partnerCount: Int
  /// What its work is noted under.
  var meterPart: Int
}

/// Adding the values of one field.
@unsafe struct SumStep: BitwiseCopyable {
  /// Among the fields that are added.
  var value: Int
  /// The bits of its sums.
  var bits: UInt64
  /// No other table has values for them.
  var isOfOneType: Bool
  /// What its work is noted under.
  var meterPart: Int
  /// The lanes of the numbers.
  var firstLane = 0
  var laneCount = 0
  /// Numbers may be where no lane has them.
  var isWithin = false
}
