/// The codes of a block's description; `FORMAT.md` draws it.
enum ColumnFormat {
  enum Kind {
    static let boolean: UInt8 = 1
    static let integer: UInt8 = 2
    static let double: UInt8 = 3
    static let string: UInt8 = 4
    static let array: UInt8 = 5
    static let object: UInt8 = 6
    static let map: UInt8 = 7
    static let decimal: UInt8 = 8
    static let instantText: UInt8 = 9
    /// The texts of the table's instants.
    static let timestamp: UInt8 = 10
  }

  enum Presence {
    static let all: UInt8 = 0
    static let some: UInt8 = 1
  }

  /// Where the texts of a string lane are.
  enum Texts {
    static let own: UInt8 = 0
    static let shared: UInt8 = 1
    static let plain: UInt8 = 2
  }

  /// Which of a block's buffers one is.
  enum Place {
    case first
    /// Behind all others, because only readers of whole profiles need it.
    case last
  }

  /// Stands for the type of the table that events without a table of their own share.
  static let sharedTable: UInt8 = 255

  /// Buffers begin at multiples of this.
  static let alignment = 8

  /// Objects of more names than this become maps when the names are rare.
  static let mapNameCountMin = 32
  /// Names are rare when one is on average in less than this part of the objects: a sixteenth.
  static let mapFillInverse = 16

  /// Ten to a decimal's scale.
  static func powerOfTen(_ scale: Int) -> Double {
    switch scale {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    default: 10_000
    }
  }

  static func aligned(_ byteCount: Int) -> Int { (byteCount + alignment - 1) & ~(alignment - 1) }
}
