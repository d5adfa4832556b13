/// What writer and reader of model files share; `FORMAT.md` draws the file.
enum ModelFormat {
  static let magic = Array("COVEYMDL".utf8)
  /// What is written.
  static let version: UInt32 = 2
  /// What is read: version 1 ends before the out-of-time margins.
  static let versions: ClosedRange<UInt32> = 1...2
  /// Magic, version, byte count and checksum of the contents.
  static let headerByteCount = 24

  static let featureCountMax = 100_000
  static let treeCountMax = 100_000
  static let leafCountMax = 65_536
  /// Margins and leaf values lie within this of 0.
  static let valueMax = 1e6

  enum CalibrationTag {
    static let identity: UInt8 = 0
    static let platt: UInt8 = 1
    static let isotonic: UInt8 = 2
  }

  enum TestTag {
    static let missingRight: UInt8 = 0
    static let missingLeft: UInt8 = 1
    static let among: UInt8 = 2
  }
}
