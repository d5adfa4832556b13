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
    let places = times.instants.map { old in all.partitioningIndex { $0 >= old } }
    let new = all.partitioningIndex { $0 >= instant }
    var codes: [UInt32] = []
    codes.reserveCapacity(present.count)
    var position = 0
    for chunk in 0..<present.chunkCount {
      if chunk < changed.chunkCount, changed.count(ofChunk: chunk) > 0 {
        let isChanged = changed.words(ofChunk: chunk)
        let wasKnown =
          chunk < known.chunkCount
          ? known.words(ofChunk: chunk) : [UInt64](repeating: 0, count: isChanged.count)
        for (index, word) in present.words(ofChunk: chunk).enumerated() {
          var rest = word
          while rest != 0 {
            let bit = rest & (0 &- rest)
            rest ^= bit
            codes.append(
              UInt32(isChanged[index] & bit != 0 ? new : places[times.code(at: position)])
            )
            if wasKnown[index] & bit != 0 { position += 1 }
          }
        }
      } else {
        let end = position + present.count(ofChunk: chunk)
        while position < end {
          codes.append(UInt32(places[times.code(at: position)]))
          position += 1
        }
      }
    }
    self.init(codes, of: all)
  }

  /// Times as indices of ascending instants; those that no code names are left out.
  private init(_ codes: [UInt32], of instants: [Instant]) {
    var isUsed = [Bool](repeating: false, count: instants.count)
    for code in codes { isUsed[Int(code)] = true }
    var next: UInt32 = 0
    let places = isUsed.map { isUsed in
      defer { if isUsed { next += 1 } }
      return next
    }
    let used = zip(instants, isUsed).filter(\.1).map(\.0)
    let narrow: Codes =
      switch QualificationTimes.codeByteCount(used.count) {
      case 0: .none
      case 1: .bytes(codes.map { UInt8(truncatingIfNeeded: places[Int($0)]) })
      case 2: .shorts(codes.map { UInt16(truncatingIfNeeded: places[Int($0)]) })
      default: .words(codes.map { places[Int($0)] })
      }
    self.init(count: codes.count, instants: used, codes: narrow)
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
