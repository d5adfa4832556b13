package import Bytes

/// An instant for each of many profiles, few of which differ: kept as codes of a byte or two.
package struct QualificationTimes: Hashable, Sendable {
  /// Each as wide as the number of instants asks for.
  enum Codes: Hashable, Sendable {
    /// At most one instant.
    case none
    case bytes([UInt8])
    case shorts([UInt16])
    case words([UInt32])
  }

  package let count: Int
  /// Ascending, each once; each is some profile's.
  let instants: [Instant]
  let codes: Codes

  /// No times.
  init() { self.init(count: 0, at: Instant(milliseconds: 0)) }

  /// The same instant for all.
  init(count: Int, at instant: Instant) {
    self.count = count
    instants = count > 0 ? [instant] : []
    codes = .none
  }

  init(count: Int, instants: [Instant], codes: Codes) {
    self.count = count
    self.instants = instants
    self.codes = codes
  }

  package subscript(position: Int) -> Instant { instants[code(at: position)] }

  /// The index of a profile's instant among those in use.
  func code(at position: Int) -> Int {
    switch codes {
    case .none: 0
    case .bytes(let codes): Int(codes[position])
    case .shorts(let codes): Int(codes[position])
    case .words(let codes): Int(codes[position])
    }
  }

  /// A checksum of all of it: the same for equal times.
  var digest: UInt32 {
    var writer = ByteWriter()
    writer.write(count)
    for instant in instants { writer.write(instant) }
    let seed = crc32c(writer.bytes)
    return switch codes {
    case .none: seed
    case .bytes(let codes): crc32c(codes, seed: seed)
    case .shorts(let codes): unsafe codes.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
    case .words(let codes): unsafe codes.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
    }
  }

  static func codeByteCount(_ instantCount: Int) -> Int {
    instantCount <= 1 ? 0 : instantCount <= 1 << 8 ? 1 : instantCount <= 1 << 16 ? 2 : 4
  }
}

extension QualificationTimes {
  /// The instants with others among them, and where each of the old and of the added ones is.
  func instants(
    adding added: [Instant]
  ) -> (all: [Instant], places: (old: [UInt32], added: [UInt32])) {
    let all = Set(instants + added).sorted()
    func places(of instants: [Instant]) -> [UInt32] {
      instants.map { instant in UInt32(all.partitioningIndex { $0 >= instant }) }
    }
    return (all, (places(of: instants), places(of: added)))
  }

  /// The codes as indices of other instants.
  func mapped<Code: FixedWidthInteger>(by places: [UInt32]) -> [Code] {
    let isSame = places.enumerated().allSatisfy { $0.offset == Int($0.element) }
    func place(_ code: some FixedWidthInteger) -> Code {
      Code(truncatingIfNeeded: places[Int(code)])
    }
    switch codes {
    case .none: return Array(repeating: Code(truncatingIfNeeded: places.first ?? 0), count: count)
    case .bytes(let codes):
      if isSame, let codes = codes as? [Code] { return codes }
      return codes.map(place)
    case .shorts(let codes):
      if isSame, let codes = codes as? [Code] { return codes }
      return codes.map(place)
    case .words(let codes): return codes.map(place)
    }
  }

  /// Times as indices of ascending instants; those that no code names are left out.
  init<Code: FixedWidthInteger>(_ codes: [Code], of instants: [Instant]) {
    var isUsed = [Bool](repeating: false, count: instants.count)
    for code in codes { isUsed[Int(code)] = true }
    var next: UInt32 = 0
    let places = isUsed.map { isUsed in
      defer { if isUsed { next += 1 } }
      return next
    }
    let used = zip(instants, isUsed).filter(\.1).map(\.0)
    let isSame = used.count == instants.count
    func narrow<Narrow: FixedWidthInteger>() -> [Narrow] {
      if isSame, let codes = codes as? [Narrow] { return codes }
      return codes.map { Narrow(truncatingIfNeeded: places[Int($0)]) }
    }
    let kept: Codes =
      switch QualificationTimes.codeByteCount(used.count) {
      case 0: .none
      case 1: .bytes(narrow())
      case 2: .shorts(narrow())
      default: .words(narrow())
      }
    self.init(count: codes.count, instants: used, codes: kept)
  }
}

extension Array {
  /// The first index whose element, and so every later one, satisfies a condition.
  fileprivate func partitioningIndex(where isLater: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isLater(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
