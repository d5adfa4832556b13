import Bytes
import Domain

/// Everyone who was once a member, apart from who is one: what queries and whole files tell.
struct SettledMemberships: Hashable, Sendable {
  /// Profiles that were in and are not.
  var exited: Bitmap
  /// When each member and each one of `exited` last entered or left, by ascending ordinal.
  var lastQualifications: QualificationTimes
}

/// One run's changes of an audience and, through it, those of the runs before.
///
/// A run is kept as its changes alone until somebody asks what they add up to: of many runs that
/// takes little longer than of one.
final class MembershipRun: Sendable {
  /// `nil` for the first run after what is settled.
  let previous: MembershipRun?
  let asOf: Instant
  /// Members that were none before.
  let entered: PackedBitmap
  /// Members before that are none now.
  let left: PackedBitmap
  /// This run and those before it.
  let length: Int

  init(after previous: MembershipRun?, asOf: Instant, entered: PackedBitmap, left: PackedBitmap) {
    self.previous = previous
    self.asOf = asOf
    self.entered = entered
    self.left = left
    length = (previous?.length ?? 0) + 1
  }

  /// Adds this run and those before it to what was settled.
  ///
  /// - Parameters:
  ///   - settled: before the first of the runs.
  ///   - members: after this run.
  /// - Returns: what is settled after this run.
  func added(to settled: SettledMemberships, members: Bitmap) -> SettledMemberships {
    var runs: [MembershipRun] = []
    var next: MembershipRun? = self
    while let run = next {
      runs.append(run)
      next = run.previous
    }
    let times = settled.lastQualifications
    let (instants, places) = times.instants(adding: runs.map(\.asOf))
    var sweep = Sweep(newestFirst: runs, members: members, exited: settled.exited)
    let lastQualifications =
      switch QualificationTimes.codeByteCount(instants.count) {
      case 0, 1:
        QualificationTimes(
          sweep.run(times.mapped(by: places.old), as: UInt8.self, places.added),
          of: instants
        )
      case 2:
        QualificationTimes(
          sweep.run(times.mapped(by: places.old), as: UInt16.self, places.added),
          of: instants
        )
      default:
        QualificationTimes(
          sweep.run(times.mapped(by: places.old), as: UInt32.self, places.added),
          of: instants
        )
      }
    return SettledMemberships(exited: sweep.exited.bitmap(), lastQualifications: lastQualifications)
  }
}

/// One pass over an audience, chunk by chunk, that adds up runs.
private struct Sweep {
  private static let wordCount = Bitmap.chunkSize / 64

  private let runs: [(entered: Bitmap, left: Bitmap)]
  private let members: Bitmap
  private let exitedBefore: Bitmap
  private let chunkCount: Int
  var exited = BitmapBuilder()

  init(newestFirst runs: [MembershipRun], members: Bitmap, exited: Bitmap) {
    self.runs = runs.map { ($0.entered.bitmap, $0.left.bitmap) }
    self.members = members
    exitedBefore = exited
    chunkCount = self.runs.reduce(max(members.chunkCount, exited.chunkCount)) {
      max($0, $1.entered.chunkCount, $1.left.chunkCount)
    }
    self.exited.reserve(chunkCount: chunkCount)
  }

  /// Makes the set of those who are out, and takes the codes of all who were known to all who are.
  ///
  /// - Parameters:
  ///   - codes: of each one who was a member or exited before, by ascending ordinal.
  ///   - type: of the codes.
  ///   - new: by run, the code of whoever entered or left with it last.
  /// - Returns: the codes of all who are members or exited now.
  mutating func run<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: [Code],
    as type: Code.Type,
    _ new: [UInt32]
  ) -> [Code] {
    let codeCountMax = runs.reduce(codes.count) { $0 + $1.entered.count }
    let new = new.map { Code(truncatingIfNeeded: $0) }
    return unsafe withUnsafeTemporaryAllocation(of: Code.self, capacity: codeCountMax + 1) { room in
      guard let target = room.baseAddress else { return [] }
      let count = unsafe codes.withUnsafeBufferPointer { codes in
        unsafe run(codes, new, into: target)
      }
      return unsafe Array(UnsafeBufferPointer(start: target, count: count))
    }
  }

  private mutating func run<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: UnsafeBufferPointer<Code>,
    _ new: [Code],
    into target: UnsafeMutablePointer<Code>
  ) -> Int {
    let wordCount = Sweep.wordCount
    let runCount = runs.count
    // The members, those out before, and of each run who entered and who left.
    let capacity = (2 + 2 * runCount) * wordCount
    return unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity) { words in
      guard let now = words.baseAddress else { return 0 }
      let out = unsafe now + wordCount
      let steps = unsafe out + wordCount
      var from = 0
      var position = 0
      for chunk in 0..<chunkCount {
        unsafe members.copyWords(ofChunk: chunk, into: now)
        unsafe exitedBefore.copyWords(ofChunk: chunk, into: out)
        for (index, run) in runs.enumerated() {
          let step = unsafe steps + 2 * index * wordCount
          unsafe run.entered.copyWords(ofChunk: chunk, into: step)
          unsafe run.left.copyWords(ofChunk: chunk, into: step + wordCount)
        }
        for word in 0..<wordCount {
          let isNow = unsafe now[word]
          var was = isNow
          var changed: UInt64 = 0
          for index in 0..<runCount {
            let entered = unsafe steps[2 * index * wordCount + word]
            let left = unsafe steps[(2 * index + 1) * wordCount + word]
            changed |= entered | left
            was = was & ~entered | left
          }
          let known = unsafe was | out[word]
          if changed == 0 {
            let kept = known.nonzeroBitCount
            for index in 0..<kept { unsafe target[position &+ index] = codes[from &+ index] }
            position &+= kept
            from &+= kept
            unsafe out[word] = known & ~isNow
            continue
          }
          unsafe out[word] = (known | changed) & ~isNow
          var rest = known | changed
          while rest != 0 {
            let bit = rest & (0 &- rest)
            rest ^= bit
            if changed & bit == 0 {
              unsafe target[position] = codes[from]
            } else {
              var index = 0
              while unsafe (steps[2 * index * wordCount + word]
                | steps[(2 * index + 1) * wordCount + word]) & bit == 0
              { index &+= 1 }
              unsafe target[position] = new[index]
            }
            position &+= 1
            if known & bit != 0 { from &+= 1 }
          }
        }
        unsafe exited.append(out, count: Bitmap.chunkSize)
      }
      return position
    }
  }
}
