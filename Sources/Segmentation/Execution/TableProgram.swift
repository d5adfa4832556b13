import ProfileStore

/// What a thread does with each table of one shape: plain values without owners, so that nothing is
/// retained or looked up on the way through the blocks.
///
/// Pointers are valid for as long as the `ShardBinding` lives.
@unsafe struct TableProgram: BitwiseCopyable {
  var fields: UnsafePointer<FieldStep>
  var fieldCount: Int
  /// Vectors of tests, and before them that of every row.
  var vectorCount: Int
  /// How many conditions want recent events, and the tests of their times, one of which holds for each
  /// recent event.
  var recentCount: Int
  var floors: MatchStep
  /// All tests of these conditions.
  var recentTests: MatchStep
  var marks: UnsafePointer<MarkStep>
  var markCount: Int
  /// Sums of the same values follow each other.
  var sums: UnsafePointer<SumStep>
  var sumCount: Int
  var halves: UnsafePointer<HalfStep>
  var halfCount: Int
  /// Whether every zone reads the rows' timestamps as the same instants.
  var isInstantInAnyZone: Bool
  /// What work on conditions, and on halves of pairs, is noted under.
  var meterPart: Int
  var halvesMeterPart: Int

  /// Nothing is wanted of the table.
  var isIdle: Bool { unsafe markCount + sumCount + halfCount == 0 }
}

/// Finding the rows that pass the tests of one field.
@unsafe struct FieldStep: BitwiseCopyable {
  enum Form {
    /// Numbers and codes are compared with what the tests ask for.
    case compared
    /// Every row's value has a class, and classes say which tests they pass.
    case classified
    /// The same; each row has to be looked into.
    case within
  }

  var form: Form
  /// Number of the field.
  var field: Int
  /// Where the vectors of the tests are, one after the other.
  var firstVector: Int
  var testCount: Int
  /// By test, whether it holds for no value.
  var ofMissing: UnsafePointer<Bool>
  var firstLane: Int
  var laneCount: Int
  var lanes: UnsafePointer<LaneStep>
  /// The class of no value.
  var missingClass: UInt16
  /// The number of the first mask table, of 64 tests; those of the next ones follow.
  var maskTable: Int
  /// What its work is noted under.
  var meterPart: Int
}

/// What is done with the values of one lane.
@unsafe struct LaneStep: BitwiseCopyable {
  enum Form {
    /// Of codes.
    case codes
    /// Of whole numbers.
    case numbers
    case doubles
    case booleans
    /// By asking for each value's class.
    case asked
  }

  var form: Form
  /// Compared: the codes that are looked for, or the numbers from which on answers change, ascending.
  var bounds: UnsafePointer<UInt64>
  var boundCount: Int
  /// Compared: by test, what it makes of the vectors of the bounds.
  var choices: UnsafePointer<RowChoice>
  /// Classified: of no value, then by code; or for false and true.
  var classes: UnsafePointer<UInt16>
}

/// What an event has to pass.
@unsafe struct MatchStep: BitwiseCopyable {
  /// Numbers of the vectors.
  var vectors: UnsafePointer<UInt32>
  var count: Int
  /// Only recent events pass.
  var isRecent: Bool
}

/// Marking the profiles with enough rows that fit.
@unsafe struct MarkStep: BitwiseCopyable {
  enum Form {
    /// A row is a profile.
    case attribute
    /// No other table has events that fit.
    case ofOneType
    /// Counts go on from table to table.
    case across
  }

  var match: MatchStep
  var form: Form
  var atLeast: Int
  /// The number of the mark, and where its vector is.
  var mark: Int
  var node: Int
}

/// Adding the values of one field.
@unsafe struct SumStep: BitwiseCopyable {
  var match: MatchStep
  var sum: Int
  /// Among the fields that are added.
  var value: Int
  /// No other table has values for it.
  var isOfOneType: Bool
  /// The lanes of the numbers.
  var firstLane: Int
  var laneCount: Int
  /// Numbers may be where no lane has them.
  var isWithin: Bool
  /// What its work is noted under.
  var meterPart: Int
}

/// Keeping the rows that are halves of pairs.
@unsafe struct HalfStep: BitwiseCopyable {
  var match: MatchStep
  var half: Int
}
