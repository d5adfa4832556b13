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
  /// The times after some profiles got a new one.
  ///
  /// - Parameters:
  ///   - times: those before.
  ///   - known: whose they are, by ascending number; all of them are in `present`.
  ///   - changed: who gets the new instant; all others of `present` are in `known`.
  ///   - present: who has a time afterwards.
  ///   - instant: the new one.
  init(
    after times: QualificationTimes,
    of known: Bitmap,
    changed: Bitmap,
    present: Bitmap,
    at instant: Instant
  ) {
    let all = Set(times.instants + [instant]).sorted()
    let places = times.instants.map { old in UInt32(all.partitioningIndex { $0 >= old }) }
    let new = all.partitioningIndex { $0 >= instant }
    let count = present.count
    let sets = (known, changed, present)
    switch QualificationTimes.codeByteCount(all.count) {
    case 0, 1:
      let codes = QualificationTimes.carry(times.mapped(by: places), sets, count, new: UInt8(new))
      self.init(codes, of: all)
    case 2:
      let codes = QualificationTimes.carry(times.mapped(by: places), sets, count, new: UInt16(new))
      self.init(codes, of: all)
    default:
      let codes = QualificationTimes.carry(times.mapped(by: places), sets, count, new: UInt32(new))
      self.init(codes, of: all)
    }
  }

  /// The codes as indices of other instants.
  private func mapped<Code: FixedWidthInteger>(by places: [UInt32]) -> [Code] {
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

  /// Takes the codes of those known to those present, who either are known or have changed.
  private static func carry<Code: FixedWidthInteger>(
    _ codes: [Code],
    _ sets: (known: Bitmap, changed: Bitmap, present: Bitmap),
    _ count: Int,
    new: Code
  ) -> [Code] {
    let wordCount = Bitmap.chunkSize / 64
    return unsafe Array(unsafeUninitializedCapacity: count) { carried, initializedCount in
      initializedCount = count
      guard count > 0, let target = carried.baseAddress else { return }
      unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 3 * wordCount) { words in
        guard let known = words.baseAddress else { return }
        let changed = unsafe known + wordCount
        let present = unsafe changed + wordCount
        var position = 0
        var from = 0
        for chunk in 0..<sets.present.chunkCount {
          unsafe sets.known.copyWords(ofChunk: chunk, into: known)
          unsafe sets.changed.copyWords(ofChunk: chunk, into: changed)
          unsafe sets.present.copyWords(ofChunk: chunk, into: present)
          for word in 0..<wordCount {
            var rest = unsafe present[word]
            let isNew = unsafe changed[word]
            let isKnown = unsafe known[word]
            if isNew == 0 {
              let kept = rest.nonzeroBitCount
              for index in 0..<kept { unsafe target[position &+ index] = codes[from &+ index] }
              position &+= kept
              from &+= kept
              continue
            }
            while rest != 0 {
              let bit = rest & (0 &- rest)
              rest ^= bit
              unsafe target[position] = isNew & bit != 0 ? new : codes[from]
              position &+= 1
              if isKnown & bit != 0 { from &+= 1 }
            }
          }
        }
      }
    }
  }

  /// Times as indices of ascending instants; those that no code names are left out.
  private init<Code: FixedWidthInteger>(_ codes: [Code], of instants: [Instant]) {
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
