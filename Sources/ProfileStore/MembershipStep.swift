import Bytes
import Domain

/// What one run changes in an audience: found in one pass over who was in it and who is.
struct MembershipStep {
  /// Members that were none before.
  let newlyRealized: Bitmap
  /// Members before that are none now.
  let newlyExited: Bitmap
  /// Everyone who was a member once and is none now.
  let exited: Bitmap
  /// Of members and exited afterwards.
  let lastQualifications: QualificationTimes

  init(from previous: AudienceMemberships, to members: Bitmap, at instant: Instant) {
    let times = previous.lastQualifications
    let (instants, places, new) = times.instants(adding: instant)
    var sweep = Sweep(previous, members)
    switch QualificationTimes.codeByteCount(instants.count) {
    case 0, 1:
      let codes = sweep.run(times.mapped(by: places), new: UInt8(truncatingIfNeeded: new))
      lastQualifications = QualificationTimes(codes, of: instants)
    case 2:
      let codes = sweep.run(times.mapped(by: places), new: UInt16(truncatingIfNeeded: new))
      lastQualifications = QualificationTimes(codes, of: instants)
    default:
      let codes = sweep.run(times.mapped(by: places), new: UInt32(truncatingIfNeeded: new))
      lastQualifications = QualificationTimes(codes, of: instants)
    }
    newlyRealized = sweep.realized.bitmap()
    newlyExited = sweep.left.bitmap()
    exited = sweep.exited.bitmap()
  }
}

/// The pass, chunk by chunk.
private struct Sweep {
  private static let wordCount = Bitmap.chunkSize / 64

  private let members: (before: Bitmap, after: Bitmap)
  private let exitedBefore: Bitmap
  private let chunkCount: Int
  var realized = BitmapBuilder()
  var left = BitmapBuilder()
  var exited = BitmapBuilder()

  init(_ previous: AudienceMemberships, _ after: Bitmap) {
    members = (previous.members, after)
    exitedBefore = previous.exited
    chunkCount = max(previous.members.chunkCount, after.chunkCount, exitedBefore.chunkCount)
    realized.reserve(chunkCount: chunkCount)
    left.reserve(chunkCount: chunkCount)
    exited.reserve(chunkCount: chunkCount)
  }

  /// Makes the sets, and takes the codes of all who were known to all who are.
  ///
  /// - Parameters:
  ///   - codes: of each one who was a member or exited before, by ascending ordinal.
  ///   - new: the code of whoever enters or leaves.
  /// - Returns: the codes of all who are members or exited now.
  mutating func run<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: [Code],
    new: Code
  ) -> [Code] {
    let codeCountMax = codes.count + members.after.count
    return unsafe withUnsafeTemporaryAllocation(of: Code.self, capacity: codeCountMax + 1) { room in
      guard let target = room.baseAddress else { return [] }
      let count = unsafe codes.withUnsafeBufferPointer { codes in
        unsafe run(codes, new: new, into: target)
      }
      return unsafe Array(UnsafeBufferPointer(start: target, count: count))
    }
  }

  private mutating func run<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: UnsafeBufferPointer<Code>,
    new: Code,
    into target: UnsafeMutablePointer<Code>
  ) -> Int {
    let wordCount = Sweep.wordCount
    return unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4 * wordCount) { words in
      guard let before = words.baseAddress else { return 0 }
      let after = unsafe before + wordCount
      let out = unsafe after + wordCount
      let gone = unsafe out + wordCount
      // In place of those who are members now, who are read before.
      let entered = unsafe after
      var from = 0
      var position = 0
      for chunk in 0..<chunkCount {
        unsafe members.before.copyWords(ofChunk: chunk, into: before)
        unsafe members.after.copyWords(ofChunk: chunk, into: after)
        unsafe exitedBefore.copyWords(ofChunk: chunk, into: out)
        var isChanged: UInt64 = 0
        for word in 0..<wordCount {
          let was = unsafe before[word]
          let isNow = unsafe after[word]
          let known = unsafe was | out[word]
          let changed = was ^ isNow
          isChanged |= changed
          if changed == 0 {
            let kept = known.nonzeroBitCount
            for index in 0..<kept { unsafe target[position &+ index] = codes[from &+ index] }
            position &+= kept
            from &+= kept
            unsafe entered[word] = 0
            unsafe gone[word] = 0
            continue
          }
          unsafe gone[word] = was & ~isNow
          unsafe entered[word] = isNow & ~was
          unsafe out[word] = out[word] & ~isNow | gone[word]
          var rest = unsafe isNow | out[word]
          while rest != 0 {
            let bit = rest & (0 &- rest)
            rest ^= bit
            unsafe target[position] = changed & bit != 0 ? new : codes[from]
            position &+= 1
            if known & bit != 0 { from &+= 1 }
          }
        }
        unsafe exited.append(out, count: Bitmap.chunkSize)
        guard isChanged != 0 else {
          realized.append(empty: Bitmap.chunkSize)
          left.append(empty: Bitmap.chunkSize)
          continue
        }
        unsafe realized.append(entered, count: Bitmap.chunkSize)
        unsafe left.append(gone, count: Bitmap.chunkSize)
      }
      return position
    }
  }
}
