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
  /// Some pass goes through all rows.
  var usesAllRows: Bool
  /// Some pass goes through the rows from the floor on alone.
  var usesFloor: Bool
  /// The lane of the event's time, where there is a floor.
  var timeLane: Int
  /// The least place, in the order of that lane, that matters to a pass with a floor.
  var floor: UInt64
  /// Some pass looks for events of pairs.
  var hasPairs: Bool
  /// Whether every zone reads the rows' timestamps as the same instants.
  var isInstantInAnyZone: Bool
}

/// Finding the classes of one field.
@unsafe struct FieldStep: BitwiseCopyable {
  /// Number of the field.
  var field: Int
  /// For the rows from the floor on alone.
  var hasFloor: Bool
  /// Each row has to be looked into.
  var isWithin: Bool
  var ofMissing: UInt16
  var firstLane: Int
  var laneCount: Int
  var lanes: UnsafePointer<LaneStep>
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
  /// By code, or for false and true.
  var classes: UnsafePointer<UInt16>
  /// Of numbers and doubles.
  var cuts: LaneCuts
}

/// One way through the rows of a table.
@unsafe struct PassStep: BitwiseCopyable {
  enum Target {
    case exists
    case count
    case pair
    case sums
    case attributes
  }

  var target: Target
  /// Of the word or of the group of sums.
  var number: Int
  /// Binary digits of the word's counters.
  var planeCount: Int
  var bits: UInt64
  var hasFloor: Bool
  var fields: UnsafePointer<Int>
  var fieldCount: Int
  /// The number of the first field's mask table; those of the others follow.
  var maskTable: Int
  /// Of attributes: conditions that hold because their field is missing.
  var constant: UInt64
  /// Of sums: the lanes of the numbers.
  var firstLane = 0
  var laneCount = 0
  /// Of sums: numbers may be where no lane has them.
  var isWithin = false
}
